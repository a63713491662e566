//! GitLab's answers as types, as far as they are used.

use serde::Deserialize;

/// A project, as the caller sees it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Project {
    /// Number of the project, which survives renaming.
    pub id: u64,
    /// `group/sub-group/project`
    pub path_with_namespace: String,
    /// Absent for an empty repository and for callers that may not read the code.
    pub default_branch: Option<String>,
    /// Where people look at it.
    pub web_url: String,
    /// True where the project has no commit yet.
    #[serde(default)]
    pub empty_repo: bool,
    /// Nobody may push.
    #[serde(default)]
    pub archived: bool,
    /// The caller's memberships.
    #[serde(default)]
    pub permissions: Option<ProjectPermissions>,
}

/// The caller's memberships of a project. What comes by an invitation of another group need not show here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct ProjectPermissions {
    /// Of the project itself.
    #[serde(default)]
    pub project_access: Option<ProjectMembership>,
    /// Of the group that it is in, or one above.
    #[serde(default)]
    pub group_access: Option<ProjectMembership>,
}

/// A membership.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ProjectMembership {
    /// GitLab's number for the role: 20 reporter, 30 developer, 40 maintainer, 50 owner.
    pub access_level: u64,
}

/// A role, by [GitLab's number](https://docs.gitlab.com/api/access_requests/#valid-access-levels) for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Role(u64);

impl Role {
    /// Who may push to branches that are not protected.
    pub const DEVELOPER: Self = Self(30);
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            0..10 => "Minimal access",
            10..15 => "Guest",
            15..20 => "Planner",
            20..30 => "Reporter",
            30..40 => "Developer",
            40..50 => "Maintainer",
            50.. => "Owner",
        })
    }
}

impl Project {
    /// The caller's greatest role that shows.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        let permissions = self.permissions.iter();
        let memberships = permissions.flat_map(|it| [&it.project_access, &it.group_access]);
        let levels = memberships.flatten().map(|it| it.access_level);
        levels.max().map(Role)
    }

    /// Tells whether the caller is seen to be a developer or more.
    #[must_use]
    pub fn is_developer(&self) -> bool {
        self.role().is_some_and(|role| role >= Role::DEVELOPER)
    }
}

/// A branch.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Branch {
    /// Name of the branch.
    pub name: String,
    /// Head of the branch.
    pub commit: Commit,
    /// True where the caller may push. Says nothing of the token's scope: a `read_api` token can show `true` and be
    /// refused.
    #[serde(default)]
    pub can_push: bool,
    /// Only some may push.
    #[serde(default)]
    pub protected: bool,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Commit {
    /// The full id.
    pub id: String,
    /// Empty for the first commit.
    #[serde(default)]
    pub parent_ids: Vec<String>,
    /// The whole message with its trailers.
    #[serde(default)]
    pub message: String,
    /// Who made the change.
    #[serde(default)]
    pub author_name: String,
    /// When it was made, by GitLab's clock: `2026-09-12T10:00:00.000+02:00`.
    #[serde(default)]
    pub committed_date: String,
    /// Where people look at it.
    #[serde(default)]
    pub web_url: String,
}

/// Kind of an entry of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// A file, or a symbolic link.
    Blob,
    /// A folder.
    Tree,
    /// A submodule.
    Commit,
}

/// An entry of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TreeEntry {
    /// Git's object id, 40 hexadecimal digits, or 64 in a SHA-256 repository.
    pub id: String,
    /// Kind of the entry.
    #[serde(rename = "type")]
    pub kind: EntryKind,
    /// From the repository's root.
    pub path: String,
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TreePage {
    /// Empty where the folder does not exist.
    pub entries: Vec<TreeEntry>,
    /// How to go on; `None` at the end.
    pub next: Option<NextPage>,
}

/// How a listing goes on: the query of GitLab's link, encoded as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextPage {
    pub(crate) query: String,
}

impl NextPage {
    /// Token to go on with by [`crate::ProjectApi::tree_after`].
    #[must_use]
    pub fn token(&self) -> Option<String> {
        let pairs = self.query.split('&');
        let token = pairs
            .filter_map(|pair| pair.strip_prefix("page_token="))
            .next()?;
        let decoded = percent_encoding::percent_decode_str(token)
            .decode_utf8()
            .ok()?;
        Some(decoded.into_owned())
    }
}

/// A merge request to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMergeRequest {
    /// Where the commits are.
    pub source_branch: String,
    /// Where they should go.
    pub target_branch: String,
    /// One line.
    pub title: String,
    /// Markdown.
    pub description: String,
}

/// A merge request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MergeRequest {
    /// Number of the merge request within the project.
    pub iid: u64,
    /// Where people look at it.
    pub web_url: String,
    /// `opened`, `closed`, `locked` or `merged`.
    #[serde(default)]
    pub state: String,
    /// One line.
    #[serde(default)]
    pub title: String,
    /// Markdown.
    #[serde(default)]
    pub description: Option<String>,
    /// Where the commits are.
    #[serde(default)]
    pub source_branch: String,
    /// Where they should go.
    #[serde(default)]
    pub target_branch: String,
    /// The project that the commits are in: a fork can have a branch of the same name.
    #[serde(default)]
    pub source_project_id: Option<u64>,
}

impl MergeRequest {
    /// Tells whether the merge request waits to be merged.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == "opened"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_request_waits_while_it_is_opened() {
        for (state, is_open) in [
            ("opened", true),
            ("closed", false),
            ("locked", false),
            ("merged", false),
        ] {
            let json = serde_json::json!({"iid": 1, "state": state, "title": "t", "web_url": "u",
                "source_branch": "a", "target_branch": "b"});
            let merge_request: MergeRequest = serde_json::from_value(json).unwrap();
            assert_eq!(merge_request.is_open(), is_open, "{state}");
        }
    }
}

//! GitLab's representations that several endpoints share.

use git2::{Commit, Repository};
use serde_json::{Map, Value, json};

use super::access::MemberAccess;
use super::dates;
use crate::accounts::UserRecord;
use crate::git::{self, ChangedFile};
use crate::state::GitLabState;

/// Characters of an abbreviated commit id.
const SHORT: usize = 8;
/// From this length on a title is cut after [`CUT_TITLE`] characters.
const LONG_TITLE: usize = 100;
const CUT_TITLE: usize = 80;

/// A commit. Trailers are parsed on request only, as Gitaly does.
pub(crate) fn commit(app: &GitLabState, commit: &Commit<'_>, with_trailers: bool) -> Value {
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    let (author, committer) = (commit.author(), commit.committer());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (trailers, extended) = if with_trailers {
        trailers(&message)
    } else {
        (Map::new(), Map::new())
    };
    json!({
        "id": commit.id().to_string(),
        "short_id": short(commit.id()),
        "parent_ids": commit.parent_ids().map(|id| id.to_string()).collect::<Vec<_>>(),
        "title": title(&message),
        "message": message,
        "author_name": text(author.name_bytes()),
        "author_email": text(author.email_bytes()),
        "authored_date": dates::of_commit(author.when()),
        "committer_name": text(committer.name_bytes()),
        "committer_email": text(committer.email_bytes()),
        "committed_date": dates::of_commit(committer.when()),
        "created_at": dates::of_commit(committer.when()),
        "trailers": trailers,
        "extended_trailers": extended,
        "web_url": format!("{}/-/commit/{}", app.project_url(), commit.id()),
    })
}

/// A commit with what single-commit answers add.
pub(crate) fn commit_detail(
    app: &GitLabState,
    repository: &Repository,
    id: git2::Oid,
    stats: bool,
) -> Result<Value, git2::Error> {
    let mut detail = commit(app, &repository.find_commit(id)?, false);
    if let Some(fields) = detail.as_object_mut() {
        if stats {
            let stats = git::stats(repository, id)?;
            let total = stats.additions + stats.deletions;
            fields.insert("stats".into(), json!({ "additions": stats.additions, "deletions": stats.deletions, "total": total }));
        }
        fields.insert("status".into(), Value::Null);
        fields.insert("last_pipeline".into(), Value::Null);
        fields.insert("project_id".into(), app.project.id().into());
    }
    Ok(detail)
}

/// A branch as the caller sees it.
pub(crate) fn branch(
    app: &GitLabState,
    repository: &Repository,
    access: &MemberAccess,
    name: &str,
    head: git2::Oid,
) -> Result<Value, git2::Error> {
    let default = git::default_branch(repository)?;
    let merged = name != default
        && match git::branch_head(repository, &default)? {
            Some(target) => git::reaches(repository, target, head)?,
            None => false,
        };
    Ok(json!({
        "name": name,
        "commit": commit(app, &repository.find_commit(head)?, false),
        "merged": merged,
        "protected": app.project.is_protected(name),
        "developers_can_push": false,
        "developers_can_merge": false,
        "can_push": access.may_push(app, repository, name)?,
        "default": name == default,
        "web_url": format!("{}/-/tree/{name}", app.project_url()),
    }))
}

pub(crate) fn diff(file: &ChangedFile) -> Value {
    json!({
        "diff": file.text,
        "new_path": file.new_path,
        "old_path": file.old_path,
        "a_mode": format!("{:o}", file.old_mode),
        "b_mode": format!("{:o}", file.new_mode),
        "new_file": file.status == git2::Delta::Added,
        "renamed_file": file.status == git2::Delta::Renamed,
        "deleted_file": file.status == git2::Delta::Deleted,
        "generated_file": false,
        "collapsed": false,
        "too_large": false,
    })
}

/// A user as part of something else.
pub(crate) fn user_basic(app: &GitLabState, user: &UserRecord) -> Value {
    json!({
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "state": if user.blocked { "blocked" } else { "active" },
        "locked": false,
        "avatar_url": null,
        "web_url": format!("{}/{}", app.url, user.username),
    })
}

pub(crate) fn short(id: git2::Oid) -> String {
    id.to_string().chars().take(SHORT).collect()
}

/// The message's first line; a long one is cut at a word's end.
fn title(message: &str) -> String {
    let line = message
        .trim_start()
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end();
    if line.chars().count() < LONG_TITLE {
        return line.to_owned();
    }
    // A space right behind the last character that fits ends a word too.
    let cut: String = line.chars().take(CUT_TITLE + 1).collect();
    let kept = cut.rsplit_once(' ').map(|(words, _)| words.to_owned());
    let kept = kept.unwrap_or_else(|| cut.chars().take(CUT_TITLE).collect());
    format!("{kept}…")
}

/// Trailers by name: the last value of each, and all values.
fn trailers(message: &str) -> (Map<String, Value>, Map<String, Value>) {
    let (mut last, mut all) = (Map::new(), Map::new());
    let Ok(found) = git2::message_trailers_strs(message) else {
        return (last, all);
    };
    for (name, value) in found.iter() {
        last.insert(name.to_owned(), value.into());
        if let Some(values) = all.entry(name).or_insert_with(|| json!([])).as_array_mut() {
            values.push(value.into());
        }
    }
    (last, all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_long_titles_at_a_word() {
        assert_eq!(title("short\n\nbody"), "short");
        let words = "word ".repeat(30);
        assert_eq!(title(&words), format!("{}…", "word ".repeat(16).trim_end()));
        let exact = format!("{} {}", "x".repeat(80), "y".repeat(40));
        assert_eq!(title(&exact), format!("{}…", "x".repeat(80)));
        assert_eq!(title(&"x".repeat(120)), format!("{}…", "x".repeat(80)));
    }

    #[test]
    fn reads_trailers() {
        let (last, all) = trailers("Title\n\nBody\n\nRequest-Id: a\nCluster: x\nCluster: y\n");
        assert_eq!(json!(last), json!({ "Request-Id": "a", "Cluster": "y" }));
        assert_eq!(
            json!(all),
            json!({ "Request-Id": ["a"], "Cluster": ["x", "y"] })
        );
    }
}

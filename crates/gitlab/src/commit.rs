//! A commit to be made.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// A commit to be made: all its actions or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommit {
    /// The branch to commit to. It is created where [`Self::start`] says from what, or where the
    /// repository is empty.
    pub branch: String,
    /// Start of a new branch; `None` for a branch that exists.
    pub start: Option<BranchStart>,
    /// Lets the branch begin anew at [`Self::start`] where it exists: what it has is gone from it then.
    pub force: bool,
    /// Subject, body and trailers: see [`crate::message`].
    pub message: String,
    /// Name and mail address of the author; `None` for the token's user.
    pub author: Option<(String, String)>,
    /// In the order in which they are applied. GitLab refuses an empty list.
    pub actions: Vec<Action>,
}

/// Start of a new branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BranchStart {
    /// The head of a branch.
    Branch(String),
    /// A full commit id. GitLab refuses it for a branch that exists, unless it is forced.
    Commit(String),
}

/// A change to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A new file. GitLab refuses it, without a race, where the file exists.
    Create {
        /// From the repository's root.
        path: String,
        /// The file's bytes.
        content: Vec<u8>,
    },
    /// New content for a file.
    Update {
        /// From the repository's root.
        path: String,
        /// The file's bytes.
        content: Vec<u8>,
        /// The commit at which the file was read; GitLab refuses where it changed since.
        last_commit_id: String,
    },
    /// Removal of a file. Never a folder's path: GitLab would remove the folder.
    Delete {
        /// From the repository's root.
        path: String,
        /// The commit at which the file was read; GitLab refuses where it changed since. Empty for a file that was
        /// never there.
        last_commit_id: String,
    },
}

impl Action {
    /// The file it changes.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Create { path, .. } | Self::Update { path, .. } | Self::Delete { path, .. } => {
                path
            }
        }
    }

    fn to_json(&self, guarded: bool) -> Value {
        let mut fields = Map::new();
        fields.insert("file_path".to_owned(), json!(self.path()));
        let (action, content, guard) = match self {
            Self::Create { content, .. } => ("create", Some(content), None),
            Self::Update {
                content,
                last_commit_id,
                ..
            } => ("update", Some(content), Some(last_commit_id)),
            Self::Delete { last_commit_id, .. } => ("delete", None, Some(last_commit_id)),
        };
        fields.insert("action".to_owned(), json!(action));
        if let Some(content) = content {
            let (encoding, content) = encode(content);
            fields.insert("encoding".to_owned(), json!(encoding));
            fields.insert("content".to_owned(), json!(content));
        }
        if let Some(guard) = guard.filter(|guard| guarded && !guard.is_empty()) {
            fields.insert("last_commit_id".to_owned(), json!(guard));
        }
        Value::Object(fields)
    }
}

/// Text goes as it is; GitLab refuses a parameter with a NUL in it, and JSON holds only Unicode.
fn encode(content: &[u8]) -> (&'static str, String) {
    match std::str::from_utf8(content) {
        Ok(text) if !text.contains('\0') => ("text", text.to_owned()),
        _ => ("base64", STANDARD.encode(content)),
    }
}

impl NewCommit {
    /// The body of `POST /projects/:id/repository/commits`.
    pub(crate) fn to_json(&self) -> Value {
        // With start_sha GitLab resolves the guard against the default branch, not the start; the
        // branch is new and the start fixed, so there is nothing to guard against.
        let guarded = !matches!(self.start, Some(BranchStart::Commit(_)));
        let actions: Vec<Value> = self.actions.iter().map(|a| a.to_json(guarded)).collect();
        let mut body = json!({
            "branch": self.branch,
            "commit_message": self.message,
            "actions": actions,
            // Counting lines costs GitLab a diff of the whole commit.
            "stats": false,
        });
        let fields = [
            (
                "start_branch",
                self.start.as_ref().and_then(BranchStart::branch),
            ),
            (
                "start_sha",
                self.start.as_ref().and_then(BranchStart::commit),
            ),
            ("author_name", self.author.as_ref().map(|a| a.0.as_str())),
            ("author_email", self.author.as_ref().map(|a| a.1.as_str())),
        ];
        if let Some(object) = body.as_object_mut() {
            for (name, value) in fields {
                if let Some(value) = value {
                    object.insert(name.to_owned(), json!(value));
                }
            }
            if self.force {
                object.insert("force".to_owned(), json!(true));
            }
        }
        body
    }
}

impl BranchStart {
    fn branch(&self) -> Option<&str> {
        match self {
            Self::Branch(name) => Some(name),
            Self::Commit(_) => None,
        }
    }

    fn commit(&self) -> Option<&str> {
        match self {
            Self::Commit(id) => Some(id),
            Self::Branch(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GitLabToken, ProjectApi};

    fn commit(start: Option<BranchStart>) -> NewCommit {
        NewCommit {
            branch: "main".to_owned(),
            start,
            force: false,
            message: "m".to_owned(),
            author: Some(("Ann".to_owned(), "ann@example.com".to_owned())),
            actions: vec![
                Action::Delete {
                    path: "a".to_owned(),
                    last_commit_id: "h".to_owned(),
                },
                Action::Create {
                    path: "b".to_owned(),
                    content: "ü\n".into(),
                },
                Action::Update {
                    path: "c".to_owned(),
                    content: vec![0xff],
                    last_commit_id: "h".to_owned(),
                },
                Action::Create {
                    path: "d".to_owned(),
                    content: vec![0],
                },
            ],
        }
    }

    fn body(commit: &NewCommit) -> Value {
        let api =
            ProjectApi::new("https://g.example", "g/p", GitLabToken::new("t").unwrap()).unwrap();
        let request = api.create_commit(commit);
        assert_eq!(request.method(), http::Method::POST);
        assert_eq!(
            *request.uri(),
            "https://g.example/api/v4/projects/g%2Fp/repository/commits"
        );
        assert_eq!(request.headers()["content-type"], "application/json");
        serde_json::from_slice(request.body()).unwrap()
    }

    #[test]
    fn to_a_branch_that_exists() {
        assert_eq!(
            body(&commit(None)),
            json!({
                "branch": "main", "commit_message": "m", "stats": false,
                "author_name": "Ann", "author_email": "ann@example.com",
                "actions": [
                    {"action": "delete", "file_path": "a", "last_commit_id": "h"},
                    {"action": "create", "file_path": "b", "encoding": "text", "content": "ü\n"},
                    {"action": "update", "file_path": "c", "encoding": "base64", "content": "/w==", "last_commit_id": "h"},
                    {"action": "create", "file_path": "d", "encoding": "base64", "content": "AA=="},
                ],
            })
        );
    }

    #[test]
    fn to_a_new_branch() {
        let from_branch = body(&commit(Some(BranchStart::Branch("main".to_owned()))));
        assert_eq!(from_branch["start_branch"], "main");
        assert_eq!(from_branch["actions"][0]["last_commit_id"], "h");

        let from_commit = body(&commit(Some(BranchStart::Commit("abc".to_owned()))));
        assert_eq!(from_commit["start_sha"], "abc");
        assert_eq!(from_commit.get("start_branch"), None);
        assert_eq!(from_commit["actions"][0].get("last_commit_id"), None);
        assert_eq!(from_commit.get("force"), None);

        let anew = body(&NewCommit {
            force: true,
            ..commit(Some(BranchStart::Commit("abc".to_owned())))
        });
        assert_eq!(
            (&anew["force"], &anew["start_sha"]),
            (&json!(true), &json!("abc"))
        );
    }

    #[test]
    fn without_an_author_gitlab_takes_the_user() {
        let body = body(&NewCommit {
            author: None,
            ..commit(None)
        });
        assert_eq!(body.get("author_name"), None);
    }
}

//! GitLab answers 400 with a text to everything that goes wrong below its API layer: a lost race, a
//! push rule, a timeout. The texts are those of `Files::MultiService`, `OperationService` and Gitaly.

use super::{Error, RaceKind};
use crate::text::ErrorBody;

const CHANGED: &str = "The file has changed since you started editing it: ";

/// gRPC status codes after which nobody knows what happened: cancelled, unknown, deadline exceeded,
/// resource exhausted, aborted, internal, unavailable, data loss.
const OUTCOME_UNKNOWN: [u8; 8] = [1, 2, 4, 8, 10, 13, 14, 15];

/// Of a 400 to a commit.
pub(super) fn classify(said: ErrorBody) -> Error {
    let text = said.text;
    if let Some(kind) = race(&text) {
        Error::LostRace(kind)
    } else if text.contains("You are not allowed to push into this branch")
        || text.contains("not allowed to push code to protected branches")
    {
        Error::PushForbidden
    } else if text.starts_with("You can only create or edit files when you are on a branch") {
        Error::BranchNotFound
    } else if grpc_code(&text).is_some_and(|code| OUTCOME_UNKNOWN.contains(&code)) {
        Error::UnknownOutcome { text }
    } else if said.error.is_some() || is_our_fault(&text) {
        Error::Unexpected { status: 400, text }
    } else {
        // Whatever is left is somebody's rule: a push rule, a hook's words, a size limit.
        Error::Refused { text }
    }
}

fn race(text: &str) -> Option<RaceKind> {
    if let Some(path) = text.strip_prefix(CHANGED) {
        let path = path.to_owned();
        return Some(RaceKind::FileChanged { path });
    }
    let known = [
        ("A file with this name already exists", RaceKind::FileExists),
        ("A file with this name doesn't exist", RaceKind::FileMissing),
        (
            "reference does not point to expected object",
            RaceKind::RefMoved,
        ),
        ("expected old object ID", RaceKind::RefMoved),
        ("Please refresh and try again", RaceKind::RefMoved),
        ("reference already exists", RaceKind::BranchExists),
        ("reference is already locked", RaceKind::RefLocked),
    ];
    if text.starts_with("A branch called '") && text.contains("already exists") {
        return Some(RaceKind::BranchExists);
    }
    known
        .into_iter()
        .find_map(|(part, kind)| text.contains(part).then_some(kind))
}

/// `9:reference update: …` → 9
fn grpc_code(text: &str) -> Option<u8> {
    text.split_once(':')?.0.parse().ok()
}

/// Parameters that GitLab can't take: our code or our configuration is wrong, not the change.
fn is_our_fault(text: &str) -> bool {
    [
        "400 Bad request",
        "Invalid json",
        "Unsupported Content-Type",
        "Invalid start_sha",
        "Cannot find start_sha",
        "You can't pass both start_branch and start_sha",
        "Something went wrong when we tried to create",
        "Path cannot include directory traversal",
        "invalid path",
        "You must provide a file path",
    ]
    .iter()
    .any(|start| text.starts_with(start))
        || grpc_code(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Error {
        let body = serde_json::json!({ "message": text }).to_string();
        classify(crate::text::read(body.as_bytes()))
    }

    #[test]
    fn lost_races() {
        let changed = RaceKind::FileChanged {
            path: "a b/c.yaml".to_owned(),
        };
        let ref_error = |rest: &str| format!("9:reference update: {rest}");
        for (text, kind) in [
            (format!("{CHANGED}a b/c.yaml"), changed),
            ("A file with this name already exists".to_owned(), RaceKind::FileExists),
            ("A file with this name doesn't exist".to_owned(), RaceKind::FileMissing),
            (ref_error("reference does not point to expected object"), RaceKind::RefMoved),
            (ref_error("reference does not point to expected object."), RaceKind::RefMoved),
            (ref_error("reference already exists"), RaceKind::BranchExists),
            (ref_error("reference is already locked"), RaceKind::RefLocked),
            (
                "Could not update refs/heads/main. Please refresh and try again.".to_owned(),
                RaceKind::RefMoved,
            ),
            (
                "9:expected old object ID not found".to_owned(),
                RaceKind::RefMoved,
            ),
            (
                "A branch called 'nautes/a' already exists. Switch to that branch in order to make changes".to_owned(),
                RaceKind::BranchExists,
            ),
        ] {
            assert_eq!(of(&text), Error::LostRace(kind), "{text}");
        }
    }

    #[test]
    fn pushing_is_not_allowed() {
        for text in [
            "You are not allowed to push into this branch",
            "You are not allowed to push code to protected branches on this project.",
        ] {
            assert_eq!(of(text), Error::PushForbidden);
        }
    }

    #[test]
    fn nobody_knows_what_happened() {
        for text in [
            "4:Deadline Exceeded",
            "4:context deadline exceeded.",
            "14:connections to all backends failing",
            "13:internal error",
            "2:unknown",
        ] {
            assert_eq!(
                of(text),
                Error::UnknownOutcome {
                    text: text.to_owned()
                }
            );
        }
    }

    #[test]
    fn somebodys_rules() {
        for text in [
            "Prevented by server hooks",
            "Commit message does not follow the pattern '^ABC-'",
            "File \"a.yaml\" is larger than the allowed size of 1 MB. Use Git LFS to manage this file.",
            "Your push has been rejected, because this repository has exceeded its size limit of 1 GB by 2 MB",
            "The repository is temporarily read-only. Please try again later.",
            "company policy 4: no commits on Fridays",
        ] {
            assert_eq!(
                of(text),
                Error::Refused {
                    text: text.to_owned()
                }
            );
        }
    }

    #[test]
    fn our_own_faults() {
        for text in [
            "400 Bad request - branch is required",
            "400 Bad request - actions[0][action] must be one of: create, update, move, delete, chmod",
            "400 Bad request - Provide at least one action, or set allow_empty to true",
            "Invalid start_sha 'x'",
            "Cannot find start_sha 'x'",
            "You can't pass both start_branch and start_sha",
            "Something went wrong when we tried to create 'a..b' for you: invalid",
            "Path cannot include directory traversal",
            "invalid path: '.git/hooks/x'",
            "You must provide a file path",
            "3:invalid argument",
        ] {
            let text = text.to_owned();
            assert_eq!(of(&text), Error::Unexpected { status: 400, text });
        }
        for body in [
            r#"{"error":"branch is missing, commit_message is missing, actions is missing"}"#,
            r#"{"message":"Invalid json","error":"Invalid json"}"#,
        ] {
            let error = classify(crate::text::read(body.as_bytes()));
            assert!(
                matches!(error, Error::Unexpected { status: 400, .. }),
                "{body}"
            );
        }
    }

    #[test]
    fn no_such_branch() {
        let text = "You can only create or edit files when you are on a branch";
        assert_eq!(of(text), Error::BranchNotFound);
    }
}

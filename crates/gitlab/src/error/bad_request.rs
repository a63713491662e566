//! GitLab answers 400 with a text to everything that goes wrong below its API layer: a lost race, a
//! push rule, a timeout. The texts are those of `Files::MultiService`, `OperationService` and Gitaly.

use super::{Error, RaceKind};
use crate::text::Said;

const CHANGED: &str = "The file has changed since you started editing it: ";

/// gRPC status codes after which nobody knows what happened: cancelled, unknown, deadline exceeded,
/// resource exhausted, aborted, internal, unavailable, data loss.
const OUTCOME_UNKNOWN: [u8; 8] = [1, 2, 4, 8, 10, 13, 14, 15];

/// Of a 400 to a commit.
pub(super) fn classify(said: Said) -> Error {
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

//! What can happen to a commit.

use std::time::Duration;

use serde_json::json;
use service::runtime::Response;

use super::row::Part::{Again, Commit, Open, Read, Rest};
use super::row::{
    WAYS, assert_told, assert_untouched, assert_written_once, bad, denied, guard, html, limited,
    play, too_many, unauthenticated, unavailable,
};
use crate::gitlab_service::answer;
use crate::runtime::Fate;
use crate::setting::gitlab_says;

const NOTHING: &str = "nothing was written";
const POST: &str = "gitlab POST commits";

#[test]
fn what_gitlab_refuses_is_not_tried_again() {
    let by_rule = |words: &'static str| denied(bad(words), words);
    let by_fault = |words: &'static str| unavailable(bad(words), words);
    let rows = [
        denied(
            gitlab_says(
                403,
                "403 Forbidden - You are not allowed to push into this branch",
            ),
            "may not push",
        ),
        denied(
            bad("You are not allowed to push into this branch"),
            "may not push",
        ),
        denied(
            bad("You are not allowed to push code to protected branches on this project."),
            "may not push",
        ),
        denied(gitlab_says(403, "403 Forbidden"), "GitLab forbids it"),
        denied(
            gitlab_says(404, "404 Repository Not Found"),
            "GitLab forbids it",
        ),
        denied(
            guard(
                403,
                "insufficient_scope",
                "The request requires higher privileges",
            ),
            "scope or permission (api)",
        ),
        denied(
            guard(
                403,
                "insufficient_granular_scope",
                "lacks the required permissions: [Commit: Create]",
            ),
            "(Commit: Create)",
        ),
        unauthenticated(
            guard(401, "invalid_token", "Token is expired."),
            "it has expired",
        ),
        unauthenticated(gitlab_says(401, "401 Unauthorized"), "it is not known"),
        // Rules of the project and of the instance.
        by_rule("Prevented by server hooks"),
        by_rule("no commits on Fridays, says the hook"),
        by_rule("Commit message does not follow the pattern '^ABC-'"),
        by_rule("Author's email 'ann@example.com' does not follow the pattern '@example.org$'"),
        denied(
            bad(
                "File \"a.yaml\" is larger than the allowed size of 1 MB. Use Git LFS to manage this file.",
            ),
            "larger than the allowed size",
        ),
        denied(
            bad(
                "Your push has been rejected, because this repository has exceeded its size limit of 1 GB by 2 MB. Please contact your GitLab administrator for more information.",
            ),
            "exceeded its size limit",
        ),
        by_rule("The repository is temporarily read-only. Please try again later."),
        denied(
            gitlab_says(
                403,
                "You cannot perform write operations on a read-only instance",
            ),
            "read-only instance",
        ),
        denied(
            gitlab_says(
                413,
                "RequestBody: upload failed: the upload size 314572801 is over maximum of 314572800 bytes: entity is too large",
            ),
            "entity is too large",
        ),
        unavailable(
            html(413, "Request Entity Too Large"),
            "takes no body as large as this commit: raise its limit",
        ),
        // What would be a fault of this software, in the words of every release.
        by_fault("400 Bad request - branch is required"),
        by_fault(
            "400 Bad request - actions[0][action] must be one of: create, update, move, delete, chmod",
        ),
        by_fault("400 Bad request - Provide at least one action, or set allow_empty to true"),
        by_fault("Invalid start_sha 'x'"),
        by_fault("Cannot find start_sha 'x'"),
        by_fault("You can't pass both start_branch and start_sha"),
        by_fault("Something went wrong when we tried to create 'a' for you: invalid"),
        by_fault("Path cannot include directory traversal"),
        by_fault("invalid path: '.git/hooks/x'"),
        by_fault("You must provide a file path"),
        unavailable(
            answer(
                400,
                &json!({"error": "branch is missing, commit_message is missing, actions is missing"}),
            ),
            "branch is missing",
        ),
        unavailable(
            answer(
                400,
                &json!({"message": "Invalid json", "error": "Invalid json"}),
            ),
            "Invalid json",
        ),
        unavailable(
            gitlab_says(405, "Non GET methods are not allowed for moved projects"),
            "has moved",
        ),
        unavailable(html(400, "400 Bad Request"), "400 Bad Request"),
        unavailable(html(403, "Request blocked"), "Request blocked"),
    ];
    for row in rows {
        for mode in WAYS {
            let fate = Fate::Answer(row.says.clone());
            let (memory, outcome) = play(mode, POST, 0, usize::MAX, fate);
            assert_told(&row, &outcome, NOTHING);
            assert_eq!(
                memory.calls(),
                mode.calls(&[Open, Read, Commit]),
                "{}",
                row.words
            );
            assert_untouched(&memory);
        }
    }
}

#[test]
fn a_rate_limit_of_a_commit_is_waited_for_within_reason() {
    let in_words = |seconds: Option<&str>, words: serde_json::Value| {
        let mut response: Response = answer(429, &json!({ "message": words }));
        if let Some(seconds) = seconds {
            let seconds = seconds.parse().unwrap();
            response.headers_mut().insert("retry-after", seconds);
        }
        response
    };
    let endpoint =
        json!({"error": "This endpoint has been requested too many times. Try again later."});
    let gitaly = json!(
        "Upstream Gitaly has been exhausted: maximum time in concurrency queue reached. Try again later"
    );
    let rows = [
        (too_many(Some("3")), 3),
        (too_many(None), 0),
        (in_words(None, endpoint), 0),
        (in_words(Some("4"), gitaly.clone()), 4),
        (in_words(None, gitaly), 0),
    ];
    for (says, seconds) in rows {
        for mode in WAYS {
            let (memory, outcome) = play(mode, POST, 0, 1, Fate::Answer(says.clone()));
            assert_eq!(outcome.0, 200, "{}", outcome.1);
            let calls = [Open, Read, Commit, Again, Read, Commit, Rest];
            assert_eq!(memory.calls(), mode.calls(&calls));
            assert!(memory.0.borrow().slept[0] >= Duration::from_secs(seconds));
            assert_written_once(&memory, mode);
        }
    }
    for mode in WAYS {
        let (memory, outcome) = play(mode, POST, 0, 1, Fate::Answer(too_many(Some("77"))));
        assert_told(&limited(too_many(None)), &outcome, NOTHING);
        assert_eq!(memory.calls(), mode.calls(&[Open, Read, Commit]));
        assert_untouched(&memory);
    }
}

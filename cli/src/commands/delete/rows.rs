//! The table of a removal.

use api::DeleteClusterResponse;
use serde::Serialize;
use serde_json::json;

use crate::args::OutputFormat;
use crate::commands::place;
use crate::exit;
use crate::failure::CommandError;
use crate::output::{self, table};
use crate::report::FailureEntry;
use crate::terminal::Terminal;

/// Result for one cluster.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    name: &'a str,
    /// `removed`, `removing`, `proposed`, `absent` or `failed`.
    result: &'static str,
    answer: Option<DeleteClusterResponse>,
    #[serde(flatten)]
    failure: Option<FailureEntry>,
    #[serde(skip)]
    code: u8,
}

impl<'a> Row<'a> {
    /// `waited`: until nothing was left.
    pub(super) fn new(
        name: &'a str,
        removed: Result<DeleteClusterResponse, CommandError>,
        waited: bool,
    ) -> Self {
        let result = match &removed {
            Err(CommandError::Timeout(_)) => "removing",
            Err(_) => "failed",
            Ok(answer) if is_proposed(answer) => "proposed",
            Ok(answer) if is_left(answer) && !waited => "removing",
            Ok(_) => "removed",
        };
        let error = removed.as_ref().err();
        Self {
            name,
            result,
            failure: error.map(FailureEntry::of_command),
            code: error.map_or(exit::DONE, CommandError::exit_code),
            answer: removed.ok(),
        }
    }

    /// A cluster that is not registered, which is as good as removed.
    pub(super) fn absent(name: &'a str) -> Self {
        Self {
            name,
            result: "absent",
            answer: None,
            failure: None,
            code: exit::DONE,
        }
    }
}

/// The exit code of a removal with these results.
pub(super) fn exit_code(rows: &[Row<'_>]) -> u8 {
    rows.iter().map(|row| row.code).max().unwrap_or(exit::DONE)
}

/// Prints the results.
pub(super) fn print(rows: &[Row<'_>], format: OutputFormat, terminal: &Terminal) {
    match format {
        OutputFormat::Text => {
            let width = terminal.shows_results.then_some(terminal.width);
            terminal.print(&draw(rows, width));
        }
        format => terminal.print(&output::document(&json!({"clusters": rows}), format)),
    }
}

fn draw(rows: &[Row<'_>], width: Option<usize>) -> String {
    let cells = rows.iter().map(|row| {
        let answer = row.answer.as_ref();
        let commit = answer.and_then(|answer| answer.commit.as_ref());
        let request = answer.and_then(|answer| answer.merge_request.as_ref());
        vec![
            row.name.to_owned(),
            row.result.to_owned(),
            place(commit, request),
        ]
    });
    let cells: Vec<Vec<String>> = cells.collect();
    table::with_addresses(&["NAME", "RESULT", "COMMIT"], &cells, width)
}

/// Tells whether a merge request has to be merged first.
fn is_proposed(answer: &DeleteClusterResponse) -> bool {
    answer
        .merge_request
        .as_ref()
        .is_some_and(|request| request.state == "opened")
}

/// Tells whether something is still being uninstalled.
fn is_left(answer: &DeleteClusterResponse) -> bool {
    answer
        .uninstalling
        .as_ref()
        .is_some_and(|left| !left.is_empty())
}

#[cfg(test)]
mod tests {
    use api::{Commit, MergeRequest};

    use super::*;

    #[test]
    fn every_result_has_its_word() {
        let commit = Commit {
            id: "69eb1bf5c0ffee".to_owned(),
            ..Commit::default()
        };
        let done = DeleteClusterResponse {
            commit: Some(commit),
            ..DeleteClusterResponse::default()
        };
        let under_way = DeleteClusterResponse {
            uninstalling: Some(vec!["Secret argocd/s".to_owned()]),
            ..done.clone()
        };
        let request = MergeRequest {
            iid: 7,
            web_url: "https://gitlab.example.com/-/merge_requests/7".to_owned(),
            state: "opened".to_owned(),
            ..MergeRequest::default()
        };
        let proposed = DeleteClusterResponse {
            merge_request: Some(request),
            ..DeleteClusterResponse::default()
        };
        let late = || Err(CommandError::Timeout("late".to_owned()));
        let rows = [
            Row::new("without-wait", Ok(under_way.clone()), false),
            Row::new("waited-for", Ok(under_way), true),
            Row::new("nothing-left", Ok(done), false),
            Row::new("by-merge-request", Ok(proposed), true),
            Row::new("late", late(), true),
            Row::new("refused", Err(CommandError::usage("no")), true),
            Row::absent("never-there"),
        ];
        insta::assert_snapshot!(draw(&rows, None), @r"
        NAME              RESULT    COMMIT
        without-wait      removing  69eb1bf5
        waited-for        removed   69eb1bf5
        nothing-left      removed   69eb1bf5
        by-merge-request  proposed  !7 https://gitlab.example.com/-/merge_requests/7
        late              removing  -
        refused           failed    -
        never-there       absent    -
        ");
        assert_eq!(exit_code(&rows), exit::TIMEOUT);
        assert_eq!(exit_code(&[Row::absent("never-there")]), exit::DONE);
        let document = serde_json::to_value(&rows).unwrap();
        assert_eq!(document[5]["error"], "no");
        assert_eq!(
            document[6],
            json!({"name": "never-there", "result": "absent", "answer": null})
        );
    }
}

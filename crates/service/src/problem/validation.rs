//! Problems of requests that validation and rendering refuse.

use api::Reason;
use domain::render::RenderError;
use domain::{File, Malformed, Rejection, Violation};

use super::{Problem, cluster_not_found};
use crate::response::MOST_NAMES;

/// A request that validation rejects. `name` is the cluster's.
#[must_use]
pub fn rejected(rejection: Rejection, name: &str) -> Problem {
    match rejection {
        Rejection::MalformedBody(malformed) => malformed_body(malformed),
        Rejection::UnsupportedMediaType(sent) => unsupported_media_type(&sent),
        Rejection::ValidationFailed(violations) => validation_failed(&violations),
        Rejection::ApiServerInUse(owner) => api_server_in_use(owner, name),
        Rejection::ClusterInUse(dependants) => cluster_in_use(dependants, name),
        Rejection::ClusterNotFound => cluster_not_found(name),
        Rejection::Other(text) => Problem::new(
            500,
            Reason::Misconfigured,
            format!("the service can't judge the request: {text}"),
        ),
    }
}

fn unsupported_media_type(sent: &str) -> Problem {
    const HINT: &str =
        "send the header `Content-Type: application/json`, or `application/yaml` for YAML";
    let detail = format!("content type {sent} is not supported; {HINT}");
    let mut problem = Problem::new(415, Reason::UnsupportedMediaType, detail);
    problem.hint = Some(HINT.to_owned());
    problem.header("accept-post", "application/json, application/yaml")
}

fn api_server_in_use(owner: String, name: &str) -> Problem {
    let detail = format!(
        "cluster {owner} is registered with this api_server, and Argo CD keeps one credential per server; delete \
         {owner} first, or save it again instead of {name}"
    );
    let mut problem = Problem::new(409, Reason::ApiServerInUse, detail);
    problem.cluster = Some(owner);
    problem
}

fn cluster_in_use(mut dependants: Vec<String>, name: &str) -> Problem {
    let more = dependants.len().saturating_sub(MOST_NAMES);
    dependants.truncate(MOST_NAMES);
    if more > 0 {
        dependants.push(format!("and {more} more"));
    }
    let used_by = dependants.join(", ");
    let detail = format!("cluster {name} is used by {used_by}; remove these first");
    let mut problem = Problem::new(409, Reason::ClusterInUse, detail);
    problem.dependants = Some(dependants);
    problem
}

/// The same where resource files were judged: one that can't be read is named as such.
#[must_use]
pub fn rejected_file(rejection: Rejection, name: &str, files: &[File]) -> Problem {
    if let Rejection::Other(text) = &rejection {
        let culprit = files.iter().find_map(|file| {
            let message = text.strip_prefix(&file.path)?.strip_prefix(' ')?;
            Some(unreadable_file(&file.path, message))
        });
        if let Some(problem) = culprit {
            return problem;
        }
    }
    rejected(rejection, name)
}

/// A file in the repository is not what its path says.
#[must_use]
pub fn unreadable_file(path: &str, message: &str) -> Problem {
    let detail = format!(
        "{path} in the repository can't be read ({message}); mend or remove it and repeat the request"
    );
    let mut problem = Problem::new(409, Reason::UnreadableFile, detail);
    problem.path = Some(path.to_owned());
    problem
}

/// Somebody has removed the folder that names a registered host's virtual clusters.
#[must_use]
pub fn host_folder_gone(folder: String) -> Problem {
    let detail = format!(
        "{folder} is gone from the repository, and with it what names the host's virtual clusters; bring it back (git revert) and \
         repeat the request"
    );
    let mut problem = Problem::new(409, Reason::UnreadableFile, detail);
    problem.path = Some(folder);
    problem
}

/// A link to a commit of another repository is where a file or a folder should be.
#[must_use]
pub fn submodule(path: &str) -> Problem {
    unreadable_file(
        path,
        "it is a submodule of Git, in whose place a file or folder has to be",
    )
}

fn malformed_body(malformed: Malformed) -> Problem {
    let place = match (malformed.line, malformed.column) {
        (Some(line), Some(column)) => format!("line {line}, column {column}: "),
        _ => String::new(),
    };
    // What a parser says has its place already.
    let is_told = malformed.message.contains(place.trim_end());
    let place = if is_told { String::new() } else { place };
    let hint = malformed
        .hint
        .as_ref()
        .map(|hint| format!("; {hint}"))
        .unwrap_or_default();
    let mut problem = Problem::new(
        400,
        Reason::MalformedBody,
        format!("{place}{}{hint}", malformed.message),
    );
    problem.line = malformed.line;
    problem.column = malformed.column;
    problem.hint = malformed.hint;
    problem
}

fn validation_failed(violations: &[Violation]) -> Problem {
    let detail = violations
        .iter()
        .map(|violation| {
            format!(
                "{}: {}",
                domain::shortened(&violation.field),
                violation.message
            )
        })
        .collect::<Vec<_>>()
        .join("; ");
    let mut problem = Problem::new(422, Reason::ValidationFailed, detail);
    problem.violations = violations.iter().map(violation_member).collect();
    problem
}

fn violation_member(violation: &Violation) -> api::Violation {
    api::Violation {
        field: domain::shortened(&violation.field),
        message: violation.message.clone(),
        hint: violation.hint.clone(),
    }
}

/// A cluster whose files can't be made: a file in the repository or the catalog has to be mended first.
#[must_use]
pub fn unrenderable(error: &RenderError) -> Problem {
    match error {
        RenderError::UnreadableFile { path, message } => unreadable_file(path, message),
        RenderError::Catalog(text) => Problem::new(
            500,
            Reason::Misconfigured,
            format!("the component catalog is wrong: {text}"),
        ),
        RenderError::Other(text) => Problem::new(500, Reason::Internal, text.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependants_are_named_up_to_a_number_and_the_others_counted() {
        let problem = |count: usize| {
            let names = (0..count).map(|index| format!("virtual-{index}")).collect();
            rejected(Rejection::ClusterInUse(names), "host")
        };
        let named = |problem: &Problem| problem.dependants.clone().unwrap();
        for count in [MOST_NAMES - 1, MOST_NAMES] {
            assert_eq!(named(&problem(count)).len(), count);
        }
        let above = problem(MOST_NAMES + 1);
        assert_eq!(named(&above).len(), MOST_NAMES + 1);
        assert_eq!(named(&above)[MOST_NAMES], "and 1 more");
        assert!(
            above.detail.contains("virtual-49, and 1 more; remove"),
            "{}",
            above.detail
        );
    }

    #[test]
    fn a_malformed_body_says_where_and_what_to_write() {
        let problem = rejected(
            Rejection::MalformedBody(Malformed {
                message: "expected a comma".into(),
                line: Some(3),
                column: Some(7),
                hint: Some("write , after the value".into()),
            }),
            "a",
        );
        assert_eq!(
            (problem.status, &problem.reason),
            (400, &Reason::MalformedBody)
        );
        assert_eq!(
            problem.detail,
            "line 3, column 7: expected a comma; write , after the value"
        );
        assert_eq!(problem.line, Some(3));
        assert_eq!(problem.column, Some(7));
    }

    /// In every case of the domain: some messages have the place already, others have not.
    #[test]
    fn a_place_in_a_body_is_told_once() {
        let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/../domain/tests/cases");
        let mut places = 0;
        for file in std::fs::read_dir(cases).unwrap() {
            let file = file.unwrap().path();
            let case = std::fs::read_to_string(&file).unwrap();
            let error = &domain::yaml::from_str(&case).unwrap()["refused"];
            if error["reason"] != "MALFORMED_BODY" {
                continue;
            }
            let number = |key: &str| error[key].as_u64().map(|number| number as u32);
            let text = |key: &str| error[key].as_str().map(str::to_owned);
            let (line, column) = (number("line"), number("column"));
            let malformed = Malformed {
                message: text("message").unwrap(),
                line,
                column,
                hint: text("hint"),
            };
            let problem = rejected(Rejection::MalformedBody(malformed), "a");
            let detail = &problem.detail;
            let place = line.zip(column);
            let place = place.map(|(line, column)| format!("line {line}, column {column}:"));
            let expected = usize::from(place.is_some());
            let told = place.map_or(0, |place| detail.matches(&*place).count());
            let any = detail.matches(" column ").count();
            assert_eq!(
                (told, any),
                (expected, expected),
                "{}: {detail}",
                file.display()
            );
            places += expected;
        }
        assert!(places > 30, "only {places} places");
    }

    #[test]
    fn every_violation_is_listed() {
        let violation = |field: &str| Violation {
            field: field.into(),
            message: "is wrong".into(),
            hint: Some("mend it".into()),
        };
        let problem = rejected(
            Rejection::ValidationFailed(vec![violation("/a"), violation("/b")]),
            "a",
        );
        assert_eq!(problem.status, 422);
        assert_eq!(problem.detail, "/a: is wrong; /b: is wrong");
        assert_eq!(
            problem.violations,
            [
                violation_member(&violation("/a")),
                violation_member(&violation("/b"))
            ]
        );
    }

    #[test]
    fn another_content_type_is_told_which_are_taken() {
        let sent = "application/x-www-form-urlencoded".to_owned();
        let problem = rejected(Rejection::UnsupportedMediaType(sent), "a");
        let hint = problem.hint.as_deref().unwrap();
        assert!(hint.contains("application/json") && hint.contains("application/yaml"));
        assert_eq!(
            problem.detail,
            format!("content type application/x-www-form-urlencoded is not supported; {hint}")
        );
        let taken = (
            "accept-post",
            "application/json, application/yaml".to_owned(),
        );
        assert_eq!((problem.status, &problem.headers), (415, &vec![taken]));
    }

    #[test]
    fn conflicts_name_the_other_side() {
        let problem = rejected(Rejection::ApiServerInUse("b".into()), "a");
        assert_eq!(
            (problem.status, &problem.reason),
            (409, &Reason::ApiServerInUse)
        );
        assert_eq!(problem.cluster.as_deref(), Some("b"));
        let problem = rejected(Rejection::ClusterInUse(vec!["v1".into(), "v2".into()]), "h");
        assert_eq!(
            (problem.status, &problem.reason),
            (409, &Reason::ClusterInUse)
        );
        assert!(problem.detail.contains("v1, v2"));
    }
}

//! Problems of objects that the management cluster would not take.

use api::Violation;
use kubernetes::error::InvalidField;
use kubernetes::{Error, Kind, Target};

use super::upstream::{self, WriteProgress};
use super::{Problem, invalid_query};
use crate::management::Failure;

/// Tells what a request has to change before the management cluster takes its objects; other failures are those of an
/// upstream.
#[must_use]
pub fn not_taken(failure: &Failure) -> Problem {
    let Failure::Answer { error, target, .. } = failure else {
        return upstream::kubernetes(failure, WriteProgress::Nothing);
    };
    match error {
        Error::Invalid { message, causes } => invalid(target, message, causes),
        Error::Forbidden { message } if error.is_of_admission() => invalid(target, message, &[]),
        _ => upstream::kubernetes(failure, WriteProgress::Nothing),
    }
}

fn invalid(target: &Target, message: &str, causes: &[InvalidField]) -> Problem {
    let hint = "change the field as the message says; nothing was written";
    let refused = |words: &str| format!("the management cluster does not take {target}: {words}");
    let whole = [InvalidField {
        field: String::new(),
        message: message.to_owned(),
    }];
    let causes = if causes.is_empty() { &whole } else { causes };
    let violations = causes.iter().map(|cause| Violation {
        field: field(target, &cause.field),
        message: refused(&cause.message),
        hint: Some(hint.to_owned()),
    });
    let mut problem = invalid_query(&field(target, ""), &refused(message), hint);
    problem.detail = format!("{}; nothing was written", refused(message));
    problem.violations = violations.collect();
    problem
}

/// The request's field that an object's is made of: `spec.apiServer` is `/api_server`.
fn field(target: &Target, field: &str) -> String {
    match target.kind {
        Kind::SECRET => return "/kubeconfig".to_owned(),
        Kind::CLUSTER => {}
        _ => return "/cluster_name".to_owned(),
    }
    let of_spec = field.strip_prefix("spec.").unwrap_or_default();
    let name = of_spec.split(['.', '[']).next().unwrap_or_default();
    match name {
        "" => "/cluster_name".to_owned(),
        name => format!("/{}", domain::snake_case(name)),
    }
}

#[cfg(test)]
mod tests {
    use api::Reason;

    use super::*;
    use kubernetes::Verb;

    fn failure(kind: &Kind, error: Error) -> Failure {
        Failure::Answer {
            error,
            verb: Verb::Apply,
            target: Box::new(kind.target("nautes", "a")),
        }
    }

    #[test]
    fn a_refusal_names_the_requests_field() {
        let cause = |field: &str| InvalidField {
            field: field.to_owned(),
            message: "should match the pattern".to_owned(),
        };
        let error = Error::Invalid {
            message: "Cluster is invalid".to_owned(),
            causes: vec![
                cause("spec.apiServer"),
                cause("metadata.name"),
                cause("spec.componentsList.gateway.name"),
            ],
        };
        let problem = not_taken(&failure(&Kind::CLUSTER, error.clone()));
        assert_eq!(
            (problem.status, &problem.reason),
            (422, &Reason::ValidationFailed)
        );
        assert!(
            problem.detail.contains("nothing was written"),
            "{}",
            problem.detail
        );
        let fields: Vec<&str> = problem
            .violations
            .iter()
            .map(|it| it.field.as_str())
            .collect();
        assert_eq!(fields, ["/api_server", "/cluster_name", "/components_list"]);
        let problem = not_taken(&failure(&Kind::SECRET, error));
        assert!(
            problem
                .violations
                .iter()
                .all(|it| it.field == "/kubeconfig")
        );
    }

    #[test]
    fn a_policy_is_the_callers_to_heed_and_a_missing_right_the_operators() {
        let forbidden = |message: &str| Error::Forbidden {
            message: message.to_owned(),
        };
        for message in [
            "admission webhook \"a\" denied the request: no",
            "clusters \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
            "clusters \"a\" is forbidden: ValidatingAdmissionPolicy 'p' denied request: no",
        ] {
            let policy = failure(&Kind::CLUSTER, forbidden(message));
            assert_eq!(not_taken(&policy).status, 422, "{message}");
        }
        let right = forbidden("User \"a\" cannot patch resource \"clusters\"");
        assert_eq!(not_taken(&failure(&Kind::CLUSTER, right)).status, 502);
    }
}

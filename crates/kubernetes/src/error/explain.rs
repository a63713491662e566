//! Remedies: what an operator has to do about an error.

use super::{Error, WriteConflict};
use crate::kind::Target;

/// Verb of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Server-side apply.
    Apply,
    /// Server-side apply of what must not be there yet.
    Create,
    /// Merge patch.
    Patch,
    /// Read one.
    Get,
    /// Read many.
    List,
    /// Be told of changes.
    Watch,
    /// Remove.
    Delete,
}

impl Verb {
    /// The verbs of an RBAC rule that permits it. Applying an object that does not exist yet takes
    /// both.
    #[must_use]
    pub fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Apply | Self::Create => &["create", "patch"],
            Self::Patch => &["patch"],
            Self::Get => &["get"],
            Self::List => &["list"],
            Self::Watch => &["watch"],
            Self::Delete => &["delete"],
        }
    }

    /// Names verb and object: `apply Secret argocd/a`, `list applications in argocd`.
    #[must_use]
    pub fn on(self, target: &Target) -> String {
        let word = self.word();
        match self {
            Self::List | Self::Watch => {
                format!("{word} {} in {}", target.kind.plural, target.namespace)
            }
            _ => format!("{word} {target}"),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Create => "create",
            Self::Patch => "patch",
            Self::Get => "read",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Delete => "delete",
        }
    }
}

impl Error {
    /// Which object, what was to be done with it, why it was not, and how to mend that. One or two
    /// sentences for an operator.
    #[must_use]
    pub fn explain(&self, verb: Verb, target: &Target) -> String {
        let failed = format!("could not {}: {self}", verb.on(target));
        match self.remedy(verb, target) {
            Some(remedy) => format!("{failed}; {remedy}"),
            None => failed,
        }
    }

    /// True where a webhook or a `ValidatingAdmissionPolicy` refused, by their words: Kubernetes answers a missing right
    /// with the same status.
    #[must_use]
    pub fn is_of_admission(&self) -> bool {
        let is_said = |message: &str| {
            message.contains("denied the request") || message.contains("denied request")
        };
        matches!(self, Self::Forbidden { message } if is_said(message))
    }

    fn remedy(&self, verb: Verb, target: &Target) -> Option<String> {
        let kind = target.kind;
        Some(match self {
            Self::Unauthorized => {
                "give the functions a token that this API server accepts (variable kubernetes_token)"
                    .to_owned()
            }
            Self::Forbidden { .. } if self.is_of_admission() => {
                "change the object as the policy says, or the policy".to_owned()
            }
            Self::Forbidden { .. } => format!(
                "grant it in namespace {} with the rule {}",
                target.namespace,
                rule(verb, target)
            ),
            Self::KindMissing => format!(
                "install the custom resource definition {}.{}",
                kind.plural, kind.group
            ),
            Self::NotFound { message } if message.starts_with("namespaces ") => {
                format!("create the namespace {}", target.namespace)
            }
            Self::Conflict(WriteConflict::Fields(_)) => {
                "let the other manager give these fields up, or make both agree".to_owned()
            }
            Self::UnsupportedMediaType { .. } => {
                "server-side apply needs Kubernetes 1.18 or later".to_owned()
            }
            _ => return None,
        })
    }
}

/// A line for a Role, as `rules` takes it.
fn rule(verb: Verb, target: &Target) -> String {
    let verbs: Vec<String> = verb
        .permissions()
        .iter()
        .map(|v| format!("{v:?}"))
        .collect();
    format!(
        "{{apiGroups: [{:?}], resources: [{:?}], verbs: [{}]}}",
        target.kind.group,
        target.kind.plural,
        verbs.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FieldConflict;
    use crate::kind::Kind;

    #[test]
    fn a_policy_is_not_met_by_a_grant() {
        for words in [
            "admission webhook \"a\" denied the request: no",
            "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
        ] {
            let message = format!("secrets \"a\" is forbidden: {words}");
            let error = Error::Forbidden { message };
            let explained = error.explain(Verb::Apply, &Kind::SECRET.target("argocd", "a"));
            assert!(explained.ends_with("or the policy"), "{explained}");
            assert!(!explained.contains("grant"), "{explained}");
        }
    }

    #[test]
    fn says_what_to_grant() {
        let error = Error::Forbidden {
            message:
                "secrets \"cluster-a\" is forbidden: User \"u\" cannot patch resource \"secrets\""
                    .to_owned(),
        };
        let target = Kind::SECRET.target("argocd", "cluster-a");
        insta::assert_snapshot!(error.explain(Verb::Apply, &target), @r#"
        could not apply Secret argocd/cluster-a: forbidden: secrets "cluster-a" is forbidden: User "u" cannot patch resource "secrets"; grant it in namespace argocd with the rule {apiGroups: [""], resources: ["secrets"], verbs: ["create", "patch"]}
        "#);
        let target = Kind::APPLICATION.target("argocd", "");
        insta::assert_snapshot!(error.explain(Verb::List, &target), @r#"
        could not list applications in argocd: forbidden: secrets "cluster-a" is forbidden: User "u" cannot patch resource "secrets"; grant it in namespace argocd with the rule {apiGroups: ["argoproj.io"], resources: ["applications"], verbs: ["list"]}
        "#);
    }

    #[test]
    fn says_what_to_install_or_to_settle() {
        let target = Kind::CLUSTER.target("nautes", "a");
        insta::assert_snapshot!(Error::KindMissing.explain(Verb::Apply, &target), @r"
        could not apply Cluster nautes/a: the api server does not know this kind of object; install the custom resource definition clusters.nautes.resource.nautes.io
        ");
        let error = Error::NotFound {
            message: "namespaces \"nautes\" not found".to_owned(),
        };
        insta::assert_snapshot!(error.explain(Verb::Apply, &target), @r#"
        could not apply Cluster nautes/a: not found: namespaces "nautes" not found; create the namespace nautes
        "#);
        let error = Error::Conflict(WriteConflict::Fields(vec![FieldConflict {
            manager: "helm".to_owned(),
            field: ".spec.project".to_owned(),
        }]));
        insta::assert_snapshot!(error.explain(Verb::Apply, &target), @r"
        could not apply Cluster nautes/a: conflict: .spec.project is managed by helm; let the other manager give these fields up, or make both agree
        ");
        insta::assert_snapshot!(Error::Unauthorized.explain(Verb::Get, &target), @r"
        could not read Cluster nautes/a: the api server does not accept the token; give the functions a token that this API server accepts (variable kubernetes_token)
        ");
        insta::assert_snapshot!(Error::Expired.explain(Verb::List, &target), @"could not list clusters in nautes: the list has expired");
    }
}

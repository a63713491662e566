//! Matching a request against rules.

use crate::options::PolicyRule;

/// Wish of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestAttributes {
    /// Verb such as `list`.
    pub verb: String,
    /// API group.
    pub group: String,
    /// Plural name.
    pub resource: String,
    /// Subresource; empty for none.
    pub subresource: String,
    /// Namespace; empty for all or cluster-scoped.
    pub namespace: String,
    /// Name; empty for collections.
    pub name: String,
}

impl RequestAttributes {
    /// `resource` or `resource/subresource`.
    pub fn full_resource(&self) -> String {
        if self.subresource.is_empty() {
            self.resource.clone()
        } else {
            format!("{}/{}", self.resource, self.subresource)
        }
    }

    /// The sentence of a 403, without the object.
    pub fn denial(&self, user: &str) -> String {
        let scope = if self.namespace.is_empty() {
            "at the cluster scope".to_owned()
        } else {
            format!("in the namespace {:?}", self.namespace)
        };
        format!(
            "User {user:?} cannot {} resource {:?} in API group {:?} {scope}",
            self.verb,
            self.full_resource(),
            self.group
        )
    }
}

/// True where a rule grants it.
pub fn allows(rules: &[PolicyRule], attributes: &RequestAttributes) -> bool {
    rules.iter().any(|rule| {
        covers(&rule.verbs, &attributes.verb)
            && covers(&rule.api_groups, &attributes.group)
            && covers_resource(&rule.resources, attributes)
            && (rule.namespaces.is_empty() || rule.namespaces.contains(&attributes.namespace))
            && (rule.resource_names.is_empty() || rule.resource_names.contains(&attributes.name))
    })
}

fn covers(list: &[String], wanted: &str) -> bool {
    list.iter().any(|entry| entry == "*" || entry == wanted)
}

fn covers_resource(list: &[String], attributes: &RequestAttributes) -> bool {
    let any_with_subresource = format!("*/{}", attributes.subresource);
    covers(list, &attributes.full_resource())
        || (!attributes.subresource.is_empty() && list.contains(&any_with_subresource))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(verb: &str, resource: &str, namespace: &str, name: &str) -> RequestAttributes {
        RequestAttributes {
            verb: verb.into(),
            group: "argoproj.io".into(),
            resource: resource.into(),
            namespace: namespace.into(),
            name: name.into(),
            ..RequestAttributes::default()
        }
    }

    #[test]
    fn rules_are_narrow() {
        let rules = [
            PolicyRule::new(&["argoproj.io"], &["applications"], &["get"])
                .in_namespace("argocd")
                .named("a"),
        ];
        assert!(allows(&rules, &wants("get", "applications", "argocd", "a")));
        for other in [
            wants("patch", "applications", "argocd", "a"),
            wants("get", "appprojects", "argocd", "a"),
            wants("get", "applications", "default", "a"),
            wants("get", "applications", "", "a"),
            wants("get", "applications", "argocd", ""),
        ] {
            assert!(!allows(&rules, &other), "{other:?}");
        }
    }

    #[test]
    fn a_subresource_needs_its_own_grant() {
        let mut status = wants("patch", "clusters", "nautes", "a");
        status.subresource = "status".into();
        assert!(!allows(
            &[PolicyRule::new(&["*"], &["clusters"], &["*"])],
            &status
        ));
        assert!(allows(
            &[PolicyRule::new(&["*"], &["clusters/status"], &["*"])],
            &status
        ));
    }

    #[test]
    fn denials_read_as_the_api_server_writes_them() {
        let text = wants("patch", "applications", "argocd", "x").denial("u");
        let expected = "User \"u\" cannot patch resource \"applications\" in API group \"argoproj.io\" in the namespace \"argocd\"";
        assert_eq!(text, expected);
    }
}

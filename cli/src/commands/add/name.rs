//! A cluster's name made of a context's: providers put a lot into it.

use crate::failure::CommandError;

/// The longest name that the default components take: Vault's Service is called `{name}-vault-agent-injector-svc`, and a Service's name
/// has 63 characters.
const LONGEST: usize = 63 - "-vault-agent-injector-svc".len();

/// The name: the cluster's own part of what providers write, in the letters that are allowed.
///
/// # Errors
/// Nothing is left of it.
pub(super) fn of_context(context: &str) -> Result<String, CommandError> {
    let own = match context {
        // arn:aws:eks:eu-central-1:123456789012:cluster/name
        arn if arn.starts_with("arn:aws:eks:") => arn.rsplit('/').next().unwrap_or(arn),
        // gke_project_zone_name
        gke if gke.starts_with("gke_") => gke.splitn(4, '_').last().unwrap_or(gke),
        // user@name.region.eksctl.io
        eksctl if eksctl.ends_with(".eksctl.io") => {
            let host = eksctl.rsplit('@').next().unwrap_or(eksctl);
            host.split('.').next().unwrap_or(host)
        }
        // user@cluster, as kubeadm writes it
        other => other.rsplit('@').next().unwrap_or(other),
    };
    let letter = |char: char| match char.to_ascii_lowercase() {
        char if char.is_ascii_lowercase() || char.is_ascii_digit() => char,
        _ => '-',
    };
    let name: String = own.chars().map(letter).take(LONGEST).collect();
    let name = name.trim_matches('-').to_owned();
    match name.is_empty() {
        false => Ok(name),
        true => Err(CommandError::usage(format!(
            "no name can be made of {context}: give one with --name"
        ))),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn providers_contexts_become_names() {
        for (context, name) in [
            ("kind-demo", "kind-demo"),
            (
                "arn:aws:eks:eu-central-1:123456789012:cluster/Prod_1",
                "prod-1",
            ),
            ("gke_my-project_europe-west3-a_prod", "prod"),
            ("admin@prod.eu-central-1.eksctl.io", "prod"),
            ("kubernetes-admin@kubernetes", "kubernetes"),
            ("a/b:c", "a-b-c"),
        ] {
            assert_eq!(super::of_context(context).unwrap(), name, "{context}");
        }
        assert_eq!(
            super::of_context(&"a".repeat(60)).unwrap().len(),
            super::LONGEST
        );
        assert!(super::of_context("@@").is_err());
    }
}

//! What `cargo run` prints when everything answers.

use crate::ready::Ready;

/// The example of the guides that the printed lines use.
const EXAMPLE: &str = "tests/cases/requests/v0.4/physical-worker-deployment.json";

/// What runs where, and the lines to try.
#[must_use]
pub fn text(ready: &Ready) -> String {
    let mut lines = vec![String::new()];
    if let Some(api) = &ready.api {
        lines.push(format!("  API          {api}/api/v1/clusters"));
    }
    lines.push(format!("  GitLab       {}", ready.gitlab));
    if let Some(repository) = &ready.repository {
        lines.push(format!("  repository   {repository}"));
    }
    lines.push(format!("  Kubernetes   {}", ready.kubernetes));
    if let Some(kubeconfig) = &ready.kubeconfig {
        lines.push(format!("  kubeconfig   {kubeconfig}"));
    }
    lines.push(String::new());
    if let Some(api) = &ready.api {
        lines.push("Try, from the workspace's folder:".to_owned());
        lines.push(String::new());
        lines.extend(example(ready, api));
    } else {
        lines
            .push("Give these variables to the host, such as SPIN_VARIABLE_GITLAB_URL:".to_owned());
        lines.push(String::new());
        lines.extend(
            ready
                .variables
                .iter()
                .map(|(name, value)| format!("  {name}={value}")),
        );
    }
    lines.push(String::new());
    lines.push("Ctrl-C stops everything; data are kept.".to_owned());
    lines.join("\n")
}

fn example(ready: &Ready, api: &str) -> Vec<String> {
    let url = format!("{api}/api/v1/clusters/physical-worker-deployment");
    let token = ready
        .tokens
        .get("maintainer")
        .map_or("<your GitLab token>", String::as_str);
    let mut lines = vec![
        format!("  export TOKEN={token}"),
        format!(
            "  curl -X POST {url} -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' --data @{EXAMPLE}"
        ),
        format!("  curl {url} -H \"Authorization: Bearer $TOKEN\""),
        format!("  curl -N \"{url}?watch=true\" -H \"Authorization: Bearer $TOKEN\""),
        format!("  curl {api}/api/v1/clusters -H \"Authorization: Bearer $TOKEN\""),
    ];
    if let Some(repository) = &ready.repository {
        lines.push(format!("  git -C {repository} log -p"));
    }
    if let Some(kubeconfig) = &ready.kubeconfig {
        lines.push(format!(
            "  kubectl --kubeconfig {kubeconfig} get secrets,applications -n argocd"
        ));
    }
    lines.push(format!(
        "  curl -X DELETE {url} -H \"Authorization: Bearer $TOKEN\""
    ));
    lines
}

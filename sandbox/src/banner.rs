//! Banner that `cargo run` prints when everything answers: where it is, and what to try.

use crate::command::BUILD;
use crate::options::SandboxOptions;
use crate::origin::Origin;
use crate::ready::ReadyReport;

/// The example of the guides that the printed lines use.
const EXAMPLE: &str = "tests/cases/requests/v0.4/physical-worker-deployment.json";
const NAME: &str = "physical-worker-deployment";

/// Addresses, three commands to try behind the two that set up a shell, and what does not work with these options.
#[must_use]
pub fn text(origin: &Origin, options: &SandboxOptions, ready: &ReadyReport) -> String {
    let mut lines = vec![String::new()];
    let mut place = |name: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("  {name:<12} {value}")));
    };
    let api = ready.api.as_ref();
    place("API", api.map(|api| format!("{api}/api/v1/clusters")));
    place("console", ready.console.clone());
    let project = ready
        .repository
        .as_ref()
        .map(|_| format!("/{}", options.gitlab_project));
    place(
        "GitLab",
        Some(format!("{}{}", ready.gitlab, project.unwrap_or_default())),
    );
    match &ready.kubeconfig {
        Some(path) => place("kubeconfig", Some(path.clone())),
        None => place("Kubernetes", Some(ready.kubernetes.clone())),
    }
    lines.push(String::new());
    match api {
        Some(api) => lines.extend(example(origin, ready, api)),
        None => lines.extend(variables(ready)),
    }
    lines.extend(limits(options));
    lines.push("Ctrl-C stops everything; data are kept.".to_owned());
    lines.join("\n")
}

/// Commands to register and look. README.md has more, with curl and git too.
fn example(origin: &Origin, ready: &ReadyReport, api: &str) -> Vec<String> {
    let token = ready.tokens.get("maintainer");
    let token = token.map_or("YOUR_GITLAB_TOKEN", String::as_str);
    let (place, build, programs) = match origin {
        Origin::Workspace(_) => {
            let build = format!("  cargo {}", BUILD.join(" "));
            (
                "the workspace's folder (README.md has more)",
                Some(build),
                "target/debug",
            )
        }
        Origin::Release(_) => ("the release's folder", None, "bin"),
    };
    let mut lines = vec![format!("Try, from {place}:"), String::new()];
    lines.extend(build);
    lines.extend([
        format!("  export PATH=\"$PWD/{programs}:$PATH\" NAUTES_SERVER={api} NAUTES_TOKEN={token}"),
        format!("  nautes-clusters apply -f {EXAMPLE} --wait"),
        format!("  nautes-clusters status {NAME}"),
    ]);
    let kubectl = ready.kubeconfig.as_ref();
    lines.extend(
        kubectl.map(|path| format!("  kubectl --kubeconfig {path} get applications -n argocd")),
    );
    lines.push(String::new());
    lines
}

fn variables(ready: &ReadyReport) -> Vec<String> {
    let mut lines = vec![
        "Give these variables to the host, such as SPIN_VARIABLE_GITLAB_URL:".to_owned(),
        String::new(),
    ];
    let variables = ready.variables.iter();
    lines.extend(variables.map(|(name, value)| format!("  {name}={value}")));
    lines.push(String::new());
    lines
}

/// Sentences about what is not real, and what these options leave out.
fn limits(options: &SandboxOptions) -> Vec<String> {
    if options.kubernetes_url.is_none() && options.gitlab_url.is_none() {
        return vec![
            "Argo CD is played: components walk through their states, and nothing is installed."
                .to_owned(),
        ];
    }
    if options.gitlab_url.is_none() || options.kubernetes_url.is_some() {
        return Vec::new();
    }
    vec![
        "Installs can't follow a repository on another GitLab: the local Kubernetes gets the objects, and no Argo CD"
            .to_owned(),
        "reads the repository. Leave --gitlab-url out, or give --kubernetes-url of a cluster with Argo CD as well."
            .to_owned(),
        String::new(),
    ]
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::ready::sample as ready;

    #[test]
    fn the_start_is_short_and_names_what_is_there() {
        let options = SandboxOptions::parse_from(["sandbox"]);
        let workspace = Origin::Workspace("/w".into());
        let text = text(&workspace, &options, &ready());
        assert!(text.lines().count() < 17, "{text}");
        for part in [
            "http://127.0.0.1:3000/api/v1/clusters",
            "http://127.0.0.1:1/nautes/management",
            "  cargo build --bin sandbox --bin nautes-clusters\n",
            "export PATH=\"$PWD/target/debug:$PATH\" NAUTES_SERVER=http://127.0.0.1:3000 NAUTES_TOKEN=t0\n",
            "  nautes-clusters apply -f tests/cases/requests/v0.4/physical-worker-deployment.json --wait\n",
            "  nautes-clusters status physical-worker-deployment\n",
            "nothing is installed",
            "  kubectl --kubeconfig /k.yaml get applications -n argocd\n",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let commands = text
            .lines()
            .filter(|line| line.starts_with("  nautes-") || line.starts_with("  kubectl"));
        assert_eq!(commands.count(), 3, "{text}");
        assert!(
            !text.contains("console") && !text.contains("secret"),
            "{text}"
        );
    }

    #[test]
    fn the_start_of_a_release_names_no_build() {
        let options = SandboxOptions::parse_from(["sandbox"]);
        let text = text(&Origin::Release("/r".into()), &options, &ready());
        assert!(text.contains("export PATH=\"$PWD/bin:$PATH\""), "{text}");
        assert!(
            !text.contains("cargo") && !text.contains("target/"),
            "{text}"
        );
    }

    #[test]
    fn with_another_gitlab_it_says_that_installs_do_not_follow() {
        let options = SandboxOptions::parse_from(["sandbox", "--gitlab-url", "https://g"]);
        let workspace = Origin::Workspace("/w".into());
        assert!(text(&workspace, &options, &ready()).contains("Installs can't follow"));
    }
}

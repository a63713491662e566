use super::*;
use crate::args::FileArguments;

const MANIFEST: &str = "\
# one of two
kind: Cluster
spec:
  name: staging
  apiServer: http://8.217.50.114:6443
  clusterType: physical
  kubeconfig: |
    token: canary
  componentsList:
    gateway:
      name: traefik
      additions:
        httpNodePort: 80
";

fn document(folder: &tempfile::TempDir, name: &str, text: &str) -> ClusterDocument {
    std::fs::write(folder.path().join(name), text).unwrap();
    let arguments = FileArguments {
        filename: vec![folder.path().join(name)],
        recursive: false,
        name: None,
        kubeconfig: None,
        context: None,
        names_only: false,
    };
    crate::documents::read(&arguments).ok().unwrap().remove(0)
}

fn rendered(problem: &serde_json::Value, name: &str, text: &str) -> String {
    let folder = tempfile::TempDir::new().unwrap();
    let document = document(&folder, name, text);
    let problem: Problem = serde_json::from_value(problem.clone()).unwrap();
    let rendered = render_problem(&problem, Some(&document), 100);
    let rendered = anstream::adapter::strip_str(&rendered).to_string();
    rendered.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn rules_are_shown_at_their_fields() {
    let problem = serde_json::json!({
        "status": 422, "reason": "VALIDATION_FAILED", "detail": "5 rules", "instance": "/api/v1/clusters/staging",
        "violations": [
            {"field": "/api_server", "message": "the URL has the scheme http", "hint": "write https://8.217.50.114:6443"},
            {"field": "/usage", "message": "the field is required", "hint": "write host or worker"},
            {"field": "/components_list/gateway/additions/httpNodePort", "message": "80 is no node port", "hint": "30000 to 32767"},
            {"field": "/kubeconfig", "message": "the kubeconfig has no cluster"},
            {"field": "/cluster_name", "message": "the name is taken"},
        ],
    });
    let text = rendered(&problem, "clusters.yaml", MANIFEST);
    assert!(!text.contains("canary"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_kubeconfig_from_elsewhere_is_shown_where_it_is_named() {
    let folder = tempfile::TempDir::new().unwrap();
    let kubeconfig = "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n\
                      clusters: [{name: k, cluster: {server: 'https://k:6443'}}]\nusers: [{name: u, user: {token: canary}}]\n";
    std::fs::write(folder.path().join("admin.conf"), kubeconfig).unwrap();
    let problem = serde_json::json!({
        "status": 422, "reason": "VALIDATION_FAILED", "detail": "1 rule", "instance": "/api/v1/clusters/a",
        "violations": [{"field": "/spec/kubeconfig", "message": "the kubeconfig's token has ended", "hint": "send another one"}],
    });
    let problem: Problem = serde_json::from_value(problem).unwrap();
    let shown = |document: &ClusterDocument| {
        let text = render_problem(&problem, Some(document), 100);
        let text = anstream::adapter::strip_str(&text).to_string();
        text.replace(&format!("{}/", folder.path().display()), "")
    };
    let manifest =
        "kind: Cluster\nspec:\n  name: a\n  kubeconfigFile: admin.conf\n  kubeconfigContext: c\n";
    insta::assert_snapshot!(shown(&document(&folder, "a.yaml", manifest)), @r"
    error[VALIDATION_FAILED]: the kubeconfig's token has ended
     --> a.yaml:4:3
      |
    4 |   kubeconfigFile: **********
      |   ^^^^^^^^^^^^^^ /spec/kubeconfig was read from admin.conf, context c
      |
      = help: send another one

    error: a: one rule does not hold; nothing was written
    ");
    let path = folder.path().join("b.yaml");
    std::fs::write(&path, "name: b\nusage: worker\n").unwrap();
    let arguments = FileArguments {
        filename: vec![path],
        recursive: false,
        name: None,
        kubeconfig: Some(folder.path().join("admin.conf")),
        context: None,
        names_only: false,
    };
    let given = crate::documents::read(&arguments).ok().unwrap().remove(0);
    let text = shown(&given);
    assert!(
        text.contains("note: argument --kubeconfig (admin.conf)"),
        "{text}"
    );
}

#[test]
fn a_malformed_body_is_shown_at_its_line() {
    let problem = serde_json::json!({
        "status": 400, "reason": "MALFORMED_BODY", "detail": "line 2, column 12: the body is not JSON", "line": 2, "column": 12,
        "hint": "remove the comment",
    });
    let text = "{\n  \"usage\": \"host\" # a comment\n}\n";
    insta::assert_snapshot!(rendered(&problem, "host.json", text));
}

#[test]
fn a_failure_without_a_place_is_one_line() {
    let problem = serde_json::json!({
        "status": 502, "reason": "INSTALL_TRIGGER_FAILED", "detail": "the management cluster refused; send the same request again",
        "commit": {"id": "1", "web_url": "https://gitlab.example.com/-/commit/1", "files_changed": 3},
    });
    insta::assert_snapshot!(rendered(&problem, "clusters.yaml", MANIFEST));
    let problem: Problem = serde_json::from_value(problem).unwrap();
    let text = render_problem(&problem, None, 100);
    assert!(
        anstream::adapter::strip_str(&text)
            .to_string()
            .starts_with("error[INSTALL_TRIGGER_FAILED]: "),
        "{text}"
    );
}

#[test]
fn a_file_that_is_no_yaml_is_shown_without_its_secrets() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("broken.yaml");
    std::fs::write(&path, "name: a\nkubeconfig: canary\n  usage: [host\n").unwrap();
    let arguments = FileArguments {
        filename: vec![path],
        recursive: false,
        name: None,
        kubeconfig: None,
        context: None,
        names_only: false,
    };
    let error = crate::documents::read(&arguments)
        .err()
        .unwrap()
        .to_string();
    let error = anstream::adapter::strip_str(&error).to_string();
    assert!(!error.contains("canary"), "{error}");
    insta::assert_snapshot!(error.replace(&format!("{}/", folder.path().display()), ""));
}

use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

fn arguments(files: &[PathBuf]) -> FileArguments {
    FileArguments {
        filename: files.to_vec(),
        recursive: false,
        name: None,
        kubeconfig: None,
        context: None,
        names_only: false,
    }
}

fn read_text(name: &str, text: &str) -> Result<Vec<ClusterDocument>, CommandError> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    read(&arguments(&[path]))
}

fn marked(document: &ClusterDocument, pointer: &str) -> (String, bool) {
    let place = document.outline.find(pointer);
    (document.source.text[place.span].to_owned(), place.is_field)
}

#[test]
fn a_file_has_many_documents_and_each_its_name() {
    let text = "---\nkind: Cluster\nspec:\n  name: a\n  clusterType: virtual\n  hostCluster: h\n---\n---\n# nothing\n---\n\
                name: b\ncluster_type: physical\n";
    let documents = read_text("x.yaml", text).unwrap();
    let names: Vec<_> = documents
        .iter()
        .map(|document| document.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b"]);
    assert!(documents[0].is_virtual() && !documents[1].is_virtual());
    assert_eq!(documents[0].host(), Some("h"));
    assert_eq!(documents[0].body.content_type, "application/yaml");
    assert!(documents[0].body.text.contains("hostCluster: h"));
    assert!(!documents[0].body.text.contains("name: b"));
}

#[test]
fn an_answer_of_the_service_is_read_again() {
    let list = "items:\n- name: a\n  usage: host\n  kubeconfig: canary\n  status: {phase: Ready}\n- name: b\n  usage: worker\n";
    let documents = read_text("all.yaml", list).unwrap();
    for (document, body) in documents.iter().zip([
        serde_json::json!({"name": "a", "usage": "host", "kubeconfig": "canary"}),
        serde_json::json!({"name": "b", "usage": "worker"}),
    ]) {
        assert_eq!(document.body.content_type, "application/json");
        let sent: Value = serde_json::from_str(&document.body.text).unwrap();
        assert_eq!(sent, body);
    }
    assert_eq!(marked(&documents[1], "/usage"), ("worker".into(), true));
    assert!(!documents[1].secrets.is_empty());
    // A request that happens to have a field of this name is none, and other lists are not taken for clusters.
    let request = read_text("x.yaml", "usage: host\nitems: []\n").unwrap();
    assert_eq!(request[0].name, "x");
    let manifests =
        "kind: List\nitems:\n- kind: Cluster\n  spec: {name: c, usage: host}\n  status: {}\n";
    let manifests = read_text("x.yaml", manifests).unwrap();
    assert_eq!(manifests[0].body.content_type, "application/yaml");
    assert!(manifests[0].body.text.contains("\"status\""));
    for (text, words) in [
        ("items: []\n", "has no cluster"),
        (
            "kind: List\nitems:\n- kind: Secret\n",
            "line 3: kind is Secret",
        ),
        ("kind: PodList\nitems: []\n", "kind is PodList"),
        (
            "items:\n- usage: host\n",
            "line 2: the cluster's name is missing",
        ),
    ] {
        let error = read_text("x.yaml", text).err().unwrap().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn a_single_request_may_be_named_by_its_file() {
    let documents = read_text("cluster-host.json", r#"{"usage": "host"}"#).unwrap();
    assert_eq!(documents[0].name, "cluster-host");
    assert_eq!(documents[0].body.content_type, "application/json");
    let two = read_text("x.yaml", "usage: host\n---\nusage: worker\n")
        .err()
        .unwrap();
    assert!(
        two.to_string()
            .contains("line 1: the cluster's name is missing"),
        "{two}"
    );
}

#[test]
fn what_is_no_cluster_is_refused() {
    for (text, words) in [
        ("kind: Secret\nname: a\n", "kind is Secret"),
        (
            "apiVersion: v1\nkind: Config\nclusters: []\n",
            "this is a kubeconfig",
        ),
        (
            r#"{"private_key": "canary", "type": "service_account"}"#,
            "this is no cluster",
        ),
        ("name: package\nversion: 1\n", "this is no cluster"),
        ("name: ../x\nusage: host\n", "neither blanks nor slashes"),
        ("name: ..\nusage: host\n", "no cluster is called so"),
        ("- a\n", "a mapping of fields"),
        ("\n", "has no cluster"),
        (
            "name: a\nusage: host\n---\nusage: host\nname: a\n",
            "x.yaml, line 5; nothing was sent",
        ),
    ] {
        let error = read_text("x.yaml", text).err().unwrap().to_string();
        assert!(
            error.contains(words) && !error.contains("canary"),
            "{error}"
        );
    }
}

#[test]
fn a_pointer_finds_its_field_in_either_case_and_form() {
    let text = "spec:\n  name: a\n  apiServer: http://x\n  componentsList:\n    gateway:\n      additions: {httpNodePort: 1}\n  \
                reservedNamespacesAllowedProducts:\n    n/a: [p, 2]\n";
    let documents = read_text("x.yaml", text).unwrap();
    let found = |pointer: &str| marked(&documents[0], pointer);
    assert_eq!(found("/api_server"), ("http://x".into(), true));
    assert_eq!(found("/cluster_name"), ("a".into(), true));
    assert_eq!(
        found("/components_list/gateway/additions/httpNodePort"),
        ("1".into(), true)
    );
    assert_eq!(
        found("/components_list/gateway/namespace"),
        ("gateway".into(), false)
    );
    assert_eq!(found("/components_list"), ("componentsList".into(), true));
    assert_eq!(
        found("/reserved_namespaces_allowed_products/n~1a/1"),
        ("2".into(), true)
    );
    assert_eq!(found("/spec/apiServer"), ("http://x".into(), true));
    assert_eq!(found("/spec"), ("spec".into(), false));
    assert_eq!(found("/usage"), ("spec".into(), false));
}

#[test]
fn what_an_alias_stands_for_is_as_secret_as_itself() {
    let text = "name: a\nusage: host\nshared: &shared hunter1\nblock: &block\n  user: hunter2\nkey: &key token\n\
                password: &p hunter3\nagain: *p\ntoken: *shared\nkubeconfig: [*block]\n*key : hunter4\n? [a, b]\n: hunter5\n\
                secret: hunter6\n";
    // What reads the values takes no list for a key.
    let documents = super::outline::read(text).unwrap();
    let mut shown = text.to_owned();
    for place in documents[0].1.secrets() {
        let stars = "*".repeat(place.len());
        shown.replace_range(place.clone(), &stars);
    }
    assert!(!shown.contains("hunter"), "{shown}");
    for words in ["usage: host", "password: &p ", "block: &block\n  "] {
        assert!(shown.contains(words), "{shown}");
    }
}

#[test]
fn json_is_read_as_well() {
    let text = "{\n  \"api_server\": \"é\",\n  \"usage\": \"x\",\n  \"vcluster\": {\"https_node_port\": 5}\n}\n";
    let documents = read_text("x.json", text).unwrap();
    assert_eq!(marked(&documents[0], "/usage"), ("\"x\"".into(), true));
    assert_eq!(
        marked(&documents[0], "/vcluster/https_node_port"),
        ("5".into(), true)
    );
    assert_eq!(
        marked(&documents[0], "/worker_type"),
        ("\"api_server\"".into(), false)
    );
}

#[test]
fn a_kubeconfig_is_read_from_where_the_manifest_says() {
    let folder = TempDir::new().unwrap();
    let kubeconfig = "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n\
                      clusters: [{name: k, cluster: {server: 'https://k:6443'}}]\nusers: [{name: u, user: {token: canary}}]\n";
    std::fs::write(folder.path().join("admin.conf"), kubeconfig).unwrap();
    let path = folder.path().join("a.yaml");
    for reference in [
        "kubeconfigFile: admin.conf",
        "kubeconfig_file: ./admin.conf",
        "kubeconfig: '@admin.conf'",
        "kubeconfigFile: admin.conf\nkubeconfigContext: c",
    ] {
        std::fs::write(&path, format!("name: a\n{reference}\n")).unwrap();
        let documents = read(&arguments(std::slice::from_ref(&path))).ok().unwrap();
        let body: Value = serde_json::from_str(&documents[0].body.text).unwrap();
        let sent = body["kubeconfig"].as_str().unwrap();
        assert!(
            sent.contains("canary") && sent.contains("https://k:6443"),
            "{reference}"
        );
        assert_eq!(body.as_object().unwrap().len(), 2, "{reference}");
    }
    std::fs::write(
        &path,
        "name: a\nkubeconfigFile: admin.conf\nkubeconfig: canary\n",
    )
    .unwrap();
    let error = read(&arguments(&[path])).err().unwrap().to_string();
    assert!(
        error.contains("more than once") && !error.contains("canary"),
        "{error}"
    );
}

#[test]
fn a_kubeconfig_that_can_not_be_read_is_shown_where_it_is_named() {
    let folder = TempDir::new().unwrap();
    let exec = "apiVersion: v1\nkind: Config\ncurrent-context: my c\ncontexts: [{name: my c, context: {cluster: k, user: u}}]\n\
                clusters: [{name: k, cluster: {server: 'https://k:6443'}}]\n\
                users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}}}]\n";
    std::fs::write(folder.path().join("exec"), exec).unwrap();
    let broken =
        "apiVersion: v1\nkind: Config\nclusters: 5\nusers: [{name: u, user: {token: canary}}]\n";
    std::fs::write(folder.path().join("broken"), broken).unwrap();
    let path = folder.path().join("a.yaml");
    let refused = |reference: &str| {
        let manifest = format!("kind: Cluster\nspec:\n  name: a\n  {reference}\n");
        std::fs::write(&path, manifest).unwrap();
        let error = read(&arguments(std::slice::from_ref(&path))).err().unwrap();
        let error = anstream::adapter::strip_str(&error.to_string()).to_string();
        assert!(!error.contains("canary"), "{error}");
        error.replace(&format!("{}/", folder.path().display()), "")
    };
    insta::assert_snapshot!(refused("kubeconfigFile: nowhere"), @r"
    a.yaml: can't read the kubeconfig nowhere: No such file or directory (os error 2)
     --> a.yaml:4:3
      |
    4 |   kubeconfigFile: *******
      |   ^^^^^^^^^^^^^^
    ");
    insta::assert_snapshot!(refused("kubeconfig: '@broken'"), @r"
    a.yaml: can't read the kubeconfig broken: it is no kubeconfig: line 3 is broken, and `kubectl config view --kubeconfig` says why
     --> a.yaml:4:3
      |
    4 |   kubeconfig: '*******'
      |   ^^^^^^^^^^
    ");
    let error = refused("kubeconfig_file: exec");
    assert!(
        error.contains(
            "`nautes-clusters add 'my c' --kubeconfig exec --name a` makes a service account"
        ) && error.contains("--> a.yaml:4:3"),
        "{error}"
    );
}

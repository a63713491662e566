use super::super::encoding::encode;
use super::*;

/// Plain, and in the Base64 that the field takes as well.
#[test]
fn things_that_are_no_kubeconfig() {
    for (sent, what) in [
        (
            "-----BEGIN CERTIFICATE-----\nYTogYgo=\n-----END CERTIFICATE-----\n",
            CERTUTIL,
        ),
        (
            "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
            PEM,
        ),
        ("@kubeconfig.yaml", PATH),
        ("~/.kube/config", PATH),
        ("/root/.kube/config", PATH),
        ("C:\\Users\\a\\.kube\\config", PATH),
        ("file:///tmp/a", PATH),
        ("admin.conf", PATH),
        ("$KUBECONFIG", TEMPLATE),
        ("$(cat kubeconfig)", TEMPLATE),
        ("<your kubeconfig>", TEMPLATE),
        ("{{ kubeconfig }}", TEMPLATE),
        ("YTogYgo=%", KubeconfigError::ShellPercent),
        ("a\0:\0", UTF16),
        ("data:application/yaml;base64,YTogYgo=", DATA_URL),
        ("begin-base64 644 config\nYTogYgo=\n====\n", UUENCODED),
        (
            "\u{60}\u{60}\u{60}yaml\nclusters: []\nusers: []\n\u{60}\u{60}\u{60}\n",
            FENCED,
        ),
        ("cat <<EOF >config\nclusters: []\nEOF\n", HERE_DOCUMENT),
        ("<<-EOT\nclusters: []\nEOT\n", HERE_DOCUMENT),
        (
            "<!DOCTYPE html>\n<html lang=en>\n<title>Sign in: a</title>",
            PAGE,
        ),
        ("<html>\n<a href='https://a'>b</a>\n", PAGE),
        ("eyJhbGciOiJSUzI1NiJ9.e30.x-_y", TOKEN),
        ("sha256~a_b-c", TOKEN),
        ("error: no configuration has been provided\n", MESSAGE),
        ("Error from server (Forbidden): a is forbidden\n", MESSAGE),
        (
            "The connection to the server a:8080 was refused: b\n",
            MESSAGE,
        ),
        (
            "The connection to the server a:8080 was refused - b?\n",
            MESSAGE,
        ),
        (
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n",
            POINTER,
        ),
        ("$ANSIBLE_VAULT;1.1;AES256\n3331\n6136\n", ENCRYPTED),
        (
            "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n",
            ENCRYPTED,
        ),
        (
            "clusters: ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]\nsops: {version: 3}\n",
            ENCRYPTED,
        ),
        (
            "context: a\ncontexts: {a: {ca: YQ==, crt: YQ==, key: YQ==}}\n",
            TALOS,
        ),
        // Linode, Rancher, Scaleway, Azure and terraform, in this order.
        (
            r#"{"kubeconfig": "Y2x1c3RlcnM6IFtdCnVzZXJzOiBbXQo="}"#,
            WRAPPED,
        ),
        (
            r#"{"config": "clusters: []\nusers: []\n", "type": "output"}"#,
            WRAPPED,
        ),
        (
            r#"{"name": "a", "content": "Y2x1c3RlcnM6IFtdCnVzZXJzOiBbXQo="}"#,
            WRAPPED,
        ),
        (
            r#"{"kubeconfigs": [{"name": "a", "value": "Y2x1c3RlcnM6IFtdCnVzZXJzOiBbXQo="}]}"#,
            WRAPPED,
        ),
        (
            r#"{"out": {"sensitive": true, "value": "clusters: []\nusers: []\n"}}"#,
            WRAPPED,
        ),
    ] {
        for sent in [sent.to_owned(), encode(sent.as_bytes())] {
            let error = crate::kubeconfig::credentials(&sent, 0).err();
            assert_eq!(error, Some(vec![what.clone()]), "{sent}");
        }
    }
    for (sent, what) in [
        (&b"\x1f\x8b\x08"[..], PACKED),
        (b"PK\x03\x04\x14", PACKED),
        (b"\xfd7zXZ\0\0", PACKED),
        (b"\x28\xb5\x2f\xfd\0", PACKED),
        (b"\0GITCRYPT\0\x01", ENCRYPTED),
    ] {
        let error = crate::kubeconfig::credentials(&encode(sent), 0).err();
        assert_eq!(error, Some(vec![what]), "{sent:?}");
    }
    for sent in ["a: b", "clusters: []\nusers: []", "YTogYgo=", "hello"] {
        assert_eq!(text(sent), None, "{sent}");
    }
    for sent in [
        "clusters: []",
        "users: [{name: error}]",
        "error: a\nclusters: []",
        "a: b",
        "x: clusters",
    ] {
        let node = crate::tree::read::kubeconfig_yaml(sent).unwrap();
        let is_message = sent.starts_with("error") && node.get("clusters").is_none();
        assert_eq!(object(sent, &node).is_some(), is_message, "{sent}");
    }
}

#[test]
fn packed_files_are_told_from_text() {
    for sent in [&b"BZh91AY&SY\x8d"[..], b"7z\xbc\xaf\x27\x1c\0\x04"] {
        let error = crate::kubeconfig::credentials(&encode(sent), 0).err();
        assert_eq!(error, Some(vec![PACKED]), "{sent:?}");
    }
}

#[test]
fn what_commands_print_is_named() {
    for (sent, what) in [
        (
            "CURRENT   NAME   CLUSTER   AUTHINFO   NAMESPACE\n*         x      c         u\n",
            TABLE,
        ),
        (
            "NAME   TYPE     DATA   AGE\ns      Opaque   1      3d\n",
            TABLE,
        ),
        ("NAMESPACE   NAME\nn           s\n", TABLE),
        (
            "\u{1b}[0;32mKubernetes control plane\u{1b}[0m is running at \u{1b}[0;33mhttps://a\u{1b}[0m\n",
            TABLE,
        ),
        (
            "Kubernetes control plane is running at https://a\nCoreDNS is running at https://a/b\n",
            TABLE,
        ),
        (
            "Client Version: v1.35.0\nKustomize Version: v5.7.1\n",
            TABLE,
        ),
        (
            "Added new context arn:aws:eks:eu-west-1:1:cluster/x to /root/.kube/config\n",
            DONE,
        ),
        (
            "Updated context arn:aws:eks:eu-west-1:1:cluster/x in /root/.kube/config\n",
            DONE,
        ),
        (
            "Fetching cluster endpoint and auth data.\nkubeconfig entry generated for x.\n",
            DONE,
        ),
        (
            "Merged \"x\" as current context in /root/.kube/config\n",
            DONE,
        ),
        ("Switched to context \"x\".\n", DONE),
        (
            "ERROR: (gcloud.container.clusters.get-credentials) a\n",
            MESSAGE,
        ),
    ] {
        for sent in [sent.to_owned(), encode(sent.as_bytes())] {
            let error = crate::kubeconfig::credentials(&sent, 0).err();
            assert_eq!(error, Some(vec![what.clone()]), "{sent}");
        }
    }
}

#[test]
fn what_tools_escape_or_prettify_is_named() {
    for (sent, what) in [
        ("{&quot;apiVersion&quot;: &quot;v1&quot;}", HTML_ESCAPES),
        ("{&#34;apiVersion&#34;: &#34;v1&#34;}", HTML_ESCAPES),
        ("apiVersion%3A%20v1%0Akind%3A%20Config%0A", PERCENT_ENCODED),
        ("apiVersion%3a+v1%0akind%3a+Config%0a", PERCENT_ENCODED),
        ("{“apiVersion”: “v1”, “kind”: “Config”}", TYPOGRAPHIC),
        (
            "[{\"kubeconfig\": \"Y2x1c3RlcnM6IFtdCnVzZXJzOiBbXQo=\"}]",
            WRAPPED,
        ),
    ] {
        for sent in [sent.to_owned(), encode(sent.as_bytes())] {
            let error = crate::kubeconfig::credentials(&sent, 0).err();
            assert_eq!(error, Some(vec![what.clone()]), "{sent}");
        }
    }
}

/// Each Secret is answered with what leads from this one to its kubeconfig.
#[test]
fn secrets_are_told_by_what_they_hold() {
    const CONFIG: &str = "Y2x1c3RlcnM6IFtdCnVzZXJzOiBbXQo=";
    let held = |key: &str| format!("data: {{{key}: {CONFIG}}}");
    for (data, words) in [
        (held("value"), "'{.data.value}'"),
        (held("kubeconfig"), "'{.data.kubeconfig}'"),
        (held("config"), "'{.data.config}'"),
        (held("admin.conf"), "'{.data.admin\\.conf}'"),
        (held("super-admin.conf"), "'{.data.super-admin\\.conf}'"),
        (held("kubeconfig.yaml"), "'{.data.kubeconfig\\.yaml}'"),
        (held("canary"), "the key that has the kubeconfig"),
        (
            "stringData: {canary: 'clusters: [], users: []'}".to_owned(),
            "its `stringData`",
        ),
        (
            "data: {token: YQ==, ca.crt: YQ==}".to_owned(),
            "'{.data.token}'",
        ),
        (
            "data: {name: YQ==, server: YQ==, config: e30=}".to_owned(),
            "adopt=true",
        ),
        ("data: {tls.crt: YQ==}".to_owned(), "kubectl config view"),
        ("type: Opaque".to_owned(), "kubectl config view"),
    ] {
        let secret = format!("apiVersion: v1\nkind: Secret\n{data}\n");
        let list = format!(
            "apiVersion: v1\nkind: List\nitems: [{{apiVersion: v1, kind: ConfigMap}}, {{kind: Secret, {data}}}]\n"
        );
        for sent in [secret, list] {
            let errors = crate::kubeconfig::credentials(&sent, 0).unwrap_err();
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert!(errors[0].to_string().contains("Secret"), "{}", errors[0]);
            let hint = errors[0].hint();
            assert!(hint.contains(words) && !hint.contains("canary"), "{hint}");
        }
    }
    let described =
        "Name:         s\nNamespace:    n\nType:  Opaque\n\nData\n====\nvalue:  28 bytes\n";
    let errors = crate::kubeconfig::credentials(described, 0).unwrap_err();
    assert!(
        errors[0].to_string().contains("without its values"),
        "{}",
        errors[0]
    );
}

use super::*;

fn error(from: &str, to: &str) -> String {
    assert!(BUILT_IN.contains(from), "{from} is not in the catalog");
    Catalog::from_yaml(&BUILT_IN.replacen(from, to, 1))
        .unwrap_err()
        .to_string()
}

#[test]
fn the_built_in_catalog_has_the_documented_defaults() {
    let catalog = Catalog::from_settings(&Settings::default()).unwrap();
    let expected = [
        (Category::MultiTenant, "hnc", "hnc-system"),
        (Category::SecretSync, "external-secrets", "external-secrets"),
        (Category::Gateway, "traefik", "traefik"),
        (Category::Deployment, "argocd", "argocd"),
        (
            Category::ProgressiveDelivery,
            "argo-rollouts",
            "argo-rollouts",
        ),
        (Category::Pipeline, "tekton", "tekton-pipelines"),
        (Category::EventListener, "argo-events", "argo-events"),
        (Category::CertManagement, "cert-manager", "cert-manager"),
        (Category::SecretManagement, "vault", "vault"),
        (Category::OauthProxy, "oauth2-proxy", "oauth2-proxy"),
    ];
    for (category, name, namespace) in expected {
        let entry = catalog.default_for(category).unwrap();
        assert_eq!(
            (entry.name.as_str(), entry.namespace.as_str()),
            (name, namespace)
        );
        // A cluster may have no HNC.
        let others: &[&str] = if name == "hnc" { &["none"] } else { &[] };
        assert_eq!(catalog.names(category), [&[name], others].concat());
        assert_eq!(entry.open, name == "hnc");
    }
    assert!(catalog.entry("nginx").is_none());
    assert!(catalog.chart("vcluster").is_some());
}

#[test]
fn defaults_are_filled_in() {
    let catalog = Catalog::from_yaml(BUILT_IN).unwrap();
    let default = |component: &str, property: &str| {
        catalog.entry(component).unwrap().properties[property].default_value("dev", "example.com")
    };
    assert_eq!(default("tekton", "host").unwrap(), "tekton.dev.example.com");
    assert_eq!(default("traefik", "httpsNodePort").unwrap(), "30443");
}

#[test]
fn a_setting_replaces_the_catalog() {
    let settings = Settings {
        catalog: Some(BUILT_IN.replace("name: tekton\n", "name: other\n")),
        ..Settings::default()
    };
    let catalog = Catalog::from_settings(&settings).unwrap();
    assert_eq!(catalog.names(Category::Pipeline), ["other"]);
}

#[test]
fn errors_name_entry_field_and_rule() {
    let cases = [
        (
            ("category: gateway", "category: gate"),
            "component traefik: category: must be one of multiTenant",
        ),
        (
            ("version: 41.6.0", "version: \">=41\""),
            "component traefik: source.helm.version: must be one version, such as 1.2.3, not a range",
        ),
        (
            ("version: 41.6.0", "version: 41.6"),
            "component traefik: source.helm.version: must be a string",
        ),
        (
            ("version: 41.6.0", "tag: 41.6.0"),
            "component traefik: source.helm: has an unknown field \"tag\"; known are repository, chart, version, values",
        ),
        (
            ("default: \"30080\"", "default: \"80\""),
            "component traefik: properties.httpNodePort.default: must be a number from 30000 to 32767",
        ),
        (
            ("default: \"30080\"", "default: 30080"),
            "component traefik: properties.httpNodePort.default: must be a string",
        ),
        (
            ("argocd.{name}", "argocd.{cluster}"),
            "component argocd: properties.host.default: may hold no other placeholders",
        ),
        (
            ("argocd.{name}", "Argo_CD.{name}"),
            "component argocd: properties.host.default: must be a host name",
        ),
        (
            ("https://traefik.github.io", "http://traefik.github.io"),
            "component traefik: source.helm.repository: must be an https URL",
        ),
        (
            (
                "name: vault\n    category: secretManagement",
                "name: vault\n    category: certManagement",
            ),
            "components: must have a component of category secretManagement",
        ),
        (
            ("source: none", "source: nowhere"),
            "component none: source: must be a mapping",
        ),
        (
            (
                "default.yaml\n",
                "default.yaml\n      images: [{name: a}]\n",
            ),
            "component hnc: source.images.a: must have newName, newTag or digest",
        ),
        (
            (
                "default.yaml\n",
                "default.yaml\n      images: [{name: a, newTag: b, digest: c}]\n",
            ),
            "component hnc: source.images.a: must have newTag or digest, not both",
        ),
        (
            (
                "default.yaml\n",
                "default.yaml\n      images: [{name: a, digest: sha256:1}]\n",
            ),
            "component hnc: source.images.a: must have a digest of sha256:",
        ),
        (
            ("rule: flag", "default: maybe\n        rule: flag"),
            "component tekton: properties.forwardLogin.default: must be \"true\" or \"false\"",
        ),
        (
            ("rule: objectName", "default: A_b\n        rule: objectName"),
            "component traefik: properties.tlsSecret.default: must be the name of an object",
        ),
        (
            ("- name: hnc", "- name: vault"),
            "component vault: name: stands twice",
        ),
        (
            ("- name: hnc", "- name: \" \""),
            "component  : name: must not be empty",
        ),
        (
            ("- name: hnc", "- nome: hnc"),
            "component number 1: has an unknown field \"nome\"",
        ),
        (
            ("namespace: argo-events", "namespace: Argo"),
            "component argo-events: namespace: must be a DNS label",
        ),
        (
            ("open: true", "open: maybe"),
            "component hnc: open: must be true or false",
        ),
        (
            ("- name: vcluster", "- name: other"),
            "charts: must have a chart named vcluster",
        ),
        (
            ("components:\n", "compontents:\n"),
            "the document: has an unknown field \"compontents\"",
        ),
        (
            (
                "      helm:\n        repository: https://traefik",
                "      helmet:\n        repository: https://traefik",
            ),
            "component traefik: source: has an unknown field",
        ),
    ];
    for ((from, to), expected) in cases {
        let error = error(from, to);
        let expected = format!("component catalog: {expected}");
        assert!(
            error.starts_with(&expected),
            "{error} instead of {expected}"
        );
    }
}

#[test]
fn what_is_no_catalog_at_all_is_an_error() {
    for text in [
        "",
        "a: [",
        "- 1",
        "components: {}\ncharts: []",
        "components: []",
    ] {
        assert!(Catalog::from_yaml(text).is_err(), "{text:?}");
    }
    let twice = Catalog::from_yaml("components: []\ncomponents: []").unwrap_err();
    assert!(twice.rule.starts_with("is not YAML"), "{twice}");
}

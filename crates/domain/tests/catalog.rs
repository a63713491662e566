//! A tenant's own catalog.

use domain::catalog::BUILT_IN;
use domain::{Neighbours, SaveRequest, Settings, check};

const REQUEST: &str = r#"{"api_server": "https://a.example.com", "cluster_type": "physical", "usage": "worker",
    "worker_type": "deployment", "argocd_host": "cd.example.com",
    "kubeconfig": "clusters: [{cluster: {}}]\nusers: [{user: {token: abc}}]"}"#;

#[test]
fn a_field_of_an_older_version_needs_a_component_that_knows_it() {
    let request = SaveRequest {
        name: "new-1".to_owned(),
        content_type: None,
        body: REQUEST.as_bytes().to_vec(),
    };
    let warnings = |catalog: String| {
        let settings = Settings {
            vault_url: "https://vault.example.com".to_owned(),
            catalog: Some(catalog),
            ..Settings::default()
        };
        check(&request, &Neighbours::default(), &settings)
            .unwrap()
            .warnings
    };
    assert_eq!(warnings(BUILT_IN.to_owned()), Vec::<String>::new());
    let start = BUILT_IN.find("- name: argocd").unwrap();
    let (before, argocd) = BUILT_IN.split_at(start);
    let without_host = format!("{before}{}", argocd.replacen("host:", "hostname:", 1));
    assert_eq!(
        warnings(without_host),
        ["`argocd_host` is ignored: `argocd` has no `host`"]
    );
}

#[test]
fn who_has_no_vault_is_told_that_its_injector_is_left_out() {
    let request = SaveRequest {
        name: "new-1".to_owned(),
        content_type: None,
        body: REQUEST.as_bytes().to_vec(),
    };
    let checked = check(&request, &Neighbours::default(), &Settings::default()).unwrap();
    assert_eq!(
        checked.warnings,
        ["`vault` is not installed: the operator has set no `vault_url` for its injector to ask"]
    );
}

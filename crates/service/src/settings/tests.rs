use super::*;

fn complete() -> BTreeMap<String, String> {
    [
        "gitlab_url",
        "gitlab_project",
        "kubernetes_url",
        "kubernetes_token",
        "tenant",
    ]
    .into_iter()
    .map(|name| {
        let value = match name {
            "gitlab_url" | "kubernetes_url" => "https://example.com",
            "gitlab_project" => "group/project",
            _ => "some-value",
        };
        (name.to_owned(), value.to_owned())
    })
    .collect()
}

#[test]
fn every_required_variable_is_named_when_it_is_missing_or_blank() {
    for name in complete().into_keys() {
        let mut values = complete();
        values.insert(name.clone(), " ".into());
        let error = Settings::from_variables(values).unwrap_err();
        assert_eq!(error.to_string(), format!("variable {name} is not set"));
    }
}

#[test]
fn optional_variables_have_defaults() {
    let settings = Settings::from_variables(complete()).unwrap();
    assert_eq!(settings.gitlab_branch, None);
    assert_eq!(settings.delivery, Delivery::Commit);
    assert_eq!(settings.upstream_timeout, Duration::from_secs(15));
    assert_eq!(settings.watch_timeout, Duration::from_secs(300));
    assert_eq!(settings.rendering.argocd_namespace, "argocd");
    assert_eq!(settings.rendering.git_url, "https://example.com");
    assert_eq!(settings.rendering.catalog, None);
}

#[test]
fn a_path_prefix_goes_behind_its_url() {
    let mut values = complete();
    values.insert("gitlab_url".into(), "https://example.com/".into());
    values.insert("gitlab_path_prefix".into(), "/git/lab/".into());
    let settings = Settings::from_variables(values).unwrap();
    assert_eq!(settings.gitlab_url, "https://example.com/git/lab");
}

#[test]
fn unusable_values_are_refused_without_repeating_them() {
    for (name, value) in [
        ("tenant", "default"),
        ("tenant", &"t".repeat(53)),
        ("gitlab_project", "git@gitlab.example.com:a/canary.git"),
        ("gitlab_project", "a/canary.git"),
        ("gitlab_project", "canary"),
        ("gitlab_project", "a%2Fcanary"),
        ("gitlab_project", "a/can ary"),
        ("gitlab_project", "//"),
        ("gitlab_branch", "refs/heads/canary"),
        ("gitlab_branch", "can ary"),
        ("gitlab_branch", "canary~1"),
        ("gitlab_path_prefix", "https://gitlab.example.com/canary"),
        ("gitlab_path_prefix", "canary/api/v4"),
        ("kubernetes_path_prefix", "/canary?a"),
        ("kubernetes_token", "${CANARY}"),
        ("kubernetes_token", "$CANARY"),
        ("kubernetes_token", "\"canary\""),
        ("kubernetes_token", "<canary>"),
        ("repository_url", "gitlab.example.com/canary"),
        ("repository_url", "git://gitlab.example.com/canary.git"),
        ("repository_url", "file:///canary.git"),
        ("upstream_timeout_seconds", "soon"),
        ("upstream_timeout_seconds", "1000"),
        ("delivery", "pull-request"),
        ("watch_timeout_seconds", "4000"),
        ("tenant", "Tenant 1"),
        ("insecure_upstreams", "yes"),
        ("gitlab_url", "http://gitlab.example.com"),
        ("kubernetes_url", "http://192.0.2.1:8080"),
        ("kubernetes_url", "http://localhost.example.com"),
        ("argocd_namespace", "a.b"),
        ("gitlab_project", "https://gitlab.example.com/a/b"),
        ("gitlab_url", "https://u:canary@gitlab.example.com"),
        ("gitlab_url", "gitlab.example.com"),
        ("gitlab_url", "https://gitlab.example.com/api/v4/"),
        ("kubernetes_url", "https://canary@kubernetes.example.com"),
        ("kubernetes_token", "can ary"),
        ("git_url", "https://gitlab.example.com?private_token=canary"),
        ("vault_url", "https://vault.example.com/#canary"),
        (
            "oidc_issuer_url",
            "https://oauth2:canary@issuer.example.com",
        ),
        (
            "repository_url",
            "https://oauth2:canary@gitlab.example.com/a.git",
        ),
        ("repository_url", "https://canary@gitlab.example.com/a.git"),
        ("repository_url", "HTTPS://canary@gitlab.example.com/a.git"),
        ("api_server_allowed", "https://u:canary@h"),
        ("proxy_url_allowed", "10.0.0.0/8, canary@h"),
        (
            "repository_url",
            "ssh://git:canary@gitlab.example.com/a.git",
        ),
        ("repository_url", "git:canary@gitlab.example.com:a.git"),
        ("nautes_namespace", "Canary"),
        ("job_image", "canary:latest"),
        ("job_image", "canary@sha256:abc"),
        ("oidc_client_id", "${CANARY}"),
        ("oidc_client_id", "can\nary"),
    ] {
        let mut values = complete();
        values.insert(name.into(), value.into());
        let error = Settings::from_variables(values).unwrap_err();
        assert_eq!(error.name, name);
        assert!(!error.to_string().contains(value));
    }
}

#[test]
fn tokens_go_unencrypted_only_within_the_machine_or_where_the_operator_says_so() {
    for url in [
        "http://localhost:3000",
        "http://gitlab.localhost",
        "http://127.1.2.3",
        "http://[::1]:80",
    ] {
        let mut values = complete();
        values.insert("gitlab_url".into(), url.into());
        values.insert("kubernetes_url".into(), url.into());
        assert!(Settings::from_variables(values).is_ok(), "{url}");
    }
    let mut values = complete();
    values.insert("gitlab_url".into(), "http://gitlab.example.com".into());
    let error = Settings::from_variables(values.clone()).unwrap_err();
    assert!(
        error.to_string().contains("insecure_upstreams=true"),
        "{error}"
    );
    values.insert("insecure_upstreams".into(), "true".into());
    assert!(Settings::from_variables(values).is_ok());
}

#[test]
fn values_from_files_end_with_a_line_break() {
    let plain = Settings::from_variables(complete()).unwrap();
    let with_breaks = complete()
        .into_iter()
        .map(|(name, value)| (name, format!("{value}\n")));
    let read = Settings::from_variables(with_breaks.collect()).unwrap();
    assert_eq!(read.gitlab_project, plain.gitlab_project);
    assert_eq!(read.kubernetes_token, plain.kubernetes_token);
    assert_eq!(read.rendering, plain.rendering);
}

#[test]
fn names_of_projects_branches_and_folders() {
    for (name, value) in [
        ("gitlab_project", "42"),
        ("gitlab_project", "/group/sub.group/a-b_c+d/"),
        ("gitlab_branch", "release/1.0"),
        ("gitlab_branch", "größer"),
        ("gitlab_path_prefix", "/git/lab/"),
        ("kubernetes_path_prefix", "/k8s/clusters/c-m-1"),
        ("kubernetes_token", "kubeconfig-u-x:a_b.c-d~e+f/g="),
    ] {
        let mut values = complete();
        values.insert(name.into(), value.into());
        assert_eq!(Settings::from_variables(values).err(), None, "{value}");
    }
}

#[test]
fn addresses_of_repositories() {
    for value in [
        "https://gitlab.example.com/a/b.git",
        "ssh://git@gitlab.example.com:22/a/b.git",
        "git@gitlab.example.com:a/b.git",
    ] {
        let mut values = complete();
        values.insert("repository_url".into(), value.into());
        let settings = Settings::from_variables(values).unwrap();
        assert_eq!(settings.rendering.repository_url, value);
    }
}

#[test]
fn the_token_shows_in_no_debug_output() {
    let settings = Settings::from_variables(complete()).unwrap();
    assert!(!format!("{settings:?}").contains("some-value"));
}

/// A value that can't be used, of every setting that the page has: whoever adds one says here what is refused.
#[test]
fn every_setting_of_the_page_can_be_unusable() {
    let page = include_str!("../../../../docs/settings.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let named: Vec<&str> = rows
        .filter_map(|row| Some(row.split_once("` |")?.0))
        .collect();
    let settings = named.iter().filter(|name| is_setting(name));
    let settings: Vec<&str> = settings.copied().collect();
    let of_functions = settings
        .iter()
        .filter(|name| VARIABLES.contains(name))
        .count();
    assert_eq!(
        (of_functions, settings.len()),
        (VARIABLES.len(), VARIABLES.len() + 5)
    );
    for name in settings {
        let mut values = complete();
        values.insert(name.to_owned(), "<can\nary>".to_owned());
        let judged = check_console(&values)
            .and_then(|()| Settings::from_variables(values)?.check_rendering());
        let error = judged.expect_err(name);
        assert_eq!(error.name, name);
        assert!(!error.to_string().contains("nary"), "{error}");
    }
}

/// The page has a table of Secrets as well.
fn is_setting(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[test]
fn no_url_may_hold_a_token_wherever_it_stands() {
    const URLS: [&str; 6] = [
        "repository_url",
        "git_url",
        "vault_url",
        "oidc_issuer_url",
        "gitlab_url",
        "kubernetes_url",
    ];
    const WITH_TOKEN: [&str; 8] = [
        "https://oauth2:canary@h.example.com/a.git",
        "https://canary@h.example.com/a.git",
        "https://h.example.com/a.git?private_token=canary",
        "https://h.example.com/a.git#canary",
        "https:/oauth2:canary@h.example.com/a.git",
        "https:/canary@h.example.com/a.git",
        "//oauth2:canary@h.example.com/a.git",
        "ssh:///git:canary@h.example.com/a.git",
    ];
    for name in URLS {
        for value in WITH_TOKEN {
            let mut values = complete();
            values.insert(name.into(), value.into());
            let error = Settings::from_variables(values).expect_err(value);
            assert_eq!(error.name, name, "{value}");
            assert!(!error.to_string().contains("canary"), "{error}");
        }
    }
    for value in [
        "git@h.example.com:a/b.git",
        "ssh://git@h.example.com:22/a.git",
    ] {
        let mut values = complete();
        values.insert("repository_url".into(), value.into());
        assert!(Settings::from_variables(values).is_ok(), "{value}");
    }
}

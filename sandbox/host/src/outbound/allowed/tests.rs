use super::AllowedHosts;

fn allows(entry: &str, url: &str) -> bool {
    AllowedHosts::parse([entry])
        .unwrap()
        .allows(&url.parse().unwrap())
}

#[test]
fn scheme_host_and_port_have_to_agree() {
    for (entry, url) in [
        (
            "https://gitlab.example.com",
            "https://gitlab.example.com/api/v4",
        ),
        (
            "https://gitlab.example.com/",
            "https://gitlab.example.com:443/",
        ),
        ("https://gitlab.example.com", "https://GitLab.Example.com/"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ("http://[::1]:8080", "http://[::1]:8080/"),
        ("http://[::1]", "http://[::1]/"),
        ("*://example.com:*", "http://example.com:81/"),
        ("*://example.com:443", "https://example.com/"),
        ("https://*:*", "https://anything:4/"),
        ("*://*:*", "http://anything/"),
        ("https://*.example.com", "https://a.b.example.com/"),
        ("http://10.0.0.0/8", "http://10.255.0.1/"),
        ("http://10.0.0.0/8:8080", "http://10.255.0.1:8080/"),
        ("http://example.com:8000..8100", "http://example.com:8099/"),
        (
            "http://validate.spin.internal",
            "http://validate.spin.internal/",
        ),
        ("http://*.spin.internal", "http://validate.spin.internal/"),
    ] {
        assert!(allows(entry, url), "{entry} should allow {url}");
    }
}

#[test]
fn anything_else_is_refused() {
    for (entry, url) in [
        ("https://gitlab.example.com", "http://gitlab.example.com/"),
        (
            "https://gitlab.example.com",
            "https://gitlab.example.com:8443/",
        ),
        (
            "https://gitlab.example.com",
            "https://gitlab.example.com.evil.org/",
        ),
        (
            "https://gitlab.example.com",
            "https://evil.org/?gitlab.example.com",
        ),
        (
            "https://gitlab.example.com",
            "https://gitlab.example.com@evil.org/",
        ),
        ("https://*.example.com", "https://example.com/"),
        ("https://*.example.com", "https://evilexample.com/"),
        ("http://127.0.0.1:8080", "http://localhost:8080/"),
        ("http://10.0.0.0/8", "http://11.0.0.1/"),
        ("http://10.0.0.0/8", "http://10.example.com/"),
        ("http://example.com:8000..8100", "http://example.com:8100/"),
        ("http://a.spin.internal", "http://b.spin.internal/"),
        ("http://*.spin.internal", "http://spin.internal/"),
    ] {
        assert!(!allows(entry, url), "{entry} should not allow {url}");
    }
}

#[test]
fn an_entry_left_empty_by_its_variable_allows_nothing() {
    let none = AllowedHosts::parse(["", "https://", "http://"]).unwrap();
    assert!(!none.allows(&"https://example.com/".parse().unwrap()));
}

#[test]
fn a_request_without_authority_is_refused() {
    assert!(
        !AllowedHosts::parse(["*://*:*"])
            .unwrap()
            .allows(&"/path".parse().unwrap())
    );
}

#[test]
fn entries_that_mean_nothing_say_why() {
    for (entry, reason) in [
        ("example.com", "no scheme"),
        ("https://example.com/api", "path"),
        ("https://example.com:1/api", "path"),
        ("https://a.*.com", "`*` stands for"),
        ("https://example.com:http", "port"),
        ("ftp://example.com", "no port"),
        ("http://self", "service chaining"),
        ("ht*p://example.com", "scheme"),
    ] {
        let error = AllowedHosts::parse([entry]).unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains(entry), "{error}");
    }
}

use super::DestinationError::{LocalHost, ManagementCluster, NotAllowed, Unreadable};
use super::*;

fn policy(servers: &str, proxies: &str) -> DestinationPolicy {
    DestinationPolicy {
        management_cluster: origin("https://203.0.113.1:6443/prefix"),
        api_servers: HostList::parse(servers).unwrap(),
        proxies: HostList::parse(proxies).unwrap(),
    }
}

#[test]
fn the_management_cluster_under_each_of_its_names() {
    let policy = policy("", "");
    for (url, error) in [
        ("https://kubernetes", ManagementCluster),
        ("https://kubernetes.default:6443/", ManagementCluster),
        ("https://KUBERNETES.Default.svc", ManagementCluster),
        ("https://kubernetes.default.svc:443/a/b", ManagementCluster),
        (
            "https://kubernetes.default.svc.cluster.local",
            ManagementCluster,
        ),
        (
            "https://kubernetes.default.svc.example.org:1",
            ManagementCluster,
        ),
        ("https://203.0.113.1:6443", ManagementCluster),
        ("https://203.0.113.1:6443/clusters/a", ManagementCluster),
        ("https://[::ffff:203.0.113.1]:6443", ManagementCluster),
        ("https://[::ffff:cb00:7101]:6443", ManagementCluster),
        ("https://[64:ff9b::203.0.113.1]:6443", ManagementCluster),
        ("https://[64:ff9b:1::203.0.113.1]:6443", ManagementCluster),
        ("https://[::ffff:0:203.0.113.1]:6443", ManagementCluster),
        ("https://[2002:cb00:7101::]:6443", ManagementCluster),
        ("https://[2002:cb00:7101::1]:6443", ManagementCluster),
        ("https://localhost:6443", LocalHost("loopback")),
        ("https://api.LOCALHOST", LocalHost("loopback")),
        ("https://localhost.localdomain", LocalHost("loopback")),
        ("https://ip6-localhost", LocalHost("loopback")),
        ("https://ip6-loopback", LocalHost("loopback")),
        ("https://127.0.0.1:6443", LocalHost("loopback")),
        ("https://127.255.255.254", LocalHost("loopback")),
        ("https://[::1]", LocalHost("loopback")),
        ("https://[0:0:0:0:0:0:0:1]", LocalHost("loopback")),
        ("https://[::ffff:127.0.0.1]", LocalHost("loopback")),
        ("https://[::ffff:0:127.0.0.1]", LocalHost("loopback")),
        ("https://[64:ff9b:1::7f00:1]", LocalHost("loopback")),
        ("https://[2002:7f00:1::]", LocalHost("loopback")),
        ("https://[fec0::1]", LocalHost("link-local")),
        ("https://[::127.0.0.1]", LocalHost("loopback")),
        ("https://0.0.0.0", LocalHost("unspecified")),
        ("https://0.1.2.3", LocalHost("unspecified")),
        ("https://[::]", LocalHost("unspecified")),
        ("https://169.254.169.254", LocalHost("link-local")),
        ("https://[fe80::1]", LocalHost("link-local")),
        ("https://224.0.0.1", LocalHost("multicast")),
        ("https://255.255.255.255", LocalHost("multicast")),
        ("https://[ff02::1]", LocalHost("multicast")),
    ] {
        assert_eq!(policy.check_api_server(url), Err(error), "{url}");
    }
}

/// Spellings that resolvers and URL readers take for one of the above are no hosts here at all.
#[test]
fn odd_spellings_are_no_hosts() {
    for url in [
        "https://kubernetes.default.svc.",
        "https://kubernetes.default.sv%63",
        "https://a@kubernetes.default.svc",
        "https://2130706433",
        "https://0177.0.0.1",
        "https://127.1",
        "https://0x7f.0.0.1",
        "https://0x7f000001",
        "https://0X7F.1",
        "https://127.0.0.1.",
        "https://①②⑦.0.0.1",
        "https://kubernetes。default。svc",
        "https://[fe80::1%25eth0]",
    ] {
        assert_eq!(
            policy("", "").check_api_server(url),
            Err(Unreadable),
            "{url}"
        );
    }
}

#[test]
fn other_clusters_may_be_registered() {
    for url in [
        "https://api.example.com",
        "https://kubernetes.example.com:6443",
        "https://kubernetes.other.svc",
        "https://mylocalhost",
        "https://203.0.113.1:6444",
        "https://10.0.0.1:6443",
        "https://[2001:db8::1]:6443",
        "https://0xa.example.com",
    ] {
        assert_eq!(policy("", "").check_api_server(url), Ok(()), "{url}");
    }
}

#[test]
fn proxies_obey_the_same_rules() {
    let policy = policy("", "");
    for (url, expected) in [
        ("http://proxy.example.com:3128", Ok(())),
        ("http://user:pass@my_proxy:3128/", Ok(())),
        ("socks5://10.0.0.1:1080", Ok(())),
        ("https://203.0.113.1", Ok(())),
        ("https://203.0.113.1:6443", Err(ManagementCluster)),
        ("http://kubernetes.default.svc.:443", Err(ManagementCluster)),
        (
            "http://example.com@kubernetes.default",
            Err(ManagementCluster),
        ),
        ("http://a:b@c@localhost:1", Err(LocalHost("loopback"))),
        ("socks5://127.0.0.1:1080", Err(LocalHost("loopback"))),
        ("http://[::ffff:7f00:1]", Err(LocalHost("loopback"))),
        ("http://%6cocalhost", Err(Unreadable)),
        ("http://0x7f000001", Err(Unreadable)),
        ("http://", Err(Unreadable)),
        ("ftp://a", Err(Unreadable)),
        ("http://a:b", Err(Unreadable)),
    ] {
        assert_eq!(policy.check_proxy(url), expected, "{url}");
    }
}

#[test]
fn an_operator_can_close_the_list() {
    let policy = policy(
        "api.example.com, *.Clusters.example.com,10.0.0.0/8",
        "2001:db8::1",
    );
    let refused = Err(NotAllowed("api_server_allowed"));
    for (url, expected) in [
        ("https://api.example.com:6443", Ok(())),
        ("https://a.b.clusters.example.com", Ok(())),
        ("https://10.1.2.3", Ok(())),
        ("https://[::ffff:10.1.2.3]", Ok(())),
        ("https://clusters.example.com", refused),
        ("https://evilclusters.example.com", refused),
        ("https://b.api.example.com", refused),
        ("https://11.0.0.1", refused),
    ] {
        assert_eq!(policy.check_api_server(url), expected, "{url}");
    }
    assert_eq!(policy.check_proxy("http://[2001:db8::1]:3128"), Ok(()));
    let refused = Err(NotAllowed("proxy_url_allowed"));
    assert_eq!(policy.check_proxy("http://[2001:db8::2]:3128"), refused);
}

/// A list never opens what is refused always.
#[test]
fn a_list_does_not_allow_the_management_cluster() {
    let policy = policy("127.0.0.0/8,kubernetes.default.svc", "localhost");
    assert!(policy.check_api_server("https://127.0.0.1").is_err());
    assert!(
        policy
            .check_api_server("https://kubernetes.default.svc")
            .is_err()
    );
    assert!(policy.check_proxy("http://localhost").is_err());
}

#[test]
fn lists_that_are_none() {
    for text in [
        "*",
        "*example.com",
        "a b",
        "10.0.0.0/33",
        "https://a",
        "a,*.*.b",
    ] {
        assert!(HostList::parse(text).is_err(), "{text}");
    }
    assert!(HostList::parse(" , ").unwrap().is_empty());
}

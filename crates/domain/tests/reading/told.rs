//! Tests of what a request or a resource file tells before a check.

use domain::{File, References, Rejection, SaveRequest, Usage, inspect, resource, survey};

use crate::resource_files::RESOURCE_FILE;

#[test]
fn a_survey_tells_only_what_is_valid() {
    let of = |body: &str| {
        survey(&SaveRequest {
            body: body.as_bytes().to_vec(),
            ..SaveRequest::default()
        })
    };
    assert_eq!(of("{}"), Ok(References::default()));
    assert_eq!(
        of(r#"{"host_cluster": "../x", "api_server": "http://a", "usage": "x", "kubeconfig": ""}"#),
        Ok(References::default())
    );
    assert_eq!(
        of(
            r#"{"hostCluster": "h", "api_server": "https://A:443/", "usage": "host", "kubeconfig": "x"}"#
        ),
        Ok(References {
            host_cluster: Some("h".to_owned()),
            api_server: Some("https://a".to_owned()),
            usage: Some(Usage::Host),
            has_kubeconfig: true,
        })
    );
}

#[test]
fn a_resource_file_tells_its_references() {
    let file = |text: &str| File {
        path: resource::path("v-1"),
        content: text.as_bytes().to_vec(),
    };
    assert_eq!(
        inspect(&file(RESOURCE_FILE)),
        Ok(References {
            host_cluster: Some("host-1".to_owned()),
            api_server: Some("https://8.217.50.114:31456".to_owned()),
            usage: Some(Usage::Worker),
            has_kubeconfig: false,
        })
    );
    let message = "nautes/overlays/production/clusters/v-1.yaml is not a Cluster of nautes.resource.nautes.io";
    assert_eq!(
        inspect(&file("a: b")),
        Err(Rejection::Other(message.to_owned()))
    );
}

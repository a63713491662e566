//! Whom components trust.

use crate::origin::OriginServer;
use crate::support::{TestApplication, get};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use sandbox_host::LogSource;
use std::path::PathBuf;
use std::sync::Arc;

struct TlsFixture {
    origin: OriginServer,
    app: TestApplication,
    /// The certificate of the origin.
    pem: PathBuf,
}

async fn secure() -> TlsFixture {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let origin = OriginServer::start(Some(Arc::new(config).into())).await;
    let app = TestApplication::one(&format!(
        "allowed_outbound_hosts = [\"https://*:{}\"]",
        origin.address.port()
    ));
    let pem = app.folder.path().join("ca.pem");
    std::fs::write(&pem, cert.pem()).unwrap();
    TlsFixture { origin, app, pem }
}

#[tokio::test]
async fn a_certificate_authority_of_ones_own_is_trusted() {
    let TlsFixture {
        origin,
        mut app,
        pem,
    } = secure().await;
    app.options.ca_files.push(pem);
    let host = app.start().await;
    let authority = format!("localhost:{}", origin.address.port());
    let (status, body) = get(&host, &format!("/fetch?https://{authority}/")).await;
    assert_eq!((status, body), (200, format!("GET / {authority}\n")));
}

#[tokio::test]
async fn an_unknown_certificate_authority_is_not_trusted() {
    let TlsFixture { origin, app, .. } = secure().await;
    let host = app.start().await;
    let (status, body) = get(
        &host,
        &format!("/fetch?https://localhost:{}/", origin.address.port()),
    )
    .await;
    assert_eq!(
        (status, body.as_str()),
        (502, "ErrorCode::TlsCertificateError")
    );
    assert!(app.lines(LogSource::Host)[0].contains("the server's certificate is not accepted"));
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted() {
    let TlsFixture {
        origin,
        mut app,
        pem,
    } = secure().await;
    app.options.ca_files.push(pem);
    let host = app.start().await;
    let (_, body) = get(
        &host,
        &format!("/fetch?https://127.0.0.1:{}/", origin.address.port()),
    )
    .await;
    assert_eq!(body, "ErrorCode::TlsCertificateError");
}

#[tokio::test]
async fn files_without_certificates_stop_the_start() {
    let TlsFixture { mut app, pem, .. } = secure().await;
    std::fs::write(&pem, "nothing").unwrap();
    app.options.ca_files.push(pem.clone());
    assert_eq!(
        app.refusal().await,
        format!("{} contains no certificate", pem.display())
    );
    std::fs::remove_file(&pem).unwrap();
    let refusal = app.refusal().await;
    assert!(
        refusal.starts_with(&format!("cannot read certificates from {}", pem.display())),
        "{refusal}"
    );
}

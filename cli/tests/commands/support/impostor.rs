//! A server whose certificate is what a test wants it to be, and one that says nothing at all.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// A server with a certificate; every request is answered with a 401 of Kubernetes.
pub struct Impostor {
    pub url: String,
    /// PEM of the authority by which its certificate is.
    pub ca_pem: String,
}

impl Impostor {
    /// With a certificate for this name, which holds until this year.
    pub fn start(name: &str, until: i32) -> Self {
        let (ca_pem, config) = certificate(name, until);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = rustls::StreamOwned::new(connection, stream);
                // A client that trusts nobody goes before it has said anything.
                if matches!(stream.read(&mut [0; 4096]), Ok(1..)) {
                    let body = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}"#;
                    let length = body.len();
                    write!(stream, "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").ok();
                }
            }
        });
        Self { url, ca_pem }
    }
}

fn certificate(name: &str, until: i32) -> (String, Arc<rustls::ServerConfig>) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let ca = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let mut server = CertificateParams::new(vec![name.to_owned()]).unwrap();
    server.not_before = rcgen::date_time_ymd(2020, 1, 1);
    server.not_after = rcgen::date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().unwrap();
    let chain = vec![CertificateDer::from(
        server.signed_by(&key, &issuer).unwrap(),
    )];
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    (ca.pem(), Arc::new(config))
}

/// A server that speaks HTTP without TLS, whoever speaks TLS to it; its address.
pub fn plain_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            // Whatever has come of the greeting.
            if stream.read(&mut [0; 4096]).is_ok_and(|length| length == 0) {
                continue;
            }
            write!(
                stream,
                "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"
            )
            .ok();
        }
    });
    format!("https://{address}")
}

/// A server that takes connections and never says a word, as one behind a firewall; its address.
pub fn silent_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().collect::<Vec<_>>());
    format!("https://{address}")
}

//! The HTTP client of the tests.

use std::sync::Once;

/// Makes a client. All of them share rustls with the command line, whose build asks reqwest for no cryptography of
/// its own, so it is named here.
#[must_use]
pub fn http_client() -> reqwest::Client {
    static NAMED: Once = Once::new();
    NAMED.call_once(|| {
        // Another test of the process may have been first.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
    });
    reqwest::Client::new()
}

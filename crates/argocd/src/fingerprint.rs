//! Which credentials are approved, told without telling them.
//!
//! The fingerprint is in the resource file, so that a change of credentials is a commit like any other. It is salted, and
//! whoever reads the repository may try guesses against it: what may be short goes through a password hash first.

use std::fmt::Write as _;

use domain::{Credentials, Login};
use pbkdf2::pbkdf2_hmac_array;
use sha2::{Digest as _, Sha256};

/// How a fingerprint begins; its salt and its digest follow, in hexadecimal digits.
const SCHEME: &str = "sha256";

/// Iterations of PBKDF2-HMAC-SHA-256. Each is two blocks of SHA-256, about half a microsecond each in a component: 20 ms, of the
/// 100 that a request may take. Only passwords and short tokens cost it.
const ROUNDS: u32 = 20_000;

/// A token of fewer characters may be somebody's word. Those of Kubernetes have hundreds, and those that tools make at
/// random 32 or more.
const SHORT: usize = 32;

/// The fingerprint of what Argo CD would log in with. The salt is 128 random bits in hexadecimal digits.
#[must_use]
pub fn fingerprint(server: &str, credentials: &Credentials, salt: &str) -> String {
    let mut canonical = Sha256::new();
    for field in fields(server, credentials, salt) {
        // Each with its length, so that no two lists of fields make one text.
        canonical.update(format!("{}:{field},", field.len()));
    }
    format!("{SCHEME}:{salt}:{}", hex(&canonical.finalize()))
}

/// Compares a fingerprint of any salt with the credentials for a server. Malformed text is no fingerprint of anything.
#[must_use]
pub fn is_fingerprint_of(known: &str, server: &str, credentials: &Credentials) -> bool {
    let mut parts = known.split(':');
    match (parts.next(), parts.next()) {
        (Some(SCHEME), Some(salt)) => fingerprint(server, credentials, salt) == known,
        _ => false,
    }
}

/// A word for some objects, by their uids: 64 bits in hexadecimal digits. Whoever reads it learns none of them.
pub(crate) fn word_of<'a>(uids: impl Iterator<Item = &'a str>) -> String {
    let mut digest = Sha256::new();
    for uid in uids {
        digest.update(uid);
        digest.update(" ");
    }
    let mut word = hex(&digest.finalize());
    word.truncate(16);
    word
}

/// Everything that goes into the cluster Secret.
fn fields(server: &str, credentials: &Credentials, salt: &str) -> Vec<String> {
    let optional = |field: &Option<String>| field.clone().unwrap_or_default();
    let login = match &credentials.login {
        Login::ClientCertificate {
            cert_data,
            key_data,
        } => ["certificate", cert_data, key_data].map(str::to_owned),
        Login::Token(token) if token.len() < SHORT => {
            ["short token".to_owned(), slow(token, salt), String::new()]
        }
        Login::Token(token) => ["token", token, ""].map(str::to_owned),
        Login::Basic { username, password } => {
            ["basic".to_owned(), username.clone(), slow(password, salt)]
        }
    };
    let mut fields = vec![
        salt.to_owned(),
        server.to_owned(),
        optional(&credentials.ca_data),
        credentials.insecure.to_string(),
        optional(&credentials.server_name),
        optional(&credentials.proxy_url),
    ];
    fields.extend(login);
    fields
}

fn slow(secret: &str, salt: &str) -> String {
    let derived = pbkdf2_hmac_array::<Sha256, 32>(secret.as_bytes(), salt.as_bytes(), ROUNDS);
    hex(&derived)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "https://a.example.com";
    const SALT: &str = "00112233445566778899aabbccddeeff";

    fn with(login: Login) -> Credentials {
        Credentials {
            ca_data: Some("Q0E=".to_owned()),
            insecure: false,
            server_name: None,
            proxy_url: None,
            login,
            expires_at: None,
        }
    }

    fn token(token: &str) -> Credentials {
        with(Login::Token(token.to_owned()))
    }

    fn basic(username: &str, password: &str) -> Credentials {
        with(Login::Basic {
            username: username.to_owned(),
            password: password.to_owned(),
        })
    }

    fn certificate(cert: &str, key: &str) -> Credentials {
        with(Login::ClientCertificate {
            cert_data: cert.to_owned(),
            key_data: key.to_owned(),
        })
    }

    #[test]
    fn the_same_credentials_match_under_their_salt_alone() {
        let long = "t".repeat(40);
        for credentials in [
            token(&long),
            token("short"),
            basic("u", "p"),
            certificate("a", "b"),
        ] {
            let known = fingerprint(SERVER, &credentials, SALT);
            assert!(is_fingerprint_of(&known, SERVER, &credentials));
            assert!(!known.contains("short") && !known.contains(&long));
            let other_salt = fingerprint(SERVER, &credentials, &SALT.replace('0', "1"));
            assert_ne!(known, other_salt);
            assert!(is_fingerprint_of(&other_salt, SERVER, &credentials));
        }
    }

    #[test]
    fn every_field_counts() {
        let credentials = token(&"t".repeat(40));
        let known = fingerprint(SERVER, &credentials, SALT);
        let changes: [fn(&mut Credentials); 8] = [
            |it| it.ca_data = None,
            |it| it.insecure = true,
            |it| it.server_name = Some("a".to_owned()),
            |it| it.proxy_url = Some("http://a".to_owned()),
            |it| it.login = token("u").login,
            |it| it.login = token(&"u".repeat(40)).login,
            |it| it.login = basic(&"t".repeat(40), "").login,
            |it| it.login = certificate(&"t".repeat(40), "").login,
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut other = credentials.clone();
            change(&mut other);
            assert!(!is_fingerprint_of(&known, SERVER, &other), "{index}");
        }
        assert!(!is_fingerprint_of(
            &known,
            "https://b.example.com",
            &credentials
        ));
        // Text that only moves from one field to the next is another list of fields.
        let known = fingerprint(SERVER, &certificate("ab", "c"), SALT);
        assert!(!is_fingerprint_of(&known, SERVER, &certificate("a", "bc")));
        // When it expires is read from it.
        let mut later = certificate("ab", "c");
        later.expires_at = Some(1);
        assert!(is_fingerprint_of(&known, SERVER, &later));
    }

    #[test]
    fn what_is_no_fingerprint_matches_nothing() {
        let credentials = token("t");
        let known = fingerprint(SERVER, &credentials, SALT);
        for other in [
            "",
            "sha256",
            "sha256:",
            &known[..known.len() - 1],
            &known.replace("sha256", "md5"),
        ] {
            assert!(!is_fingerprint_of(other, SERVER, &credentials), "{other}");
        }
    }

    #[test]
    fn as_it_is_stored() {
        // A change here makes every cluster's next save a commit.
        let known = fingerprint(SERVER, &basic("u", "p"), SALT);
        // Computed with Python's hashlib.
        assert_eq!(
            known,
            "sha256:00112233445566778899aabbccddeeff:79bc3c69d08d36e18696d8e0547a5a98f44afa37e738c050d1ab6151879731ca"
        );
    }
}

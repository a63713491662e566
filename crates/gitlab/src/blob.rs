//! Git's object ids, so that equal files are known without reading them.

use std::fmt::Write;

use sha1::{Digest, Sha1};
use sha2::Sha256;

/// Number of hexadecimal digits of an id in a SHA-256 repository; 40 in any other.
const SHA256_DIGITS: usize = 64;

/// The id that Git gives to a file with this content, 40 hexadecimal digits.
#[must_use]
pub fn blob_id(content: &[u8]) -> String {
    digest::<Sha1>(content)
}

/// The id that Git gives to a file with this content in the repository that `other`, any object's id,
/// comes from.
#[must_use]
pub fn id_like(other: &str, content: &[u8]) -> String {
    match other.len() {
        SHA256_DIGITS => digest::<Sha256>(content),
        _ => digest::<Sha1>(content),
    }
}

/// Tells whether a file with this id has this content, in a SHA-1 or a SHA-256 repository.
#[must_use]
pub fn is_blob(id: &str, content: &[u8]) -> bool {
    match id.len() {
        SHA256_DIGITS => digest::<Sha256>(content).eq_ignore_ascii_case(id),
        _ => digest::<Sha1>(content).eq_ignore_ascii_case(id),
    }
}

fn digest<D: Digest>(content: &[u8]) -> String {
    let mut hasher = D::new();
    hasher.update(format!("blob {}\0", content.len()));
    hasher.update(content);
    hasher
        .finalize()
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_git_computes_them() {
        // git hash-object --stdin </dev/null, and of "hello\n"; the last in a SHA-256 repository
        assert_eq!(blob_id(b""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(
            blob_id(b"hello\n"),
            "ce013625030ba8dba906f756967f9e9ca394464a"
        );
        assert!(is_blob(
            "CE013625030ba8dba906f756967f9e9ca394464a",
            b"hello\n"
        ));
        assert!(!is_blob(
            "ce013625030ba8dba906f756967f9e9ca394464a",
            b"hello"
        ));
        let (sha1, sha256) = ("0".repeat(40), "0".repeat(64));
        assert_eq!(id_like(&sha1, b""), blob_id(b""));
        assert_eq!(
            id_like(&sha256, b""),
            "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"
        );
        assert!(!is_blob(&blob_id(b""), b"a"));
        assert!(is_blob(
            "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
            b""
        ));
    }
}

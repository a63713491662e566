//! Files that stand for others, or were not finished: what Git and its tools leave where a file should be.

/// Tells which placeholder a file of the repository is instead of YAML, and what to do about it.
pub(crate) fn kind(content: &[u8]) -> Option<&'static str> {
    let text = str::from_utf8(content).unwrap_or_default();
    let first = text.lines().next().unwrap_or_default().trim_end();
    if content.trim_ascii().is_empty() {
        Some("is empty, as a submodule in its place would look as well")
    } else if first.starts_with("version https://git-lfs.github.com/spec/") {
        Some(
            "is a pointer of Git LFS: take *.yaml out of .gitattributes there, and commit the file itself",
        )
    } else if content.starts_with(b"\0GITCRYPT\0") {
        Some("is encrypted by git-crypt: nothing in this folder may be")
    } else if has_conflict(text) {
        Some("has the marks of a merge conflict: resolve it")
    } else if is_encrypted_by_sops(text) {
        Some("is encrypted by SOPS: nothing in this folder may be")
    } else if is_link(text) {
        Some("is a symbolic link: put the file itself there")
    } else {
        None
    }
}

/// The three marks that Git writes, each at the beginning of a line.
fn has_conflict(text: &str) -> bool {
    ["<<<<<<< ", "=======", ">>>>>>> "]
        .iter()
        .all(|mark| text.lines().any(|line| line.starts_with(mark)))
}

fn is_encrypted_by_sops(text: &str) -> bool {
    text.lines().any(|line| line == "sops:") && text.contains("ENC[")
}

/// The content of a link is where it leads, without a line break.
fn is_link(text: &str) -> bool {
    let ends_like_one = [".yaml", ".yml"].iter().any(|end| text.ends_with(end));
    ends_like_one && !text.contains(['\n', ' ', ':'])
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn what_git_leaves_is_named() {
        for (content, words) in [
            ("", "is empty"),
            (" \n", "is empty"),
            (
                "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n",
                "Git LFS",
            ),
            ("\0GITCRYPT\0\u{1}", "git-crypt"),
            (
                "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n",
                "merge conflict",
            ),
            (
                "spec:\n  a: ENC[AES256_GCM,data:x]\nsops:\n  version: 3\n",
                "SOPS",
            ),
            ("../staging/w1.yaml", "symbolic link"),
        ] {
            let kind = kind(content.as_bytes()).unwrap_or_default();
            assert!(kind.contains(words), "{content}: {kind}");
        }
        for content in [
            "a: b\n",
            "a: |\n  =======\n",
            "# version https://git-lfs.github.com/spec/v1\na: b\n",
            "- w1.yaml\n",
            "name: w1.yaml",
        ] {
            assert_eq!(kind(content.as_bytes()), None, "{content}");
        }
    }
}

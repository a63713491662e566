//! Paths in the repository. GitLab cleans what it gets (`a/../b` becomes `b`), so nothing unclean may
//! be sent.

/// Why a path must not be written to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilePathError {
    /// Empty, absolute, with an empty, `.` or `..` segment, a control character, or inside `.git`.
    #[error("{0:?} is no path of a file in a repository")]
    Invalid(String),
    /// Other files lie below it: GitLab would replace the folder by the file.
    #[error("{0} is a folder with other files in it")]
    Folder(String),
}

/// Checks a path from the repository's root.
pub fn validate(path: &str) -> Result<(), FilePathError> {
    let segments_are_names = path
        .split('/')
        .all(|segment| !matches!(segment, "" | "." | ".."));
    let first = path.split('/').next().unwrap_or_default();
    if segments_are_names
        && !first.eq_ignore_ascii_case(".git")
        && !path.contains('\\')
        && !path.chars().any(char::is_control)
    {
        Ok(())
    } else {
        Err(FilePathError::Invalid(path.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for path in ["a", "a/b.yaml", ".github/x", "a/.git", "a b/ü"] {
            assert_eq!(validate(path), Ok(()), "{path}");
        }
        for path in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "./a",
            "a/./b",
            "..",
            "a/../b",
            ".git",
            ".git/hooks/x",
            ".GIT/x",
            "a\\b",
            "a\nb",
            "a\0",
        ] {
            assert_eq!(
                validate(path),
                Err(FilePathError::Invalid(path.to_owned())),
                "{path:?}"
            );
        }
    }
}

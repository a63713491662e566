/// Why Gitaly refuses a path. The texts are Gitaly's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TreePathError {
    #[error("You must provide a file path")]
    Missing,
    #[error("Path cannot include directory traversal")]
    Traversal,
    #[error("invalid path: '{0}'")]
    Invalid(String),
}

/// Cleans a path as Go's `filepath.Clean` does below a root: `a/../b` and `/b` become `b`.
pub(crate) fn clean(path: &str) -> Result<String, TreePathError> {
    if path.is_empty() {
        return Err(TreePathError::Missing);
    }
    if path.contains("//") || path.contains('\0') {
        return Err(TreePathError::Invalid(path.to_owned()));
    }
    let mut components = Vec::new();
    for component in path.split('/') {
        match component {
            "" | "." => {}
            ".." => {
                components.pop().ok_or(TreePathError::Traversal)?;
            }
            name => components.push(name),
        }
    }
    let is_git = |component: &&str| component.eq_ignore_ascii_case(".git");
    if components.is_empty() || components.iter().any(is_git) {
        return Err(TreePathError::Invalid(path.to_owned()));
    }
    Ok(components.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans_and_refuses() {
        assert_eq!(clean("a/../b").as_deref(), Ok("b"));
        assert_eq!(clean("/b/./c").as_deref(), Ok("b/c"));
        assert_eq!(clean(""), Err(TreePathError::Missing));
        assert_eq!(clean("a/../../b"), Err(TreePathError::Traversal));
        assert_eq!(
            clean("a//b").unwrap_err().to_string(),
            "invalid path: 'a//b'"
        );
        assert_eq!(clean(".").unwrap_err().to_string(), "invalid path: '.'");
        assert_eq!(
            clean(".git/hooks/x").unwrap_err().to_string(),
            "invalid path: '.git/hooks/x'"
        );
    }
}

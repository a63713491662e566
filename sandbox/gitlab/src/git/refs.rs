use std::time::{Duration, Instant};

use git2::{ErrorClass, ErrorCode, Oid, Reference, Repository, Signature};

/// Time that Git waits for a ref's lock (`core.filesRefLockTimeout`).
const LOCK_TIMEOUT: Duration = Duration::from_millis(100);

/// Why a ref was not moved. The texts are those of Gitaly.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RefError {
    #[error("9:reference update: reference does not point to expected object")]
    Moved,
    #[error("9:reference update: reference already exists")]
    Exists,
    #[error("9:reference update: reference is already locked")]
    Locked,
    #[error(transparent)]
    Git(#[from] git2::Error),
}

/// The full name of a branch's ref.
pub(super) fn branch_ref(branch: &str) -> String {
    format!("refs/heads/{branch}")
}

/// True where Git, and GitLab on top of it, accepts the name for a branch.
pub(crate) fn valid_branch_name(name: &str) -> bool {
    let refname = branch_ref(name);
    !name.is_empty()
        && name != "HEAD"
        && !name.starts_with('-')
        && !name.starts_with("refs/heads/")
        && !name.starts_with("refs/remotes/")
        && Reference::is_valid_name(&refname)
}

/// The branch's head, if there is such a branch.
pub(crate) fn branch_head(
    repository: &Repository,
    branch: &str,
) -> Result<Option<Oid>, git2::Error> {
    if valid_branch_name(branch) {
        ref_target(repository, &branch_ref(branch))
    } else {
        Ok(None)
    }
}

/// All branches with their heads, by name.
pub(crate) fn branches(repository: &Repository) -> Result<Vec<(String, Oid)>, git2::Error> {
    let mut found = Vec::new();
    for reference in repository.references_glob("refs/heads/*")? {
        let reference = reference?;
        let (Ok(name), Some(head)) = (reference.name(), reference.target()) else {
            continue;
        };
        if let Some(branch) = name.strip_prefix("refs/heads/") {
            found.push((branch.to_owned(), head));
        }
    }
    found.sort();
    Ok(found)
}

/// True without any branch.
pub(crate) fn is_empty(repository: &Repository) -> Result<bool, git2::Error> {
    Ok(repository.references_glob("refs/heads/*")?.next().is_none())
}

/// The branch HEAD names, whether it exists or not.
pub(crate) fn default_branch(repository: &Repository) -> Result<String, git2::Error> {
    let head = repository.find_reference("HEAD")?;
    let target = head.symbolic_target().ok().flatten().unwrap_or_default();
    Ok(target
        .strip_prefix("refs/heads/")
        .unwrap_or(target)
        .to_owned())
}

pub(crate) fn set_default_branch(repository: &Repository, branch: &str) -> Result<(), git2::Error> {
    repository.set_head(&branch_ref(branch))
}

/// The commit a branch, a tag, a full or abbreviated commit id, or `HEAD` names.
pub(crate) fn resolve(repository: &Repository, name: &str) -> Result<Option<Oid>, git2::Error> {
    if is_full_id(name) {
        return found(
            Oid::from_str(name)
                .and_then(|id| repository.find_commit(id))
                .map(|commit| commit.id()),
        );
    }
    let name = if name == "HEAD" {
        &default_branch(repository)?
    } else {
        name
    };
    for refname in [
        branch_ref(name),
        format!("refs/tags/{name}"),
        name.to_owned(),
    ] {
        if !Reference::is_valid_name(&refname) || !refname.starts_with("refs/") {
            continue;
        }
        let commit = repository
            .find_reference(&refname)
            .and_then(|reference| reference.peel_to_commit());
        if let Some(id) = found(commit.map(|commit| commit.id()))? {
            return Ok(Some(id));
        }
    }
    if name.len() >= 7 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return found(
            repository
                .find_commit_by_prefix(name)
                .map(|commit| commit.id()),
        );
    }
    Ok(None)
}

/// True for what is written like a full commit id.
pub(crate) fn is_full_id(name: &str) -> bool {
    name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Moves a branch from `expected` to `new`, where `None` is its absence, holding the ref's lock file
/// as `git push` and `git update-ref` do.
pub(crate) fn compare_and_swap(
    repository: &Repository,
    branch: &str,
    expected: Option<Oid>,
    new: Option<Oid>,
) -> Result<(), RefError> {
    let refname = branch_ref(branch);
    let mut transaction = repository.transaction()?;
    let deadline = Instant::now() + LOCK_TIMEOUT;
    while let Err(error) = transaction.lock_ref(&refname) {
        if error.code() != ErrorCode::Locked {
            return Err(error.into());
        }
        if Instant::now() >= deadline {
            return Err(RefError::Locked);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let current = ref_target(repository, &refname)?;
    match (expected, current) {
        (None, Some(_)) => return Err(RefError::Exists),
        (expected, current) if expected != current => return Err(RefError::Moved),
        _ => {}
    }
    match new {
        Some(id) => transaction.set_target(
            &refname,
            id,
            Some(&Signature::now("GitLab", "gitlab@gitlab.example")?),
            "",
        )?,
        None => transaction.remove(&refname)?,
    }
    Ok(transaction.commit()?)
}

fn ref_target(repository: &Repository, refname: &str) -> Result<Option<Oid>, git2::Error> {
    found(repository.refname_to_id(refname))
}

/// Turns "there is none" into `None`.
fn found<T>(result: Result<T, git2::Error>) -> Result<Option<T>, git2::Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_absence(error: &git2::Error) -> bool {
    // Peeling a tag of a tree, or an ambiguous prefix, names no commit either.
    matches!(
        error.code(),
        ErrorCode::NotFound | ErrorCode::InvalidSpec | ErrorCode::Peel | ErrorCode::Ambiguous
    ) || error.class() == ErrorClass::Invalid
}

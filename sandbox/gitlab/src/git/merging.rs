use git2::{ErrorCode, Oid, Repository};

/// The best common ancestor, if the histories meet.
pub(crate) fn merge_base(
    repository: &Repository,
    one: Oid,
    other: Oid,
) -> Result<Option<Oid>, git2::Error> {
    match repository.merge_base(one, other) {
        Ok(base) => Ok(Some(base)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The tree of `theirs` merged into `ours`; `None` on conflicts.
pub(crate) fn merged_tree(
    repository: &Repository,
    ours: Oid,
    theirs: Oid,
) -> Result<Option<Oid>, git2::Error> {
    let (ours, theirs) = (
        repository.find_commit(ours)?,
        repository.find_commit(theirs)?,
    );
    let mut index = repository.merge_commits(&ours, &theirs, None)?;
    if index.has_conflicts() {
        Ok(None)
    } else {
        index.write_tree_to(repository).map(Some)
    }
}

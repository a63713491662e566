use git2::{Delta, Diff, DiffFindOptions, DiffOptions, Oid, Patch, Repository, Tree};

/// Changed lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DiffStats {
    pub(crate) additions: usize,
    pub(crate) deletions: usize,
}

/// The change of one file.
#[derive(Debug, Clone)]
pub(crate) struct ChangedFile {
    pub(crate) old_path: String,
    pub(crate) new_path: String,
    /// 0 where there is no file.
    pub(crate) old_mode: i32,
    pub(crate) new_mode: i32,
    pub(crate) status: Delta,
    /// The hunks, without the file headers.
    pub(crate) text: String,
}

/// Changed lines of a commit against its first parent.
pub(crate) fn stats(repository: &Repository, commit: Oid) -> Result<DiffStats, git2::Error> {
    let commit = repository.find_commit(commit)?;
    let parent = commit
        .parents()
        .next()
        .map(|parent| parent.tree())
        .transpose()?;
    let stats = trees(repository, parent.as_ref(), &commit.tree()?)?.stats()?;
    Ok(DiffStats {
        additions: stats.insertions(),
        deletions: stats.deletions(),
    })
}

/// The changes between two commits; from nothing when `from` is `None`.
pub(crate) fn between(
    repository: &Repository,
    from: Option<Oid>,
    to: Oid,
) -> Result<Vec<ChangedFile>, git2::Error> {
    let tree = |id| repository.find_commit(id).and_then(|commit| commit.tree());
    let diff = trees(repository, from.map(tree).transpose()?.as_ref(), &tree(to)?)?;
    let mut files = Vec::new();
    for index in 0..diff.deltas().len() {
        files.extend(file(&diff, index)?);
    }
    Ok(files)
}

fn trees<'repo>(
    repository: &'repo Repository,
    old: Option<&Tree<'_>>,
    new: &Tree<'_>,
) -> Result<Diff<'repo>, git2::Error> {
    let mut options = DiffOptions::new();
    let mut diff = repository.diff_tree_to_tree(old, Some(new), Some(&mut options))?;
    diff.find_similar(Some(DiffFindOptions::new().renames(true)))?;
    Ok(diff)
}

fn file(diff: &Diff<'_>, index: usize) -> Result<Option<ChangedFile>, git2::Error> {
    let Some(delta) = diff.get_delta(index) else {
        return Ok(None);
    };
    let path = |file: git2::DiffFile<'_>| {
        String::from_utf8_lossy(file.path_bytes().unwrap_or_default()).into_owned()
    };
    let mut text = String::new();
    if let Some(patch) = Patch::from_diff(diff, index)? {
        hunks(&patch, &mut text)?;
    }
    Ok(Some(ChangedFile {
        old_path: path(delta.old_file()),
        new_path: path(delta.new_file()),
        old_mode: i32::from(delta.old_file().mode()),
        new_mode: i32::from(delta.new_file().mode()),
        status: delta.status(),
        text,
    }))
}

fn hunks(patch: &Patch<'_>, text: &mut String) -> Result<(), git2::Error> {
    for hunk in 0..patch.num_hunks() {
        let (header, lines) = patch.hunk(hunk)?;
        text.push_str(&String::from_utf8_lossy(header.header()));
        for line in 0..lines {
            let line = patch.line_in_hunk(hunk, line)?;
            if matches!(line.origin(), '+' | '-' | ' ') {
                text.push(line.origin());
            }
            text.push_str(&String::from_utf8_lossy(line.content()));
        }
    }
    Ok(())
}

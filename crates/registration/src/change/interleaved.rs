//! Repairing what a commit undid that it did not know of.
//!
//! GitLab checks that no file changed since it was read, and reads the branch again to commit on top of it.
//! A foreign commit in between becomes the parent, and what it wrote to the same files is overwritten. Most
//! files are made from the resource files and come right when they are made again. Two lists are not: they
//! are read, given an entry or relieved of one, and written. For these the parent's content tells what the
//! foreign commit did.

use std::collections::{BTreeMap, BTreeSet};

use gitlab::Action;

use super::progress::Posted;
use crate::paths;
use crate::ports::World;
use crate::repository::{Failure, Repository};
use crate::state::{Needs, State};

/// What the next decision has to know of foreign commits.
#[derive(Default)]
pub(super) struct Found {
    /// The cluster's own resource file as it was before this request: where a cluster comes from, or that
    /// it was there at all, must not be forgotten because the first commit has changed it.
    own: Option<(String, Option<Vec<u8>>)>,
    lists: Vec<List>,
}

/// A shared list that a foreign commit changed before it was overwritten.
struct List {
    path: String,
    /// As it was read.
    base: Vec<u8>,
    /// As the foreign commit left it.
    theirs: Vec<u8>,
}

impl Found {
    /// Reads the shared lists at the parent of a commit that was made from another head.
    pub(super) async fn read<W: World>(
        repository: &Repository<'_, W>,
        name: &str,
        posted: &Posted,
        parent: &str,
    ) -> Result<Self, Failure> {
        let overwritten = posted
            .actions
            .iter()
            .filter(|action| !matches!(action, Action::Create { .. }))
            .map(Action::path)
            .filter(|path| [paths::KUSTOMIZATION, paths::HOST_APPLICATION_SET].contains(path));
        let files = overwritten.map(str::to_owned).collect();
        let needs = Needs {
            files,
            ..Needs::default()
        };
        let mut before = State {
            head: parent.to_owned(),
            ..State::default()
        };
        repository.read(needs, &mut before).await?;
        let lists = before.files.into_iter().filter_map(|(path, theirs)| {
            let base = posted.state.files.get(&path)?.clone()?;
            let theirs = theirs.filter(|theirs| *theirs != base)?;
            Some(List { path, base, theirs })
        });
        let own = cluster::resource::path(name);
        Ok(Self {
            lists: lists.collect(),
            own: Some((own.clone(), posted.state.content(&own).cloned())),
        })
    }

    /// What the decision is to take for the content of files, whatever is there.
    pub(super) fn assume(&self, state: &State) -> BTreeMap<String, Option<Vec<u8>>> {
        let lists = self.lists.iter().map(|list| {
            let now = state.files.get(&list.path).and_then(Option::as_ref);
            // Where this request has removed the file, rendering takes its entry from theirs.
            let merged = now.map_or_else(|| list.theirs.clone(), |now| list.merged(now));
            (list.path.clone(), Some(merged))
        });
        lists.chain(self.own.clone()).collect()
    }
}

impl List {
    /// The foreign commit's list with the entries that came and went since.
    fn merged(&self, now: &[u8]) -> Vec<u8> {
        let [base, theirs, now] = [&self.base, &self.theirs, now]
            .map(|content| String::from_utf8_lossy(content).into_owned());
        let (before, after) = (entries(&base), entries(&now));
        let mut lines: Vec<String> = theirs
            .lines()
            .filter(|line| !before.contains(line) || after.contains(line))
            .map(str::to_owned)
            .collect();
        let mut previous = String::new();
        for line in now.lines() {
            let is_new = is_entry(line) && !before.contains(line);
            if is_new && !lines.iter().any(|other| other == line) {
                insert(&mut lines, &previous, line);
            }
            line.clone_into(&mut previous);
        }
        (lines.join("\n") + "\n").into_bytes()
    }
}

fn entries(text: &str) -> BTreeSet<&str> {
    text.lines().filter(|line| is_entry(line)).collect()
}

fn is_entry(line: &str) -> bool {
    line.trim_start().starts_with("- ")
}

/// Behind the line that it follows in the other text; an empty list opens for its first entry.
fn insert(lines: &mut Vec<String>, previous: &str, entry: &str) {
    let key = |line: &str| line.trim_end().trim_end_matches(" []").to_owned();
    let found = lines
        .iter_mut()
        .enumerate()
        .find(|(_, line)| key(line) == key(previous));
    if let Some((index, line)) = found {
        *line = key(line);
        lines.insert(index + 1, entry.to_owned());
    }
}

//! How entries of the list came to be there or not, told when a storm has lost or kept one against the rules.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use git2::{Commit, Repository};
use tests::Tenant;

use crate::history::trailer;
use crate::person::LIST;

/// The commits that brought or took these entries, oldest first, each with the entries it moved and the clusters that
/// the functions made it for; then all that the functions logged of these clusters.
pub fn of(tenant: &Tenant, entries: &BTreeSet<String>) -> String {
    let repository = Repository::open_bare(tenant.repository()).unwrap();
    let mut walk = repository.revwalk().unwrap();
    walk.push_ref("refs/heads/main").unwrap();
    let mut ids: Vec<git2::Oid> = walk.map(Result::unwrap).collect();
    ids.reverse();
    let (mut story, mut clusters) = (String::new(), BTreeSet::new());
    for commit in ids
        .into_iter()
        .map(|id| repository.find_commit(id).unwrap())
    {
        let before = commit.parents().next();
        let before = before.map_or_else(BTreeSet::new, |parent| listed(&repository, &parent));
        let after = listed(&repository, &commit);
        let came = after.difference(&before).map(|entry| ('+', entry));
        let went = before.difference(&after).map(|entry| ('-', entry));
        let moved: Vec<String> = came
            .chain(went)
            .filter(|(_, entry)| entries.contains(*entry))
            .map(|(sign, entry)| format!("{sign}{entry}"))
            .collect();
        if !moved.is_empty() {
            writeln!(story, "{}\n{}", moved.join(" "), described(&commit)).unwrap();
            clusters.extend(trailer(&commit, "Cluster: "));
        }
    }
    for line in tenant.log().lines() {
        if clusters.iter().any(|name| line.contains(name.as_str())) {
            writeln!(story, "{line}").unwrap();
        }
    }
    story
}

fn described(commit: &Commit<'_>) -> String {
    let parent = commit.parent_ids().next();
    let parent = parent.map_or_else(String::new, |id| id.to_string());
    let text = String::from_utf8_lossy(commit.message_bytes());
    let text = text.replace('\n', "\n    ");
    format!("    {} on {parent}\n    {text}", commit.id())
}

fn listed(repository: &Repository, commit: &Commit<'_>) -> BTreeSet<String> {
    let tree = commit.tree().unwrap();
    let entry = tree.get_path(LIST.as_ref());
    // The first commits have no list.
    let Ok(entry) = entry else {
        return BTreeSet::new();
    };
    let list = entry.to_object(repository).unwrap().into_blob().unwrap();
    let entries = super::entries(Some(list.content().to_vec()));
    entries.into_iter().collect()
}

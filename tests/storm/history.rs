//! The branch's commits.

use std::collections::BTreeMap;

use git2::{Commit, Delta, Repository};
use tests::Tenant;

/// Counts of what the commits show.
#[derive(Debug, Default)]
pub struct History {
    pub commits: usize,
    /// Requests that made more than one commit: they mended what an earlier one had undone.
    pub repairs: usize,
    /// Commits without the trailers of the functions.
    pub foreign: usize,
    /// Foreign commits that have commits of the functions behind and before them.
    pub amidst: usize,
}

impl History {
    /// Reads it; every commit must have one parent and change something that was read, and no cluster may be
    /// registered twice.
    pub fn check(tenant: &Tenant) -> Self {
        let repository = Repository::open_bare(tenant.repository()).unwrap();
        let head = repository.find_reference("refs/heads/main").unwrap();
        let mut commit = head.peel_to_commit().unwrap();
        let mut history = Self {
            commits: 1,
            ..Self::default()
        };
        let (mut of_request, mut registered) = (BTreeMap::new(), BTreeMap::new());
        let (mut begun, mut waiting) = (false, 0);
        while commit.parent_count() > 0 {
            assert_eq!(commit.parent_count(), 1, "{commit:?}");
            let parent = commit.parent(0).unwrap();
            assert!(
                commit.tree_id() != parent.tree_id() || is_same_list(&commit, &parent),
                "without a change: {}",
                message(&commit)
            );
            history.commits += 1;
            match trailer(&commit, "Request-Id: ") {
                Some(request) => {
                    *of_request.entry(request).or_insert(0) += 1;
                    for path in added(&repository, &parent, &commit) {
                        *registered.entry(path).or_insert(0) += 1;
                    }
                    begun = true;
                    history.amidst += std::mem::take(&mut waiting);
                }
                None => {
                    history.foreign += 1;
                    waiting += usize::from(begun);
                }
            }
            commit = parent;
        }
        let twice: Vec<_> = registered.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "registered more than once: {twice:?}");
        history.repairs = of_request.values().filter(|commits| **commits > 1).count();
        history
    }
}

/// Two may make the same list from the folder, and GitLab have checked the second when the first was not there yet.
fn is_same_list(commit: &Commit<'_>, parent: &Commit<'_>) -> bool {
    let base = trailer(commit, "Base-Commit: ");
    base.is_some_and(|base| base != parent.id().to_string())
}

fn message(commit: &Commit<'_>) -> String {
    String::from_utf8_lossy(commit.message_bytes()).into_owned()
}

/// The value of a trailer.
pub fn trailer(commit: &Commit<'_>, name: &str) -> Option<String> {
    let text = message(commit);
    text.lines()
        .find_map(|line| line.strip_prefix(name).map(str::to_owned))
}

/// Resource files that a commit adds.
fn added(repository: &Repository, parent: &Commit<'_>, commit: &Commit<'_>) -> Vec<String> {
    let trees = (parent.tree().unwrap(), commit.tree().unwrap());
    let diff = repository
        .diff_tree_to_tree(Some(&trees.0), Some(&trees.1), None)
        .unwrap();
    diff.deltas()
        .filter(|delta| delta.status() == Delta::Added)
        .map(|delta| delta.new_file().path().unwrap().display().to_string())
        .filter(|path| path.starts_with("nautes/overlays/production/clusters/"))
        .collect()
}

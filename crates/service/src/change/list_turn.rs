//! Own files were committed without the list of all clusters: who brings the list, and who finds it brought.
//!
//! Many do this at the same time, and one commit to the list can serve all of them. The one whose files came first brings it;
//! everybody else waits and looks. Should that one end in the middle, the next one's turn comes a little later.

use std::time::Duration;

use domain::render::Tree;
use gitlab::{Commit, message};

use super::Plan;
use super::decide::{actions, add_unknown};
use super::progress::PendingCommit;
use crate::delete::is_empty_list;
use crate::paths;
use crate::problem::Refusal;
use crate::repository::Repository;
use crate::runtime::Runtime;
use crate::snapshot::{Depth, ReadSet, Snapshot};

/// A lap is what a commit has taken, within these: shorter ones would look in vain too often, and of a commit that
/// took longer GitLab was in trouble.
const LAPS: [Duration; 2] = [Duration::from_millis(40), Duration::from_millis(800)];
/// Laps in which a list is brought: one in which others may come, one or two to read, one to commit.
const LAPS_TO_BRING: u32 = 3;
/// So many looks find the list as it was before the next one takes it that the one before has ended.
const LOOKS: usize = 2;

/// Own files in the repository, and the list not yet.
pub(super) struct ListTurn<'a, P> {
    /// The cluster.
    pub name: &'a str,
    /// The decision, with the repository as it should look.
    pub plan: &'a Plan<P>,
    /// The difference that was committed.
    pub sent: &'a PendingCommit,
    /// As what.
    pub commit: &'a Commit,
    /// How long it took.
    pub lap: Duration,
}

/// How a turn begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// Nobody else's files waited for the list when these were committed: it is this request's turn.
    Lead,
    /// Others' did.
    Follow,
    /// Somebody has changed the list just now.
    Look,
}

impl<P> ListTurn<'_, P> {
    /// Waits until somebody has brought the list, or it is this request's turn: `false`.
    ///
    /// # Errors
    /// GitLab failed.
    pub(super) async fn is_brought<W: Runtime>(
        &self,
        runtime: &W,
        repository: &Repository<'_, W>,
        wait: Wait,
    ) -> Result<bool, Refusal> {
        let [least, most] = LAPS;
        let lap = self.lap.clamp(least, most);
        if wait == Wait::Lead {
            runtime.sleep(lap).await;
            return Ok(false);
        }
        let mut looks = 0;
        loop {
            if looks > 0 || wait == Wait::Follow {
                let pause = lap * LAPS_TO_BRING + part(lap, runtime.random());
                runtime.sleep(pause).await;
            }
            let (is_in_place, recent) =
                futures::join!(self.is_in_place(repository), repository.recent());
            if is_in_place? {
                return Ok(true);
            }
            if waiting_before(&recent?, &self.commit.id) * LOOKS <= looks {
                return Ok(false);
            }
            looks += 1;
        }
    }

    /// Tells whether the list has the cluster, or after a removal has it no more, and everything else is as decided. Files that nobody
    /// can have touched are not read again.
    async fn is_in_place<W: Runtime>(
        &self,
        repository: &Repository<'_, W>,
    ) -> Result<bool, Refusal> {
        let before = &self.sent.state;
        let is_save = self
            .plan
            .tree
            .files
            .contains_key(&domain::resource::path(self.name));
        let tree = self.in_doubt();
        let mut state = Snapshot::at(repository.branch_name());
        let mut needs = ReadSet::default();
        needs.folder(paths::TENANT.to_owned(), Depth::Flat);
        if !is_save {
            needs.folder(paths::RUNTIMES.to_owned(), Depth::Glance);
        }
        add_unknown(&mut needs, &tree, &state);
        needs.files.insert(paths::KUSTOMIZATION.to_owned());
        repository.read(needs, &mut state).await?;
        state.head.clone_from(&before.head);
        let list = state.content(paths::KUSTOMIZATION);
        let is_listed = match is_save {
            true => has_entry(list, self.name),
            // Who takes the last one away has more to do, and so has the last runtime's removal.
            false => {
                let others = |state: &Snapshot| state.shared_files(self.name).other_runtimes;
                !is_empty_list(list) && !names(list, self.name) && others(before) == others(&state)
            }
        };
        Ok(is_listed && actions(&tree, &state)?.is_empty())
    }

    /// The part of the tree that others may have changed: what all clusters of the tenant need, and the cluster's own files
    /// where somebody came in between and they were not new.
    fn in_doubt(&self) -> Tree {
        let mut tree = self.plan.tree.clone();
        tree.files.remove(paths::KUSTOMIZATION);
        let is_on_top = self.commit.parent_ids.iter().eq([&self.sent.state.head]);
        if is_on_top || self.sent.is_new() {
            tree.files.retain(|path, _| path.starts_with(paths::TENANT));
            tree.absent.retain(|path| path.starts_with(paths::TENANT));
            tree.folders.clear();
        }
        tree
    }
}

/// How many commits before this one wait for the list. Whatever was committed before the base of the newest commit with a
/// list is in it.
fn waiting_before(recent: &[Commit], own: &str) -> usize {
    let mut listed = None;
    let mut waiting = Vec::new();
    for commit in recent {
        if listed.as_deref() == Some(commit.id.as_str()) {
            break;
        }
        if message::is_list_pending(&commit.message) {
            waiting.push(&commit.id);
        } else if listed.is_none() {
            listed = message::base(&commit.message);
        }
    }
    let place = waiting.iter().rev().position(|id| *id == own);
    place.unwrap_or(0)
}

/// The entry as rendering writes it; in another style it is looked at more closely.
fn has_entry(list: Option<&Vec<u8>>, name: &str) -> bool {
    let entry = format!("- {name}.yaml");
    text(list).lines().any(|line| line == entry)
}

/// Tells whether the list names the file in any way.
fn names(list: Option<&Vec<u8>>, name: &str) -> bool {
    let file = format!("{name}.yaml");
    let text = text(list);
    let is_whole = |(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|it| it.is_ascii_alphanumeric() || it == '-')
    };
    text.match_indices(&file).any(is_whole)
}

fn text(list: Option<&Vec<u8>>) -> std::borrow::Cow<'_, str> {
    list.map_or_else(Default::default, |list| String::from_utf8_lossy(list))
}

/// Up to two laps, so that not all look at once.
fn part(lap: Duration, random: u64) -> Duration {
    let micros = u64::try_from(lap.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(random % micros.saturating_mul(2).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(id: &str, base: &str, list: &str) -> Commit {
        let message = format!("Save\n\nCluster: a\nBase-Commit: {base:0>40}\n{list}");
        Commit {
            id: format!("{id:0>40}"),
            parent_ids: Vec::new(),
            message,
            author_name: String::new(),
            committed_date: String::new(),
            web_url: String::new(),
        }
    }

    fn before(recent: &[Commit], own: &str) -> usize {
        waiting_before(recent, &format!("{own:0>40}"))
    }

    #[test]
    fn whose_files_came_first_is_the_first_to_bring_the_list() {
        let pending = "List: pending\n";
        // Newest first. The list of 4 was made from 2, so it lacks the files of 3.
        let recent = [
            commit("6", "3", pending),
            commit("5", "3", pending),
            commit("4", "2", ""),
            commit("3", "1", pending),
            commit("2", "1", pending),
            commit("1", "0", pending),
        ];
        assert_eq!(["3", "5", "6"].map(|own| before(&recent, own)), [0, 1, 2]);
        // What the list has, and what is not among the newest, waits for nobody.
        assert_eq!(["2", "9"].map(|own| before(&recent, own)), [0, 0]);
    }

    #[test]
    fn an_entry_is_a_line_and_a_name_any_mention() {
        let list = |text: &str| Some(text.as_bytes().to_vec());
        let plain = list("resources:\n- a-b.yaml\n- c.yaml\n");
        assert!(has_entry(plain.as_ref(), "a-b") && has_entry(plain.as_ref(), "c"));
        assert!(!has_entry(plain.as_ref(), "b") && !names(plain.as_ref(), "b"));
        let other = list("resources: [\"./a.yaml\"]\n");
        assert!(!has_entry(other.as_ref(), "a") && names(other.as_ref(), "a"));
        assert!(!has_entry(None, "a") && !names(None, "a"));
    }
}

//! One change of the repository, whoever else writes: read everything at one head, decide, commit, and
//! start over where somebody was faster.
//!
//! GitLab refuses a commit when one of its files changed since the head that was read, or when the branch
//! moved while the commit was made; then everything is read and decided anew. Between GitLab's own check
//! and its commit lies a window of milliseconds in which a foreign commit goes unnoticed; it shows in the
//! new commit's parent, and then everything is read and decided anew as well: what was lost is repaired by a
//! further commit, and nothing to repair means that nothing was lost.

use std::time::Duration;

use cluster::File;
use gitlab::retry::{Decision, Retries};
use gitlab::{Action, Commit, NewCommit, Provenance};
use manifests::Tree;

use crate::call::Caller;
use crate::ports::{Domain, World};
use crate::problem::{self, Problem, Written};
use crate::repository::{Opened, Repository};
use crate::state::{Needs, State, Subject};

/// A change to decide upon.
pub trait Change {
    /// What the decision carries besides the tree.
    type Detail;
    /// The cluster it is about.
    fn subject(&self) -> &Subject;
    /// `save-cluster` or `delete-cluster`.
    fn operation(&self) -> &'static str;
    /// Decides, given the repository at one commit. Called again for every attempt.
    fn decide(
        &self,
        opened: &Opened,
        state: &State,
    ) -> impl Future<Output = Result<Decided<Self::Detail>, Problem>>;
}

/// A decision.
pub struct Decided<D> {
    /// What the repository should look like.
    pub tree: Tree,
    /// One sentence for the commit message.
    pub summary: String,
    /// Whatever the caller of [`carry_out`] needs.
    pub detail: D,
}

/// A change that is carried out, or would be.
pub struct Done<D> {
    /// The decision's detail.
    pub detail: D,
    /// What was changed by the last commit, or would be.
    pub actions: Vec<Action>,
    /// The last commit of this request; `None` where nothing had to change.
    pub commit: Option<Commit>,
    /// The repository as it was read for the decision.
    pub state: State,
    /// Number of files that this request's commits changed.
    pub files_changed: usize,
    /// The project's web address.
    pub project_url: String,
}

/// Foreign commits in the window that are followed up before giving up.
const INTERLEAVED: u32 = 10;

/// Carries out a change; with `dry` it stops before the first write.
///
/// # Errors
/// Everything that stands against it. Where commits of this request are in the repository all the same,
/// the problem has a member `commit`.
pub async fn carry_out<W: World, D: Domain, C: Change>(
    world: &W,
    domain: &D,
    repository: &mut Repository<'_, W>,
    caller: &Caller,
    change: &C,
    dry: bool,
) -> Result<Done<C::Detail>, Problem> {
    let mut progress = Progress::default();
    loop {
        let step = attempt(domain, repository, change).await;
        let (opened, state, decided) = step.map_err(|problem| progress.tell(problem))?;
        let actions = actions(&decided.tree, &state)?;
        let settled = actions.is_empty() || dry;
        let mut done = Done {
            detail: decided.detail,
            files_changed: progress.files_changed,
            commit: progress.commit.clone(),
            project_url: opened.project.web_url,
            actions,
            state,
        };
        if settled {
            return Ok(done);
        }
        let summary = decided.summary;
        let commit = new_commit(repository, caller, change, summary, &done.actions);
        match repository.commit(&commit).await {
            Ok(commit) => {
                let undisturbed =
                    commit.parent_ids.first().map_or("", String::as_str) == done.state.head;
                progress.committed(commit, done.actions.len());
                if undisturbed {
                    done.commit = progress.commit;
                    done.files_changed = progress.files_changed;
                    return Ok(done);
                }
                progress.interleaved += 1;
                if progress.interleaved > INTERLEAVED {
                    let problem = problem::concurrent_change(
                        "foreign commits keep coming in between; send the request again to have the shared \
                         files checked once more",
                    );
                    return Err(progress.tell(problem));
                }
            }
            Err(error) => progress.pause(world, repository, caller, error).await?,
        }
    }
}

/// Where a change stands after some attempts.
#[derive(Default)]
struct Progress {
    retries: Retries,
    interleaved: u32,
    commit: Option<Commit>,
    files_changed: usize,
    started: Option<Duration>,
}

impl Progress {
    fn committed(&mut self, commit: Commit, files: usize) {
        self.commit = Some(commit);
        self.files_changed += files;
    }

    /// A problem that comes after a commit says so.
    fn tell(&self, problem: Problem) -> Problem {
        match &self.commit {
            Some(commit) => {
                problem.member("commit", crate::answer::commit(commit, self.files_changed))
            }
            None => problem,
        }
    }

    /// After a commit that GitLab did not confirm: waits, and looks whether it was made after all.
    async fn pause<W: World>(
        &mut self,
        world: &W,
        repository: &Repository<'_, W>,
        caller: &Caller,
        error: gitlab::Error,
    ) -> Result<(), Problem> {
        let now = world.elapsed();
        let spent = now.saturating_sub(*self.started.get_or_insert(now));
        match self.retries.next(spent, &error, world.random()) {
            Decision::RetryAfter(wait) => world.sleep(wait).await,
            Decision::LookFirst(wait) => {
                world.sleep(wait).await;
                let found = repository.find_own_commit(&caller.request_id).await;
                let found = found.map_err(|failure| {
                    self.tell(problem::from_gitlab(&failure, Written::Unknown))
                })?;
                self.commit = found.or(self.commit.take());
            }
            Decision::GiveUp => {
                let written = match error {
                    gitlab::Error::UnknownOutcome { .. } => Written::Unknown,
                    _ => Written::Nothing,
                };
                return Err(self.tell(problem::from_gitlab(&error.into(), written)));
            }
        }
        Ok(())
    }
}

async fn attempt<W: World, D: Domain, C: Change>(
    domain: &D,
    repository: &mut Repository<'_, W>,
    change: &C,
) -> Result<(Opened, State, Decided<C::Detail>), Problem> {
    let host = change.subject().likely_host();
    let opened = open_for_writing(repository, host).await?;
    let state = load(domain, repository, change.subject(), &opened).await?;
    let mut state = state;
    let decided = change.decide(&opened, &state).await?;
    read_unknown(repository, &decided.tree, &mut state).await?;
    Ok((opened, state, decided))
}

/// The first round trip, ended here for callers who may not push.
///
/// # Errors
/// Authentication, permission, or GitLab's failure.
pub async fn open_for_writing<W: World>(
    repository: &mut Repository<'_, W>,
    host: Option<&str>,
) -> Result<Opened, Problem> {
    let folder = host.filter(|name| cluster::name::is_dns_label(name));
    let folder = folder.map(crate::paths::virtual_clusters);
    let opened = repository
        .open(folder.as_deref())
        .await
        .map_err(nothing_written)?;
    match &opened.branch {
        Some(branch) if !branch.can_push => Err(problem::push_forbidden()),
        _ => Ok(opened),
    }
}

fn nothing_written(failure: crate::repository::Failure) -> Problem {
    problem::from_gitlab(&failure, Written::Nothing)
}

async fn load<W: World, D: Domain>(
    domain: &D,
    repository: &Repository<'_, W>,
    subject: &Subject,
    opened: &Opened,
) -> Result<State, Problem> {
    let head = opened
        .branch
        .as_ref()
        .map(|branch| branch.commit.id.clone());
    let mut state = State {
        head: head.unwrap_or_default(),
        ..State::default()
    };
    let mut needs = Needs::of(subject, None, &state);
    needs.guess(&opened.folders);
    loop {
        let missing = needs.missing(&state);
        if missing.is_empty() {
            return Ok(state);
        }
        repository
            .read(missing, &mut state)
            .await
            .map_err(nothing_written)?;
        let current = current(domain, subject, &state)?;
        needs = Needs::of(subject, current.as_ref(), &state);
    }
}

fn current<D: Domain>(
    domain: &D,
    subject: &Subject,
    state: &State,
) -> Result<Option<cluster::References>, Problem> {
    let path = cluster::resource::path(&subject.name);
    let Some(content) = state.content(&path).cloned() else {
        return Ok(None);
    };
    domain
        .inspect(&File { path, content })
        .map(Some)
        .map_err(|rejection| problem::rejected(rejection, &subject.name))
}

/// Reads what the tree names and nobody has looked at yet, so that a file is never taken for missing.
async fn read_unknown<W: World>(
    repository: &Repository<'_, W>,
    tree: &Tree,
    state: &mut State,
) -> Result<(), Problem> {
    let mut needs = Needs::default();
    let paths = tree.files.keys().chain(&tree.absent);
    needs
        .files
        .extend(paths.filter(|path| !state.covers(path)).cloned());
    for path in &tree.folders {
        if !state.covers(&format!("{path}/a/b")) {
            needs.folder(path.clone(), crate::state::Depth::Recursive);
        }
    }
    if needs.is_empty() {
        return Ok(());
    }
    repository.read(needs, state).await.map_err(nothing_written)
}

fn actions(tree: &Tree, state: &State) -> Result<Vec<Action>, Problem> {
    let desired = gitlab::diff::Desired {
        files: tree
            .files
            .iter()
            .map(|(path, content)| (path.as_str(), content.as_slice()))
            .collect(),
        absent: tree.absent.iter().map(String::as_str).collect(),
        folders: tree.folders.iter().map(String::as_str).collect(),
    };
    let listing = state.blob_ids(|content| gitlab::blob::id_like(&state.head, content));
    gitlab::diff::actions(&desired, &listing, &state.head)
        .map_err(|error| Problem::new(500, "INTERNAL", error.to_string()))
}

fn new_commit<W: World, C: Change>(
    repository: &Repository<'_, W>,
    caller: &Caller,
    change: &C,
    summary: String,
    actions: &[Action],
) -> NewCommit {
    NewCommit {
        branch: repository.branch_name().to_owned(),
        start: None,
        message: gitlab::message::message(&Provenance {
            operation: change.operation().to_owned(),
            cluster: change.subject().name.clone(),
            summary,
            request_id: caller.request_id.clone(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        }),
        author: None,
        actions: actions.to_vec(),
    }
}

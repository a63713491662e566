//! The first round trip: who calls, and where the branches are.

use std::collections::BTreeMap;

use gitlab::parse::TipFile;
use gitlab::{Branch, Error, MergeRequest, Project, TreeQuery, parse};

use super::exchange::Exchange;
use super::{Failure, Repository};
use crate::runtime::Runtime;

/// The step of the first round trip.
pub(super) const OPEN: &str = "gitlab.open";

/// Answers of the first round trip.
pub struct ProjectAccess {
    /// The project.
    pub project: Project,
    /// The branch that counts; absent in a repository without any commit.
    pub branch: Option<Branch>,
    /// Names of the folders that were asked for along with it, at a commit not yet pinned.
    pub folders: Vec<String>,
    /// The file that was asked for along with it, at [`Self::head`]; nothing where somebody has committed in between.
    pub files: BTreeMap<String, Option<Vec<u8>>>,
}

/// Reads of the first round trip besides project and branch.
#[derive(Debug, Clone, Copy, Default)]
pub struct Prefetch<'a> {
    /// A folder, whose subfolders are named.
    pub folder: Option<&'a str>,
    /// A file.
    pub file: Option<&'a str>,
    /// The branch of a proposal.
    pub source: Option<&'a str>,
}

/// Branch and merge requests of an earlier proposal.
#[derive(Default)]
pub struct ExistingMergeRequest {
    /// Branch of the proposal.
    pub branch: Option<Branch>,
    /// Merge requests of the branch, newest first.
    pub merge_requests: Vec<MergeRequest>,
}

impl ProjectAccess {
    /// The commit that counts; empty in a repository without any.
    #[must_use]
    pub fn head(&self) -> &str {
        let branch = self.branch.as_ref();
        branch.map_or("", |branch| &branch.commit.id)
    }

    /// Tells whether the caller may push to the target branch. An empty repository has no branch that could tell:
    /// there the role has to be one that may push at all, and the first commit shows whether it may push to this
    /// branch.
    #[must_use]
    pub fn can_push(&self) -> bool {
        let branch = self.branch.as_ref();
        branch.map_or_else(|| self.project.is_developer(), |branch| branch.can_push)
    }
}

impl ProjectAccess {
    /// GitLab tells which commit it read: where that is not the head, somebody has committed in between, and the file is left
    /// for a read of its own. Of a missing file it tells none: whoever acts upon that alone looks at the head once more.
    fn add(&mut self, path: Option<&str>, file: Option<TipFile>) {
        if let (Some(path), Some(file)) = (path, file)
            && (file.content.is_none() || file.commit.as_deref() == Some(self.head()))
        {
            self.files.insert(path.to_owned(), file.content);
        }
    }
}

impl ExistingMergeRequest {
    /// The one that waits to be merged: GitLab allows one at a time.
    #[must_use]
    pub fn open(&self) -> Option<&MergeRequest> {
        self.merge_requests.iter().find(|it| it.is_open())
    }

    /// The one to speak of: open, otherwise the newest.
    #[must_use]
    pub fn latest(&self) -> Option<&MergeRequest> {
        self.open().or_else(|| self.merge_requests.first())
    }
}

/// Who sees a project and not its code lacks a role.
fn with_role(failure: Failure, project: &Project) -> Failure {
    match failure {
        Failure::Answer(Error::Forbidden { text }) => Failure::CodeForbidden {
            role: project.role(),
            text,
        },
        failure => failure,
    }
}

impl<W: Runtime> Repository<'_, W> {
    /// The first round trip: project and branch, at once. Checks that the token is good; whether it may push is in the branch.
    ///
    /// # Errors
    /// The token is refused, the project or branch is not there, GitLab is not.
    pub async fn open(&mut self) -> Result<ProjectAccess, Failure> {
        let (opened, _) = self.authorize(Prefetch::default()).await?;
        Ok(opened)
    }

    /// The same, with what is asked for along with them.
    ///
    /// Asks again, once each, where the project has moved (it answers under its old path with its number, and
    /// then under that) and where its default branch is not the one that most projects have.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub async fn authorize(
        &mut self,
        prefetch: Prefetch<'_>,
    ) -> Result<(ProjectAccess, ExistingMergeRequest), Failure> {
        self.identify_caller().await?;
        let (mut moved, mut renamed) = (false, false);
        let (runtime, token) = (self.exchange.runtime, &self.exchange.caller.token);
        loop {
            let exchange = self.exchange.step(OPEN);
            let asked = self.identified.take();
            let (project, branch, folders, file, proposed) = futures::join!(
                async {
                    match asked {
                        Some(project) => Ok(project),
                        None => self.project().await,
                    }
                },
                self.branch_by(&exchange, &self.branch),
                self.subfolders(prefetch.folder),
                self.tip_file(prefetch.file),
                self.proposed(prefetch.source),
            );
            let project = match project {
                Err(Failure::Answer(Error::Moved {
                    project_id: Some(id),
                })) if !moved => {
                    moved = true;
                    self.api = self.api.with_project_id(id);
                    continue;
                }
                Err(failure) => {
                    if matches!(failure, Failure::Answer(Error::Unauthenticated { .. })) {
                        runtime.note_caller(token, false);
                    }
                    return Err(failure);
                }
                Ok(project) => project,
            };
            runtime.note_caller(token, true);
            self.api = self.api.with_project_id(project.id);
            if let Some(default) = self.other_default(&project)
                && !renamed
            {
                renamed = true;
                self.branch = default;
                continue;
            }
            let branch = branch.map_err(|failure| with_role(failure, &project))?;
            if branch.is_none() && !project.empty_repo {
                return Err(Failure::BranchMissing {
                    branch: self.branch.clone(),
                    default: project.default_branch,
                });
            }
            let mut proposed = proposed?;
            self.project_id = Some(project.id);
            proposed.merge_requests.retain(|it| self.is_own(it));
            let mut opened = ProjectAccess {
                project,
                branch,
                folders,
                files: BTreeMap::new(),
            };
            opened.add(prefetch.file, file);
            return Ok((opened, proposed));
        }
    }

    /// Asks GitLab who calls, where nobody of that token has called here before: a made-up one costs one request, and no work.
    ///
    /// # Errors
    /// The token is refused, the project is not there, GitLab is not.
    pub async fn identify_caller(&mut self) -> Result<(), Failure> {
        let (runtime, token) = (self.exchange.runtime, &self.exchange.caller.token);
        if self.identified.is_some() || runtime.knows_caller(token) {
            return Ok(());
        }
        match self.project().await {
            Ok(project) => self.identified = Some(project),
            // Whoever is told where it has gone is known there.
            Err(Failure::Answer(Error::Moved { .. })) => {}
            Err(failure) => return Err(failure),
        }
        Ok(())
    }

    async fn project(&self) -> Result<Project, Failure> {
        let exchange = self.exchange.step(OPEN);
        exchange.get(self.api.project(), parse::parse_project).await
    }

    /// A file at the branch's tip, so that it takes no round trip of its own.
    async fn tip_file(&self, path: Option<&str>) -> Option<TipFile> {
        let request = self.api.raw_file(path?, &self.branch);
        let exchange = self.exchange.step(OPEN);
        exchange.get(request, parse::parse_tip_file).await.ok()
    }

    /// A fork can have a branch of the same name, and a merge request from there.
    pub(super) fn is_own(&self, merge_request: &MergeRequest) -> bool {
        let source = merge_request.source_project_id;
        source.is_none() || self.project_id.is_none() || source == self.project_id
    }

    fn other_default(&self, project: &Project) -> Option<String> {
        let default = project.default_branch.as_ref();
        let other = default.filter(|default| !self.named && **default != self.branch);
        other.cloned()
    }

    /// A branch, where there is one.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn branch(&self, name: &str) -> Result<Option<Branch>, Failure> {
        self.branch_by(&self.exchange, name).await
    }

    async fn branch_by(
        &self,
        exchange: &Exchange<'_, W>,
        name: &str,
    ) -> Result<Option<Branch>, Failure> {
        let request = self.api.branch(name);
        match exchange.get(request, parse::parse_branch).await {
            Ok(branch) => Ok(Some(branch)),
            // The second for a name that no branch can have.
            Err(Failure::Answer(Error::BranchNotFound | Error::Unexpected { status: 400, .. })) => {
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    async fn proposed(&self, source: Option<&str>) -> Result<ExistingMergeRequest, Failure> {
        let Some(source) = source else {
            return Ok(ExistingMergeRequest::default());
        };
        let merge_requests = self.api.merge_requests("all", source, &self.branch);
        let exchange = self.exchange.step(OPEN);
        let (branch, merge_requests) = futures::join!(
            self.branch_by(&exchange, source),
            exchange.list(merge_requests, parse::parse_merge_requests),
        );
        Ok(ExistingMergeRequest {
            branch: branch?,
            merge_requests: merge_requests?,
        })
    }

    /// A guess that saves a round trip; what it gets wrong is read again at the pinned commit.
    async fn subfolders(&self, folder: Option<&str>) -> Vec<String> {
        let Some(folder) = folder else {
            return Vec::new();
        };
        let query = TreeQuery {
            path: folder.to_owned(),
            reference: self.branch.clone(),
            recursive: false,
            per_page: 100,
        };
        let page = self
            .exchange
            .step(OPEN)
            .get(self.api.tree(&query), |answer| {
                parse::parse_tree(&query, answer)
            })
            .await;
        page.map(|page| page.entries)
            .unwrap_or_default()
            .iter()
            .filter_map(|entry| entry.path.rsplit('/').next())
            .map(str::to_owned)
            .collect()
    }
}

/// A branch at a commit, as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    /// The commit; empty in a repository without any.
    pub head: String,
    branch: String,
    project_id: u64,
}

impl<W: Runtime> Repository<'_, W> {
    /// Where the branch that counts was when the project was opened.
    #[must_use]
    pub fn tip_of(&self, opened: &ProjectAccess) -> Tip {
        Tip {
            head: opened.head().to_owned(),
            branch: self.branch.clone(),
            project_id: opened.project.id,
        }
    }

    /// Tells by one call whether the branch is still there and at the same commit. Where it is not, the project may have another branch,
    /// or none, and has to be opened.
    ///
    /// # Errors
    /// The token is refused, or GitLab failed.
    pub async fn is_at(&mut self, tip: &Tip) -> Result<bool, Failure> {
        self.resume(tip.project_id);
        let exchange = self.exchange.step(OPEN);
        match self.branch_by(&exchange, &tip.branch).await {
            Ok(branch) => Ok(branch.is_some_and(|branch| branch.commit.id == tip.head)),
            Err(Failure::Answer(Error::Moved { .. })) => Ok(false),
            Err(failure) => Err(failure),
        }
    }
}

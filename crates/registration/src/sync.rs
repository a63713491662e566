//! `POST …?sync=true` without a body: a registered cluster, as it stands on the branch that counts, is to be
//! installed.

use cluster::{Checked, Cluster, File, Neighbours, Rejection, Surroundings, Violation};
use manifests::Tree;

use crate::change::{self, Change, Context, Decided, Done};
use crate::management::Management;
use crate::ports::{Domain, World};
use crate::problem::{self, Problem, Refusal};
use crate::repository::{Opened, Repository};
use crate::save::{AFTER_MERGE, BRANCH, Saved};
use crate::state::{State, Subject};

/// The cluster with the credentials it has.
///
/// # Errors
/// It is not registered: `NOT_MERGED` where a merge request would register it.
pub(crate) async fn registered<W: World, D: Domain>(
    context: &Context<'_, W, D>,
    repository: &mut Repository<'_, W>,
    management: &Management<'_, W>,
    name: String,
) -> Result<Done<Saved>, Problem> {
    let registered = Registered {
        context,
        management,
        subject: Subject {
            name,
            ..Subject::default()
        },
    };
    let done = change::check(context, repository, &registered).await?;
    let name = &registered.subject.name;
    match done.try_map(|saved| saved.ok_or(())) {
        Ok(done) => Ok(done),
        Err(()) => {
            let lacking = format!("cluster {name} is not registered there");
            let problem = change::not_merged(repository, &registered, &lacking).await;
            let is_proposed = problem.members.contains_key("merge_request");
            Err(if is_proposed {
                problem
            } else {
                problem::cluster_not_found(name)
            })
        }
    }
}

struct Registered<'a, W, D> {
    context: &'a Context<'a, W, D>,
    management: &'a Management<'a, W>,
    subject: Subject,
}

impl<W: World, D: Domain> Change for Registered<'_, W, D> {
    /// `None`: it is not registered.
    type Detail = Option<Saved>;

    fn subject(&self) -> &Subject {
        &self.subject
    }

    fn operation(&self) -> &'static str {
        "SaveCluster"
    }

    fn branch_prefix(&self) -> &'static str {
        BRANCH
    }

    fn after_merge(&self, _: &str) -> String {
        AFTER_MERGE.to_owned()
    }

    async fn decide(
        &self,
        opened: &Opened,
        state: &State,
    ) -> Result<Decided<Option<Saved>>, Refusal> {
        let settings = self.context.settings.for_project(opened);
        let name = &self.subject.name;
        let detail = match state.registered(name) {
            None => None,
            Some(content) => {
                let (cluster, surroundings) = self.read(content, state, &settings)?;
                self.require_credentials(&cluster).await?;
                let checked = Checked {
                    current: Some((cluster.clone(), surroundings.clone())),
                    cluster,
                    surroundings,
                    credentials: None,
                    warnings: Vec::new(),
                };
                Some(Saved { checked, settings })
            }
        };
        Ok(Decided {
            tree: Tree::default(),
            summary: String::new(),
            warnings: Vec::new(),
            detail,
        })
    }
}

impl<W: World, D: Domain> Registered<'_, W, D> {
    /// As a removal reads it, which may stand although others depend on the cluster: they are not shown to it.
    fn read(
        &self,
        content: &[u8],
        state: &State,
        settings: &cluster::Settings,
    ) -> Result<(Cluster, Surroundings), Problem> {
        let (name, domain) = (&self.subject.name, self.context.domain);
        let own = File {
            path: cluster::resource::path(name),
            content: content.to_vec(),
        };
        let unreadable =
            |rejection: Rejection, files: &[File]| problem::rejected_file(rejection, name, files);
        let references = domain
            .inspect(&own)
            .map_err(|rejection| unreadable(rejection, std::slice::from_ref(&own)))?;
        let host = references
            .host_cluster
            .map(|host| cluster::resource::path(&host));
        let now = self.context.world.now();
        let mut neighbours = state.neighbours(&self.subject, now);
        neighbours
            .resource_files
            .retain(|file| file.path == own.path || Some(&file.path) == host.as_ref());
        let Neighbours { resource_files, .. } = &neighbours;
        domain
            .check_removal(name, &neighbours, settings)
            .map_err(|rejection| unreadable(rejection, resource_files))
    }

    async fn require_credentials(&self, cluster: &Cluster) -> Result<(), Refusal> {
        let (name, server) = (&cluster.name, Some(cluster.api_server.as_str()));
        if cluster.host_cluster.is_some() || self.management.has_credentials(name, server).await? {
            return Ok(());
        }
        let violation = Violation {
            field: "/kubeconfig".to_owned(),
            message: format!("no credentials are stored for cluster {name}"),
            hint: Some("send the request that registers it, with its kubeconfig".to_owned()),
        };
        Err(problem::rejected(Rejection::ValidationFailed(vec![violation]), name).into())
    }
}

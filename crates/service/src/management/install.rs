//! After the commit of a save.

use api::{InstallAction, InstalledObject};
use argocd::objects::{CredentialsError, stored_proxy};
use argocd::plan::{Change, ClusterAccess, InstallInput, Step, ToleratedError, install};
use futures::future::join_all;
use kubernetes::{Error, Kind, Verb, parse};
use serde_json::Value;

use super::{Failure, Management};
use crate::runtime::{Response, Runtime};
use crate::save::Saved;

/// In a patch that announces.
const REFRESH: &str = "/metadata/annotations/argocd.argoproj.io~1refresh";
/// In a patch that takes a Secret back, null.
const OWNERS: &str = "/metadata/ownerReferences";

/// Result of an install.
#[derive(Debug, Default)]
pub struct Installed {
    /// `[{kind, namespace, name, action}]`
    pub objects: Vec<InstalledObject>,
    /// Steps that did not happen, which is no failure.
    pub warnings: Vec<String>,
}

impl<W: Runtime> Management<'_, W> {
    /// Carries out the plan of an install.
    ///
    /// # Errors
    /// The first step that fails. Repeating all of it is harmless.
    pub async fn install(&self, saved: &Saved) -> Result<Installed, Failure> {
        self.carry_out(self.install_steps(saved)?).await
    }

    /// The plan, given what was there before the commit.
    pub(super) fn install_steps(&self, saved: &Saved) -> Result<Vec<Step>, Failure> {
        let checked = &saved.checked;
        let access = match (&checked.credentials, &checked.surroundings.host) {
            (Some(credentials), _) => ClusterAccess::Credentials(credentials),
            (None, Some(host)) => ClusterAccess::Host(host),
            (None, None) => ClusterAccess::Stored,
        };
        Ok(install(&InstallInput {
            cluster: &checked.cluster,
            resource_file: saved.resource_file.as_deref(),
            access,
            holdings: &saved.holdings,
            job_image: self.job_image,
            settings: &saved.settings,
        })?)
    }

    /// All steps at once, but for those on Secrets and Jobs, which depend on one another. What is done is told in the
    /// order of the plan.
    pub(super) async fn carry_out(&self, steps: Vec<Step>) -> Result<Installed, Failure> {
        let chains = chains(steps).into_iter().map(|chain| self.chain(chain));
        let mut outcomes = Vec::new();
        for done in join_all(chains).await {
            outcomes.extend(done?);
        }
        outcomes.sort_by_key(|(place, _)| *place);
        let mut installed = Installed::default();
        for (_, outcome) in outcomes {
            installed.add(outcome);
        }
        Ok(installed)
    }

    async fn chain(&self, steps: Vec<(usize, Step)>) -> Result<Vec<(usize, Outcome)>, Failure> {
        let mut outcomes = Vec::with_capacity(steps.len());
        for (place, step) in steps {
            outcomes.push((place, self.step(step).await?));
        }
        Ok(outcomes)
    }

    /// Stored credentials may be older than the operator's rules, or of another hand.
    fn refuse_stored(&self, stored: &Value) -> Result<(), Failure> {
        let proxy = stored_proxy(stored);
        let judged = proxy.map_or(Ok(()), |url| self.destinations.check_proxy(&url));
        judged.map_err(|_| Failure::Credentials(CredentialsError::Proxy))
    }

    async fn step(&self, step: Step) -> Result<Outcome, Failure> {
        let request = step.request(&self.api);
        let created =
            |response: &Response| parse(response).map(|object| (object, response.status() == 201));
        let answer = self.ask(request, step.verb(), &step.target, created).await;
        match answer {
            Ok((stored, _)) if matches!(step.change, Change::ApplyWithStoredConfig { .. }) => {
                self.refuse_stored(&stored)?;
                Box::pin(self.step(step.with_stored(&stored)?)).await
            }
            Ok((_, created)) => Ok(Outcome::object(&step, action(&step, created))),
            Err(Failure::Answer {
                error,
                verb,
                target,
            }) if step.tolerates(&error) => Ok(tolerated(&step, &error, verb, &target)),
            Err(Failure::Answer {
                error,
                verb,
                target,
            }) if step.is_taken(&error) => {
                let there = self.metadata(&step.target).await?;
                match there.and_then(|there| step.of_existing(&there, &self.settings)) {
                    Some(step) => Box::pin(self.step(step)).await,
                    None => Err(Failure::Answer {
                        error,
                        verb,
                        target,
                    }),
                }
            }
            Err(failure) => Err(failure),
        }
    }
}

/// Steps with their places in the plan. Argo CD waits for whatever is not there yet, so most need no order; but a
/// former Job goes before a Secret comes that it might overwrite, and a former Secret after the new one has come.
fn chains(steps: Vec<Step>) -> Vec<Vec<(usize, Step)>> {
    let is_ordered = |step: &Step| [Kind::SECRET, Kind::JOB].contains(&step.target.kind);
    let (ordered, others): (Vec<_>, Vec<_>) = steps
        .into_iter()
        .enumerate()
        .partition(|(_, step)| is_ordered(step));
    let others = others.into_iter().map(|step| vec![step]);
    [ordered].into_iter().chain(others).collect()
}

fn is_announcement(step: &Step) -> bool {
    matches!(&step.change, Change::Patch(patch) if patch.pointer(REFRESH).is_some())
}

/// Tells whether an answer names the step. A step that only makes room for the next one, which applies the same
/// object, would stand there twice.
pub(super) fn is_told(step: &Step) -> bool {
    !matches!(&step.change, Change::Patch(patch) if patch.pointer(OWNERS) == Some(&Value::Null))
}

/// Result of one step.
struct Outcome {
    object: Option<InstalledObject>,
    warning: Option<String>,
}

impl Outcome {
    fn object(step: &Step, action: InstallAction) -> Self {
        Self {
            object: is_told(step).then(|| object(step, action)),
            warning: None,
        }
    }
}

impl Installed {
    fn add(&mut self, done: Outcome) {
        self.objects.extend(done.object);
        self.warnings.extend(done.warning);
    }
}

fn tolerated(step: &Step, error: &Error, verb: Verb, target: &kubernetes::Target) -> Outcome {
    let warning = match step.tolerated {
        ToleratedError::KindMissing | ToleratedError::FieldConflict => {
            Some(error.explain(verb, target))
        }
        ToleratedError::Missing | ToleratedError::Nothing => None,
    };
    Outcome {
        object: None,
        warning,
    }
}

fn action(step: &Step, created: bool) -> InstallAction {
    match step.change {
        Change::Apply { .. } | Change::ApplyWithStoredConfig { .. } if created => {
            InstallAction::Created
        }
        Change::Apply { .. } | Change::ApplyWithStoredConfig { .. } => InstallAction::Applied,
        Change::Patch(_) if is_announcement(step) => InstallAction::Refreshed,
        Change::Patch(_) => InstallAction::Patched,
        Change::Delete { .. } => InstallAction::Deleted,
    }
}

pub(super) fn object(step: &Step, action: InstallAction) -> InstalledObject {
    let target = &step.target;
    InstalledObject {
        kind: target.kind.kind.to_owned(),
        namespace: target.namespace.clone(),
        name: target.name.clone(),
        action,
    }
}

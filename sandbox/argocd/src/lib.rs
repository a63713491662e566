//! A stand-in for Argo CD: it reacts to the same objects in the same order, and installs nothing.
//!
//! ApplicationSets generate Applications from cluster Secrets and lists. An Application whose destination is
//! this API server itself and whose source is a folder of plain manifests is really synced from the Git
//! repository; any other is only walked through the states of a sync. Deletion cascades as Argo CD's does.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sandbox_kubernetes::{Controller, Kind, LocalClient, ObjectStore, object};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

mod application_sets;
mod applications;
mod clusters;
mod deletion;
mod generators;
mod manifests;
mod progress;
mod projects;
mod repository;
mod status;
mod template;

use progress::SyncProgress;
use repository::BareRepository;

/// Behaviour of an Application from now on, whatever its source says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ApplicationBehaviour {
    /// Becomes Synced and Healthy.
    #[default]
    Normal,
    /// Is synced and ends up Degraded, for this reason.
    Degraded(String),
    /// Stays Progressing, and does not finish when deleted.
    Stuck,
    /// The Application's cluster does not answer: sync and health are Unknown, and it cannot be deleted.
    Unreachable,
    /// Every sync fails with this message.
    SyncFails(String),
}

/// The stand-in: a controller for the sandbox's Kubernetes, and the control of it. Clones are the same one.
#[derive(Debug, Clone)]
pub struct ArgoCd {
    repository: PathBuf,
    step: Duration,
    behaviours: Arc<Mutex<BTreeMap<String, ApplicationBehaviour>>>,
    changed: Arc<Notify>,
}

impl ArgoCd {
    /// Reads manifests for the API server itself from a bare Git repository; an Application stays for `step` in
    /// each phase.
    pub fn new(repository: impl Into<PathBuf>, step: Duration) -> Self {
        Self {
            repository: repository.into(),
            step,
            behaviours: Arc::default(),
            changed: Arc::default(),
        }
    }

    /// Decides how the Application of that name behaves, whether it exists yet or not.
    pub fn behave(&self, application: &str, behaviour: ApplicationBehaviour) {
        self.behaviours
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(application.to_owned(), behaviour);
        self.changed.notify_one();
    }

    /// Lets every Application behave normally again.
    pub fn reset(&self) {
        self.behaviours
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.changed.notify_one();
    }

    fn behaviour(&self, application: &str) -> ApplicationBehaviour {
        self.behaviours
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(application)
            .cloned()
            .unwrap_or_default()
    }
}

/// Everything one pass needs.
struct StandIn {
    objects: LocalClient,
    repository: BareRepository,
    argo: ArgoCd,
    step: Duration,
    /// By uid of the Application.
    progress: BTreeMap<String, SyncProgress>,
    /// When uninstalls began, by uid of the Application.
    uninstalls: BTreeMap<String, Instant>,
}

impl Controller for ArgoCd {
    fn run(&self, store: ObjectStore) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(run(store, self.clone()))
    }
}

async fn run(store: ObjectStore, argo: ArgoCd) {
    let mut changes = store.changes();
    let changed = argo.changed.clone();
    let mut stand_in = StandIn {
        objects: LocalClient::new(store, MANAGER, NAMESPACE),
        repository: BareRepository::new(argo.repository.clone()),
        step: argo.step,
        argo,
        progress: BTreeMap::new(),
        uninstalls: BTreeMap::new(),
    };
    loop {
        changes.borrow_and_update();
        let next = stand_in.pass().await;
        tokio::select! {
            open = changes.changed() => if open.is_err() { return },
            () = changed.notified() => {}
            () = sleep_until(next) => {}
        }
    }
}

impl StandIn {
    /// Looks at everything once; answers when to look again even if nothing changes.
    async fn pass(&mut self) -> Instant {
        application_sets::reconcile(&self.objects);
        projects::reconcile(&self.objects);
        let applications = self.objects.list(APPLICATIONS);
        let mut next = Instant::now() + progress::RESYNC;
        for application in &applications {
            next = next.min(self.reconcile_application(application).await);
        }
        let alive = |uid: &String| {
            applications
                .iter()
                .any(|application| object::uid(application) == uid)
        };
        self.progress.retain(|uid, _| alive(uid));
        self.uninstalls.retain(|uid, _| alive(uid));
        next
    }
}

/// Where Argo CD and its objects live.
const NAMESPACE: &str = "argocd";

/// The finalizer of a cascade, and the start of its variants.
const CASCADE: &str = "resources-finalizer.argocd.argoproj.io";

/// Field manager of every write.
const MANAGER: &str = "argocd-stand-in";

const APPLICATIONS: Kind = ("argoproj.io", "applications");
const APPLICATION_SETS: Kind = ("argoproj.io", "applicationsets");
const PROJECTS: Kind = ("argoproj.io", "appprojects");
const SECRETS: Kind = ("", "secrets");

/// The merge patch that makes `live` exactly `wanted`: what is no longer wanted is set to null.
fn replacement(live: Option<&Value>, wanted: Option<&Value>) -> Value {
    let (Some(Value::Object(live)), Some(Value::Object(wanted))) = (live, wanted) else {
        return wanted.cloned().unwrap_or_default();
    };
    let gone = live
        .keys()
        .filter(|name| !wanted.contains_key(*name))
        .map(|name| (name.clone(), Value::Null));
    let kept = wanted
        .iter()
        .map(|(name, field)| (name.clone(), replacement(live.get(name), Some(field))));
    Value::Object(gone.chain(kept).collect())
}

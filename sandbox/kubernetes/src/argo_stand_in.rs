//! A stand-in for Argo CD: it reacts to the same objects in the same order, and installs nothing.
//!
//! ApplicationSets generate Applications from cluster Secrets and lists. An Application whose destination is
//! this API server itself and whose source is a folder of plain manifests is really synced from the Git
//! repository; any other is only walked through the states of a sync. Deletion cascades as Argo CD's does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::options;
use crate::store::Store;

mod application_sets;
mod applications;
mod clusters;
mod deletion;
mod generators;
mod manifests;
mod objects;
mod progress;
mod projects;
mod repository;
mod status;
mod template;

use objects::Objects;
use progress::Progress;
use repository::Repository;

/// How an Application behaves from now on, whatever its source says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// It becomes Synced and Healthy.
    #[default]
    Normal,
    /// It is synced and ends up Degraded, for this reason.
    Degraded(String),
    /// It stays Progressing, and does not finish when deleted.
    Stuck,
    /// Its cluster does not answer: sync and health are Unknown, and it cannot be deleted.
    Unreachable,
    /// Every sync fails with this message.
    SyncFails(String),
}

/// Control of a running stand-in.
#[derive(Debug, Clone, Default)]
pub struct Argo {
    behaviours: Arc<Mutex<BTreeMap<String, Behaviour>>>,
    changed: Arc<Notify>,
}

impl Argo {
    /// Decides how the Application of that name behaves, whether it exists yet or not.
    pub fn behave(&self, application: &str, behaviour: Behaviour) {
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

    fn behaviour(&self, application: &str) -> Behaviour {
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
    objects: Objects,
    repository: Repository,
    argo: Argo,
    step: Duration,
    /// By uid of the Application.
    progress: BTreeMap<String, Progress>,
    /// When uninstalls began, by uid of the Application.
    uninstalls: BTreeMap<String, Instant>,
}

/// Runs until dropped.
pub async fn run(store: Store, options: options::ArgoStandIn, argo: Argo) {
    let mut changes = store.changes();
    let changed = argo.changed.clone();
    let mut stand_in = StandIn {
        objects: Objects::new(store),
        repository: Repository::new(options.repository),
        argo,
        step: options.step,
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
        let applications = self.objects.list(objects::APPLICATIONS);
        let mut next = Instant::now() + progress::RESYNC;
        for application in &applications {
            next = next.min(self.reconcile_application(application).await);
        }
        let alive = |uid: &String| {
            applications
                .iter()
                .any(|application| crate::object::uid(application) == uid)
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

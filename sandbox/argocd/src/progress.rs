//! How far an Application has come.

use std::time::Duration;

use sandbox_kubernetes::object;
use serde_json::Value;
use tokio::time::Instant;

/// A comparison without any reason is repeated after this long, as Argo CD polls repositories.
pub const RESYNC: Duration = Duration::from_secs(180);
/// Failed syncs of one revision before giving up.
const ATTEMPTS: u32 = 5;

/// State of an Application between two passes.
#[derive(Debug, Clone)]
pub struct SyncProgress {
    /// The spec that was compared.
    pub spec: Value,
    /// The commit or chart version that was compared.
    pub revision: String,
    /// Objects of the Application; none where the sync is only simulated.
    pub manifests: Option<Vec<Value>>,
    /// Where it stands.
    pub stage: SyncStage,
    /// When it came there.
    pub since: Instant,
    /// When it was compared.
    pub compared: Instant,
    /// Failed syncs of this revision.
    pub failures: u32,
    /// True where the live objects were as wanted right after the sync, so that a later difference means a change.
    pub comparable: bool,
}

/// Where a sync stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncStage {
    /// Compared, not synced.
    OutOfSync,
    /// Being synced.
    Syncing,
    /// Synced; its resources are starting.
    Starting,
    /// Synced and started.
    Settled,
    /// The last sync failed, with this message.
    Failed(String),
}

impl SyncProgress {
    /// Starts after a comparison. An Application that was synced at the revision before, in an earlier run, is.
    pub fn compared(
        application: &Value,
        revision: String,
        manifests: Option<Vec<Value>>,
        before: Option<&Self>,
    ) -> Self {
        let now = Instant::now();
        let spec = application.get("spec").cloned().unwrap_or_default();
        let same = before.filter(|before| before.revision == revision && before.spec == spec);
        let was_settled = before.is_none()
            && object::text(application, "/status/sync/status") == "Synced"
            && object::text(application, "/status/sync/revision") == revision;
        let (stage, since) = match same {
            Some(before) => (before.stage.clone(), before.since),
            None if was_settled => (SyncStage::Settled, now),
            None => (SyncStage::OutOfSync, now),
        };
        let failures = same.map_or(0, |before| before.failures);
        let comparable = same.is_none_or(|before| before.comparable);
        Self {
            spec,
            revision,
            manifests,
            stage,
            since,
            compared: now,
            failures,
            comparable,
        }
    }

    /// Moves on.
    pub fn enter(&mut self, stage: SyncStage) {
        self.stage = stage;
        self.since = Instant::now();
    }

    /// A failed sync is tried again.
    pub fn retries(&self, application: &Value) -> bool {
        is_automated(application) && self.failures < ATTEMPTS
    }

    /// True after that long in one stage.
    pub fn has_waited(&self, step: Duration) -> bool {
        self.since.elapsed() >= step
    }
}

/// The Application is synced without being asked.
pub fn is_automated(application: &Value) -> bool {
    let automated = application.pointer("/spec/syncPolicy/automated");
    automated.is_some_and(|automated| automated.get("enabled") != Some(&Value::Bool(false)))
}

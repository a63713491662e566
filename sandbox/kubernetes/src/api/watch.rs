//! GET with `watch`: changes as they happen, one JSON object per line.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::read::{formatted, in_version, include_object};
use super::reply::ReplyContent;
use super::resource::ResourceCall;
use super::{ApiReply, FieldSelector, LabelSelector, ResponseFormat};
use crate::object;
use crate::resource::ApiResource;
use crate::state::ApiServerState;
use crate::status::StatusError;
use crate::store::{ChangeKind, ChangesSince, ObjectChange};
use crate::table::IncludeObject;

/// Events a slow reader may leave waiting.
const BUFFER: usize = 64;
/// A watch without `timeoutSeconds` ends after half an hour, as the API server's do at the earliest.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1800);
const BOOKMARK_INTERVAL: Duration = Duration::from_secs(30);

/// Running watch.
struct WatchStream {
    shared: Arc<ApiServerState>,
    resource: Arc<ApiResource>,
    namespace: String,
    labels: LabelSelector,
    fields: FieldSelector,
    format: ResponseFormat,
    include: IncludeObject,
    bookmarks: bool,
    header_sent: bool,
    revision: u64,
    out: mpsc::Sender<Bytes>,
}

/// Starts a watch. A revision that is no longer known is an event, not a status.
pub fn watch(call: &ResourceCall<'_>) -> Result<ApiReply, StatusError> {
    let query = &call.request.query;
    let format = ResponseFormat::negotiate(call.request.header("accept"), true)?;
    let from = query.get("resourceVersion");
    let initial = query.flag("sendInitialEvents") || matches!(from, "" | "0");
    let start: u64 = if matches!(from, "" | "0") {
        0
    } else {
        parse_revision(from)?
    };
    let (out, receiver) = mpsc::channel(BUFFER);
    let watch = WatchStream {
        shared: call.shared.clone(),
        resource: call.resource.clone(),
        namespace: call.path.namespace.clone(),
        labels: LabelSelector::parse(query.get("labelSelector"))?,
        fields: call.field_selector()?,
        format,
        include: include_object(call),
        bookmarks: query.flag("allowWatchBookmarks"),
        header_sent: false,
        revision: start,
        out,
    };
    let timeout = query
        .get("timeoutSeconds")
        .parse()
        .ok()
        .filter(|seconds| *seconds > 0);
    let deadline = Instant::now() + timeout.map_or(DEFAULT_TIMEOUT, Duration::from_secs);
    let announces_end = query.flag("sendInitialEvents");
    tokio::spawn(watch.run(initial, announces_end, deadline));
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Ok(ApiReply {
        status: 200,
        headers,
        content: ReplyContent::Stream(receiver),
    })
}

fn parse_revision(text: &str) -> Result<u64, StatusError> {
    text.parse().map_err(|_| {
        StatusError::bad_request(format!(
            "resourceVersion: Invalid value: {text:?}: must be a number"
        ))
    })
}

/// The reader is gone, or the watch is over.
struct WatchEnded;

impl WatchStream {
    async fn run(mut self, initial: bool, announces_end: bool, deadline: Instant) {
        // The watch ends with its reader; nobody else needs to know why.
        let _ended = self.follow(initial, announces_end, deadline).await;
    }

    async fn follow(
        &mut self,
        initial: bool,
        announces_end: bool,
        deadline: Instant,
    ) -> Result<(), WatchEnded> {
        let mut changes = self.shared.store.changes();
        if initial {
            self.send_initial().await?;
        }
        if announces_end && self.bookmarks {
            self.send_bookmark(true).await?;
        }
        let mut next_bookmark = Instant::now() + BOOKMARK_INTERVAL;
        loop {
            self.send_changes().await?;
            tokio::select! {
                changed = changes.changed() => changed.map_err(|_| WatchEnded)?,
                () = self.out.closed() => return Err(WatchEnded),
                () = sleep_until(next_bookmark.min(deadline)) => {
                    if self.bookmarks {
                        self.send_bookmark(false).await?;
                    }
                    next_bookmark = Instant::now() + BOOKMARK_INTERVAL;
                    if Instant::now() >= deadline {
                        return Err(WatchEnded);
                    }
                }
            }
        }
    }

    async fn send_initial(&mut self) -> Result<(), WatchEnded> {
        let (mut objects, revision) = self.shared.store.read(|state| {
            (
                state.list(&self.resource.id, &self.namespace),
                state.revision(),
            )
        });
        self.revision = revision;
        objects.retain(|object| self.matches(object));
        for object in &objects {
            self.send("ADDED", in_version(&self.resource, object))
                .await?;
        }
        Ok(())
    }

    async fn send_changes(&mut self) -> Result<(), WatchEnded> {
        match self.shared.store.read(|state| state.since(self.revision)) {
            ChangesSince::Changes(changes) => {
                for change in &changes {
                    self.revision = change.revision;
                    if let Some(kind) = self.event(change) {
                        let object = in_version(&self.resource, &change.object);
                        self.send(kind, object).await?;
                    }
                }
                Ok(())
            }
            ChangesSince::Expired { oldest } => {
                let error = StatusError::expired(format!(
                    "too old resource version: {} ({oldest})",
                    self.revision
                ));
                self.send_line(&json!({ "type": "ERROR", "object": error.to_status() }))
                    .await?;
                Err(WatchEnded)
            }
        }
    }

    /// The event a change is to this watch: objects that come to match are added, those that cease to are deleted.
    fn event(&self, change: &ObjectChange) -> Option<&'static str> {
        if change.resource != self.resource.id
            || !(self.namespace.is_empty() || change.key.namespace == self.namespace)
        {
            return None;
        }
        let matched = change
            .previous
            .as_ref()
            .is_some_and(|previous| self.matches(previous));
        let matches = change.kind != ChangeKind::Deleted && self.matches(&change.object);
        match (matched, matches) {
            (false, true) => Some("ADDED"),
            (true, true) => Some("MODIFIED"),
            (true, false) => Some("DELETED"),
            (false, false) => None,
        }
    }

    fn matches(&self, object: &Value) -> bool {
        self.labels.matches(object) && self.fields.matches(object)
    }

    async fn send(&mut self, kind: &str, object: Value) -> Result<(), WatchEnded> {
        let with_header = !std::mem::replace(&mut self.header_sent, true);
        let object = formatted(
            &self.resource,
            object,
            self.format,
            self.include,
            with_header,
        );
        self.send_line(&json!({ "type": kind, "object": object }))
            .await
    }

    async fn send_bookmark(&mut self, initial_events_end: bool) -> Result<(), WatchEnded> {
        let mut metadata = json!({ "resourceVersion": self.revision.to_string() });
        if initial_events_end {
            let annotation = json!({ "k8s.io/initial-events-end": "true" });
            object::set_field(&mut metadata, "annotations", Some(annotation));
        }
        let object = json!({ "kind": self.resource.kind, "apiVersion": self.resource.api_version(), "metadata": metadata });
        self.send_line(&json!({ "type": "BOOKMARK", "object": object }))
            .await
    }

    async fn send_line(&self, event: &Value) -> Result<(), WatchEnded> {
        let line = Bytes::from(format!("{event}\n"));
        self.out.send(line).await.map_err(|_| WatchEnded)
    }
}

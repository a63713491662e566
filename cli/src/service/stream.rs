//! A watch: events as they come, across the ends that are none.

use std::collections::VecDeque;
use std::time::Duration;

use api::{EndReason, EventReader, StreamEnd, WatchEvent};
use reqwest::Response;

use super::plain::plain;
use super::{ServiceClient, ServiceError};

/// A gateway that restarts is back within some tries of this distance.
pub(crate) const RETRY_PAUSE: Duration = Duration::from_secs(2);

/// Failures in a row after which nobody believes in the next try.
pub(crate) const MAX_FAILURES_IN_A_ROW: u32 = 15;

/// The events of one cluster.
pub(crate) struct ClusterStream {
    response: Response,
    reader: EventReader,
    events: VecDeque<WatchEvent>,
    client: ServiceClient,
}

impl ClusterStream {
    /// The stream of an answer.
    pub(super) fn new(response: Response, client: ServiceClient) -> Self {
        Self {
            response,
            reader: EventReader::default(),
            events: VecDeque::new(),
            client,
        }
    }

    /// Waits for the next event. A time limit of the service and a connection that was cut are no ends: the watch
    /// begins again, and with it comes an event `cluster`.
    ///
    /// # Errors
    /// The service refuses to be asked again, or can't be reached for half a minute.
    pub(crate) async fn next(&mut self, name: &str) -> Result<WatchEvent, ServiceError> {
        loop {
            while let Some(event) = self.events.pop_front() {
                match event {
                    WatchEvent::End(StreamEnd {
                        reason: EndReason::TimeLimit,
                        ..
                    }) => {}
                    WatchEvent::Cluster(cluster) => return Ok(WatchEvent::Cluster(plain(cluster))),
                    WatchEvent::Status(status) => return Ok(WatchEvent::Status(plain(status))),
                    WatchEvent::Error(problem) => return Ok(WatchEvent::Error(plain(problem))),
                    event => return Ok(event),
                }
            }
            match self.response.chunk().await {
                Ok(Some(piece)) => self.events.extend(self.reader.push(&piece)),
                Ok(None) | Err(_) => self.begin_again(name).await?,
            }
        }
    }

    async fn begin_again(&mut self, name: &str) -> Result<(), ServiceError> {
        let mut failures = 0;
        loop {
            // Not at once: a stream that ends at its beginning would be asked for without a pause.
            tokio::time::sleep(RETRY_PAUSE).await;
            match self.client.watch(name).await {
                Ok(stream) => {
                    *self = stream;
                    return Ok(());
                }
                Err(error) if error.may_pass() && failures < MAX_FAILURES_IN_A_ROW => failures += 1,
                Err(error) => return Err(error),
            }
        }
    }
}

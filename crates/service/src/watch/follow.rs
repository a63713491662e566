//! Where the news come from: a watch of the Applications, and where there can be none, a look every now and then.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use kubernetes::{Error, WatchReader};

use super::pace::Pace;
use crate::management::{Failure, Management, Observed};
use crate::runtime::{Pieces, Runtime};

/// Beside a watch of the Applications: how often the branch is looked at.
const LOOK: Duration = Duration::from_secs(15);
/// The longest silence of a healthy stream. A host notices that the client has left when it is to send something, and proxies
/// give up after a minute or so without a byte.
const SILENCE: Duration = Duration::from_secs(5);

/// Next task of a watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// Judge what was observed: Applications have changed.
    Changes,
    /// Look at the branch, and at what is not watched.
    Look,
    /// Nothing, and somebody may be waiting for a sign of life.
    Nothing,
    /// Nothing any more.
    TimeLimit,
}

/// How one cluster is followed.
pub(super) struct Follower<S> {
    /// While it runs, what was observed has the Applications as they are.
    watch: Option<RunningWatch<S>>,
    /// True where a watch is to be begun now.
    is_due: bool,
    /// True where a watch would be in vain.
    is_refused: bool,
    next_look: Duration,
    pace: Pace,
}

struct RunningWatch<S> {
    stream: S,
    reader: WatchReader,
    has_told: bool,
}

impl<S: Pieces> Follower<S> {
    /// Begins after a first look.
    pub(super) fn new(now: Duration, observed: &mut Observed) -> Self {
        let mut follower = Self {
            watch: None,
            is_due: false,
            is_refused: false,
            next_look: now,
            pace: Pace::default(),
        };
        follower.looked(now, observed);
        follower
    }

    /// To be told after each look: goes on with what it showed.
    pub(super) fn looked(&mut self, now: Duration, observed: &mut Observed) {
        if self.is_refused {
            observed.forget_version();
        }
        let is_watched = observed.version().is_some();
        if !is_watched {
            self.watch = None;
        }
        self.is_due = is_watched && self.watch.is_none();
        let pause = match is_watched {
            true => LOOK,
            false => self.pace.pause(),
        };
        self.next_look = now + pause;
    }

    /// To be told where something has changed, since one change is often followed by another.
    pub(super) fn changed(&mut self) {
        self.pace = Pace::default();
    }

    /// Waits until there is something to do, and lets `observed` know what a watch tells.
    pub(super) async fn wait<W: Runtime<Stream = S>>(
        &mut self,
        runtime: &W,
        management: &Management<'_, W>,
        cluster: &str,
        observed: &mut Observed,
        limit: Duration,
    ) -> Woken {
        loop {
            let now = runtime.elapsed();
            if now >= limit {
                return Woken::TimeLimit;
            }
            if now >= self.next_look {
                return Woken::Look;
            }
            if std::mem::take(&mut self.is_due) {
                // Rarely: apart from this future, which every watch keeps.
                Box::pin(self.begin(runtime, management, cluster, observed, limit - now)).await;
                continue;
            }
            let pause = self.next_look.min(limit) - now;
            let Some(watch) = &mut self.watch else {
                runtime.sleep(pause).await;
                continue;
            };
            let pause = runtime.sleep(pause.min(SILENCE));
            let piece = match select(pin!(watch.stream.next()), pin!(pause)).await {
                Either::Left((piece, _)) => piece.ok().flatten(),
                Either::Right(_) if runtime.elapsed() < self.next_look.min(limit) => {
                    return Woken::Nothing;
                }
                Either::Right(_) => continue,
            };
            if self.take(piece, observed) {
                return Woken::Changes;
            }
            if self.watch.is_none() {
                self.next_look = runtime.elapsed() + self.pace.pause();
            }
        }
    }

    /// Takes what a piece brings; none is the end. False where there is nothing new to judge.
    fn take(&mut self, piece: Option<Vec<u8>>, observed: &mut Observed) -> bool {
        let Some(watch) = &mut self.watch else {
            return false;
        };
        match piece.map(|piece| watch.reader.push(&piece)) {
            Some(Ok(events)) if events.is_empty() => false,
            Some(Ok(events)) => {
                watch.has_told = true;
                self.pace = Pace::default();
                events.into_iter().for_each(|event| observed.apply(event));
                true
            }
            Some(Err(error)) => {
                self.watch = None;
                self.give_up(&error, observed);
                false
            }
            None => {
                // The next one goes on from the last event. Where there was none, nobody knows what is in between.
                if !watch.has_told {
                    observed.forget_version();
                }
                self.watch = None;
                false
            }
        }
    }

    async fn begin<W: Runtime<Stream = S>>(
        &mut self,
        runtime: &W,
        management: &Management<'_, W>,
        cluster: &str,
        observed: &mut Observed,
        left: Duration,
    ) {
        let version = observed.version().unwrap_or_default();
        // The service ends it, not the API server.
        let seconds = left.as_secs() + 1;
        let begun = management.watch_applications(cluster, version, seconds);
        match begun.await {
            Ok(stream) => {
                self.watch = Some(RunningWatch {
                    stream,
                    reader: WatchReader::default(),
                    has_told: false,
                });
                return;
            }
            Err(Failure::Answer { error, .. }) => self.give_up(&error, observed),
            Err(_) => observed.forget_version(),
        }
        self.next_look = runtime.elapsed() + self.pace.pause();
    }

    /// A watch that has come too late is begun again from a new list, and so is one where the API server is out of order for
    /// a moment. Any other refusal stays one: an operator's older rules do not have the verb.
    fn give_up(&mut self, error: &Error, observed: &mut Observed) {
        observed.forget_version();
        self.is_refused |= !matches!(
            error,
            Error::Expired | Error::TooManyRequests { .. } | Error::Unavailable { .. }
        );
    }
}

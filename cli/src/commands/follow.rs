//! Following a cluster until it is what somebody waits for.

mod deadline;
mod failed_looks;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use api::{Cluster, EndReason, Phase, Status, WatchEvent};

pub(crate) use self::deadline::Deadline;
pub(crate) use self::failed_looks::FailedLooks;
use crate::failure::CommandError;
use crate::interrupt;
use crate::progress::ProgressView;
use crate::service::{ChangeOptions, ClusterStream, RETRY_PAUSE, ServiceClient, ServiceError};

/// Between two looks at what a removal has left.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Between two looks at an install that is not watched.
const LOOK_AT_INSTALLS: Duration = Duration::from_secs(5);

/// Clusters that are watched at the same time: a service gives one token four watches, and one may be in another window.
pub(crate) const WATCHES: usize = 3;

/// State of a cluster when the wait ended.
pub(crate) enum Outcome {
    /// Everything is installed.
    Ready(Status),
    /// A component failed.
    Degraded(Status),
    /// Not registered any more.
    Gone,
}

impl Outcome {
    /// Bad news as an error: the words of the component that failed.
    ///
    /// # Errors
    /// The cluster is not ready.
    pub(crate) fn into_ready(self, name: &str) -> Result<Status, CommandError> {
        match self {
            Self::Ready(status) => Ok(status),
            Self::Degraded(status) => {
                Err(CommandError::Failed(format!("{name}: {}", why(&status))))
            }
            Self::Gone => Err(CommandError::Failed(format!(
                "{name} is not registered any more"
            ))),
        }
    }
}

/// Why a cluster is degraded: the words of every component that failed.
fn why(status: &Status) -> String {
    let failed = status
        .components
        .iter()
        .filter(|component| !component.is_ready());
    let failed: Vec<String> = failed
        .filter(|component| component.health == "Degraded" || !component.message.is_empty())
        .map(|component| match component.message.as_str() {
            "" => format!("{} is degraded", component.name),
            message => format!("{}: {message}", component.name),
        })
        .collect();
    match failed.is_empty() {
        true => "a component failed".to_owned(),
        false => failed.join("; "),
    }
}

/// Follows a cluster until it is ready or has failed: by a watch, or by looks where as many are watched as may be.
///
/// # Errors
/// The time is up, or the service refuses.
pub(crate) async fn until_ready(
    service: &ServiceClient,
    name: &str,
    deadline: Deadline,
    view: &RefCell<ProgressView>,
) -> Result<Outcome, CommandError> {
    let failed = FailedLooks::default();
    let followed = async {
        match service.try_watch(name).await {
            Ok(stream) => return Ok(watch_until_ready(stream, name, view).await?),
            Err(error) if error.is_too_many() => {}
            Err(error) => failed.note(error, |words| view.borrow().say(words))?,
        }
        let pause = LOOK_AT_INSTALLS;
        look_until(service, name, pause, view, &failed, outcome_of_look).await
    };
    limited(followed, deadline, "ready", name, view, &failed).await
}

/// Follows a cluster by looks alone: for those beyond [`WATCHES`].
///
/// # Errors
/// The time is up, or the service refuses.
pub(crate) async fn until_seen_ready(
    service: &ServiceClient,
    name: &str,
    deadline: Deadline,
    view: &RefCell<ProgressView>,
) -> Result<Outcome, CommandError> {
    let (failed, pause) = (FailedLooks::default(), LOOK_AT_INSTALLS);
    let followed = look_until(service, name, pause, view, &failed, outcome_of_look);
    limited(followed, deadline, "ready", name, view, &failed).await
}

/// Follows a cluster until the service knows nothing of it any more.
///
/// # Errors
/// The time is up, or the service refuses.
pub(crate) async fn until_removed(
    service: &ServiceClient,
    name: &str,
    deadline: Deadline,
    view: &RefCell<ProgressView>,
) -> Result<(), CommandError> {
    let is_told = Cell::new(false);
    let is_gone = |look| match look {
        Look::Gone => Some(()),
        Look::There(status) => {
            // Somebody else may be about to remove it, so this is no failure.
            let is_removed = status.is_none_or(|status| status.phase == Phase::Removing);
            if !is_removed && !is_told.replace(true) {
                view.borrow().say(&format!(
                    "{name} is registered, and nobody removes it: `nautes-clusters delete {name}` does"
                ));
            }
            None
        }
    };
    let failed = FailedLooks::default();
    let followed = look_until(service, name, LOOK_AGAIN, view, &failed, is_gone);
    limited(followed, deadline, "gone", name, view, &failed).await
}

/// Ends what follows a cluster in time, and its moving lines with it.
async fn limited<T>(
    followed: impl Future<Output = Result<T, CommandError>>,
    deadline: Deadline,
    state: &str,
    name: &str,
    view: &RefCell<ProgressView>,
    failed: &FailedLooks,
) -> Result<T, CommandError> {
    let what = format!("{name} was not {state}");
    let outcome = deadline.limit(&what, failed, followed).await;
    view.borrow_mut().finish(name);
    outcome
}

async fn watch_until_ready(
    mut stream: ClusterStream,
    name: &str,
    view: &RefCell<ProgressView>,
) -> Result<Outcome, ServiceError> {
    let mut last = None;
    loop {
        match stream.next(name).await {
            Ok(WatchEvent::Cluster(cluster)) => last = take(*cluster, name, view).or(last),
            Ok(WatchEvent::Status(status)) => {
                view.borrow_mut().update(name, &status);
                last = Some(status);
            }
            Ok(WatchEvent::Error(problem)) => return Err(ServiceError::Problem(problem)),
            Ok(WatchEvent::End(end)) => {
                if let Some(outcome) = outcome_of(&end.reason, last.clone()) {
                    return Ok(outcome);
                }
            }
            Ok(WatchEvent::Other(..)) => {}
            Err(error) if error.is_not_found() => return Ok(Outcome::Gone),
            Err(error) => return Err(error),
        }
    }
}

/// Answer to one look at a cluster.
enum Look {
    /// Registered, or being removed; the status where the service tells one.
    There(Option<Status>),
    /// Neither.
    Gone,
}

/// Looks at a cluster every now and then until `decide` has seen enough.
async fn look_until<T>(
    service: &ServiceClient,
    name: &str,
    pause: Duration,
    view: &RefCell<ProgressView>,
    failed: &FailedLooks,
    decide: impl Fn(Look) -> Option<T>,
) -> Result<T, CommandError> {
    loop {
        let look = match service.get(name).await {
            Ok(cluster) => Look::There(take(cluster, name, view)),
            Err(error) if error.is_not_found() => Look::Gone,
            Err(error) => {
                failed.note(error, |words| view.borrow().say(words))?;
                tokio::time::sleep(pause.min(RETRY_PAUSE)).await;
                continue;
            }
        };
        failed.forget();
        if let Some(decided) = decide(look) {
            return Ok(decided);
        }
        tokio::time::sleep(pause).await;
    }
}

fn outcome_of_look(look: Look) -> Option<Outcome> {
    match look {
        Look::Gone => Some(Outcome::Gone),
        Look::There(Some(status)) if status.phase == Phase::Ready => Some(Outcome::Ready(status)),
        Look::There(Some(status)) if status.phase == Phase::Degraded => {
            Some(Outcome::Degraded(status))
        }
        Look::There(_) => None,
    }
}

/// Notes what goes on when somebody leaves while installs are watched.
pub(crate) fn note_installs(names: &[&str]) {
    let watching = match names {
        [name] => format!("nautes-clusters wait {name} --for ready"),
        names => format!("nautes-clusters get -w {}", names.join(" ")),
    };
    interrupt::note(format!(
        "the installs of {} go on in the cluster; `{watching}` goes on watching",
        names.join(", ")
    ));
}

/// Notes what goes on when somebody leaves while clusters are removed. `arguments` are those of the removal that count for the
/// rest of it, each behind a blank.
pub(crate) fn note_removals(names: &[&str], arguments: &str, removes_access: bool) {
    let account = match removes_access {
        true => "; the service account stays until then",
        false => "",
    };
    interrupt::note(format!(
        "what was asked for goes on in the cluster; `nautes-clusters delete {}{arguments}` goes on with the rest, and watches{account}",
        names.join(" ")
    ));
}

fn take(cluster: Cluster, name: &str, view: &RefCell<ProgressView>) -> Option<Status> {
    let status = cluster.status?;
    view.borrow_mut().update(name, &status);
    Some(status)
}

/// Outcome that the end of a watch tells; `last` is the last status before it. `None` where the cluster is on its way.
pub(crate) fn outcome_of(reason: &EndReason, last: Option<Status>) -> Option<Outcome> {
    let status = last.unwrap_or(Status {
        phase: Phase::Unknown,
        components: Vec::new(),
        credentials: None,
        message: None,
    });
    match reason {
        EndReason::Ready => Some(Outcome::Ready(status)),
        EndReason::Failed => Some(Outcome::Degraded(status)),
        EndReason::Removed => Some(Outcome::Gone),
        // An older service's words.
        EndReason::Other(word) if word == "degraded" => Some(Outcome::Degraded(status)),
        EndReason::Other(word) if word == "deleted" => Some(Outcome::Gone),
        EndReason::TimeLimit | EndReason::Error | EndReason::Other(_) => None,
    }
}

/// Repeats a removal, which is harmless, until nothing of what is `left` is there any more.
///
/// # Errors
/// The time is up, or the service refuses.
pub(crate) async fn until_uninstalled(
    service: &ServiceClient,
    name: &str,
    options: ChangeOptions,
    mut left: Vec<String>,
    deadline: Deadline,
    view: &RefCell<ProgressView>,
) -> Result<(), CommandError> {
    let tell = |before: &[String], now: &[String]| {
        let mut view = view.borrow_mut();
        view.update_removal(name, now.len());
        for line in removal_progress(before, now) {
            view.say(&line);
        }
    };
    tell(&[], &left);
    let failed = FailedLooks::default();
    let followed = async {
        while !left.is_empty() {
            tokio::time::sleep(LOOK_AGAIN).await;
            let now = match service.delete(name, options).await {
                Ok(answer) => answer.uninstalling.unwrap_or_default(),
                Err(error) if error.is_not_found() => Vec::new(),
                Err(error) => {
                    failed.note(error, |words| view.borrow().say(words))?;
                    continue;
                }
            };
            failed.forget();
            tell(&left, &now);
            left = now;
        }
        Ok(())
    };
    limited(followed, deadline, "gone", name, view, &failed).await
}

/// Lines that are new between two looks at what a removal has left. An entry is an object and, behind a colon, what it waits for, which
/// comes and changes while the object stays.
fn removal_progress(before: &[String], now: &[String]) -> Vec<String> {
    let object = |entry: &String| {
        let name = entry
            .split_once(": ")
            .map_or(entry.as_str(), |(name, _)| name);
        name.to_owned()
    };
    let there: Vec<String> = now.iter().map(object).collect();
    let gone = before
        .iter()
        .map(object)
        .filter(|name| !there.contains(name));
    let gone = gone.map(|name| format!("  {name}: gone"));
    let new = now.iter().filter(|entry| !before.contains(entry));
    let new = new.map(|entry| match entry.contains(": ") {
        true => format!("  {entry}"),
        false => format!("  {entry}: being removed"),
    });
    gone.chain(new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_gone_when_it_is_and_not_when_its_reason_changes() {
        let entries = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        let looks = [
            entries(&[]),
            entries(&["Application argocd/a", "Secret argocd/s"]),
            entries(&["Application argocd/a: no answer", "Secret argocd/s"]),
            entries(&["Application argocd/a: no answer"]),
            entries(&[]),
        ];
        let said: Vec<_> = looks
            .windows(2)
            .map(|pair| removal_progress(&pair[0], &pair[1]))
            .collect();
        assert_eq!(
            said,
            [
                entries(&[
                    "  Application argocd/a: being removed",
                    "  Secret argocd/s: being removed"
                ]),
                entries(&["  Application argocd/a: no answer"]),
                entries(&["  Secret argocd/s: gone"]),
                entries(&["  Application argocd/a: gone"]),
            ]
        );
    }

    #[test]
    fn an_end_is_understood_in_the_words_of_older_services_too() {
        let outcome = |word: &str| outcome_of(&EndReason::from(word.to_owned()), None);
        for word in ["failed", "degraded"] {
            assert!(
                matches!(outcome(word), Some(Outcome::Degraded(_))),
                "{word}"
            );
        }
        for word in ["removed", "deleted"] {
            assert!(matches!(outcome(word), Some(Outcome::Gone)), "{word}");
        }
        assert!(matches!(outcome("ready"), Some(Outcome::Ready(_))));
        for word in ["time_limit", "error", "news"] {
            assert!(outcome(word).is_none(), "{word}");
        }
    }
}

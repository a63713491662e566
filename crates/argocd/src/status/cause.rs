//! Causes that an Application waits for, in a person's words.
//!
//! Argo CD's own summary of an operation names what it met first. The newest cause is in the results of the operation
//! that runs, in the conditions and in the health of single objects, each with its time.

use serde_json::Value;

use super::application::{Application, items};

/// The newest cause that Argo CD names; `None` where it names none.
pub(super) fn newest(application: &Application<'_>) -> Option<String> {
    application
        .error_condition()
        .map(|condition| {
            text(condition, "/message")
                .unwrap_or("unknown error")
                .to_owned()
        })
        .or_else(|| refused(application))
        .or_else(|| waiting(application.text("/status/operationState/message")?))
        .or_else(|| unhealthy(application))
        .or_else(|| summary(application))
}

/// Text in place of a cause where Argo CD names none.
pub(super) fn of_state(sync: &str, health: &str, is_running: bool) -> &'static str {
    match (sync, health) {
        _ if is_running => "Argo CD is applying it",
        (_, "Progressing") => "Argo CD waits for its objects to become healthy",
        (_, "Suspended") => "one of its objects is suspended",
        (_, "Degraded") => {
            "one of its objects is not healthy; to see which, set controller.resource.health.persist in Argo CD (docs/deploy.md)"
        }
        ("OutOfSync", _) => "Argo CD has yet to apply it",
        (_, "Missing") => "its objects are not there yet",
        _ => "Argo CD has yet to look at it",
    }
}

/// The first object that the API server refused in the attempt that runs or ran last.
pub(super) fn refusal<'a>(application: &Application<'a>) -> Option<&'a Value> {
    let mut results = items(application.0, "/status/operationState/syncResult/resources");
    results.find(|result| text(result, "/status") == Some("SyncFailed"))
}

/// Tells whether an object is refused for its own content, and not for something that is not there yet or does not answer: the API
/// server's words for a value that its kind does not permit, for a field that its kind does not have, and for a denial by an admission
/// policy.
pub(super) fn is_wrong_in_itself(refusal: &Value) -> bool {
    let message = text(refusal, "/message").unwrap_or_default();
    let words = [
        " is invalid: ",
        "field not declared in schema",
        " denied request: ",
    ];
    words.iter().any(|word| message.contains(word))
}

fn refused(application: &Application<'_>) -> Option<String> {
    let result = refusal(application)?;
    let mut cause = name(result)?;
    if let Some(message) = text(result, "/message") {
        cause = format!("{cause} is refused: {message}");
    }
    match application.0.pointer("/status/operationState/retryCount") {
        Some(Value::Number(tries)) => Some(format!("{cause} (attempt {tries})")),
        _ => Some(cause),
    }
}

/// An operation that waits for one object before it goes on (`setRunningPhase` in gitops-engine's
/// `sync_context.go`): `waiting for healthy state of apps/Deployment/x and 2 more resources`.
fn waiting(message: &str) -> Option<String> {
    let rest = message.strip_prefix("waiting for ")?;
    let (object, end) = [
        ("healthy state of ", "to become healthy"),
        ("completion of hook ", "to finish"),
        ("deletion of ", "to go"),
    ]
    .into_iter()
    .find_map(|(start, end)| Some((rest.strip_prefix(start)?, end)))?;
    let (object, more) = object.split_once(' ').unwrap_or((object, ""));
    let mut parts = object.rsplitn(3, '/');
    let (name, kind) = (parts.next()?, parts.next()?);
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(" {more}")
    };
    Some(format!("waits for {kind} {name}{more} {end}"))
}

/// The object whose health changed last, of those that are worst. Argo CD 3 keeps these in the Application only where
/// `controller.resource.health.persist` is set.
fn unhealthy(application: &Application<'_>) -> Option<String> {
    let rank = |object: &Value| match text(object, "/health/status") {
        Some("Degraded") => 3,
        Some("Progressing") => 2,
        Some("Missing" | "Suspended" | "Unknown") => 1,
        _ => 0,
    };
    let object = items(application.0, "/status/resources")
        .filter(|object| rank(object) > 0)
        .max_by_key(|object| (rank(object), text(object, "/health/lastTransitionTime")))?;
    let (name, health) = (name(object)?, text(object, "/health/status")?);
    Some(match text(object, "/health/message") {
        Some(message) => format!("{name} is {health}: {message}"),
        None => format!("{name} is {health}"),
    })
}

fn summary(application: &Application<'_>) -> Option<String> {
    let health = application.text("/status/health/message");
    let message = health.or_else(|| application.text("/status/operationState/message"))?;
    let objects = message.strip_prefix("Caused by ");
    let causes = objects.zip(application.text("/status/health/status"));
    causes
        .and_then(|(objects, health)| causes_of(objects, health))
        // What a finished operation says of itself is no cause.
        .or_else(|| (!message.starts_with("successfully synced")).then(|| message.to_owned()))
}

/// The objects that gave an Application its health when it last changed: `apps/Deployment:vault/vault, /Service:web and 2 more`
/// (`formatHealthCauses` in Argo CD's `controller/health.go`, since 3.6).
fn causes_of(objects: &str, health: &str) -> Option<String> {
    let mut named = String::new();
    for object in objects.split(',') {
        let (kind, name) = object.split_once(':')?;
        let kind = kind.rsplit('/').next()?.trim();
        named = [&named, ", ", kind, " ", name].concat();
    }
    Some([named.get(2..)?, " made it ", health].concat())
}

/// `Deployment traefik/traefik`, or without a namespace.
fn name(object: &Value) -> Option<String> {
    let (kind, name) = (text(object, "/kind")?, text(object, "/name")?);
    Some(match text(object, "/namespace") {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    })
}

fn text<'a>(object: &'a Value, pointer: &str) -> Option<&'a str> {
    let text = object.pointer(pointer).and_then(Value::as_str);
    text.filter(|text| !text.trim().is_empty())
}

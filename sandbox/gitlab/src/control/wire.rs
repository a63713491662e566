//! A fault as JSON:
//! `{"method":"POST","path_contains":"/repository/commits","skip":0,"every":1,"count":1,"point":"request",
//! "action":{"answer":{"status":429,"headers":{"retry-after":"1"},"body":"Retry later"}}}`. Actions:
//! `answer`, `{"delay_ms":200}`, `"reset"`, `"truncate"`, `"hang"`. All but `action` have defaults;
//! count 0 is without end.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::{FaultAnswer, FaultPoint, GitLabFault, GitLabFaultAction};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireFault {
    method: Option<String>,
    #[serde(default)]
    path_contains: String,
    #[serde(default)]
    skip: u32,
    #[serde(default = "one")]
    every: u32,
    #[serde(default = "one")]
    count: u32,
    #[serde(default)]
    point: WirePoint,
    action: WireAction,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WirePoint {
    #[default]
    Request,
    AfterGuards,
    AfterHeadRead,
    Response,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireAction {
    Answer(WireAnswer),
    DelayMs(u64),
    Reset,
    Truncate,
    Hang,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireAnswer {
    status: u16,
    content_type: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
}

impl TryFrom<WireFault> for GitLabFault {
    type Error = String;

    fn try_from(wire: WireFault) -> Result<Self, String> {
        let method = wire
            .method
            .map(|name| name.to_ascii_uppercase().parse::<Method>())
            .transpose();
        Ok(Self {
            method: method.map_err(|error| error.to_string())?,
            path_contains: wire.path_contains,
            skip: wire.skip,
            every: wire.every,
            count: if wire.count == 0 {
                u32::MAX
            } else {
                wire.count
            },
            point: match wire.point {
                WirePoint::Request => FaultPoint::Request,
                WirePoint::AfterGuards => FaultPoint::AfterGuards,
                WirePoint::AfterHeadRead => FaultPoint::AfterHeadRead,
                WirePoint::Response => FaultPoint::Response,
            },
            action: match wire.action {
                WireAction::Answer(answer) => GitLabFaultAction::Answer(answer.try_into()?),
                WireAction::DelayMs(milliseconds) => {
                    GitLabFaultAction::Delay(Duration::from_millis(milliseconds))
                }
                WireAction::Reset => GitLabFaultAction::Reset,
                WireAction::Truncate => GitLabFaultAction::Truncate,
                WireAction::Hang => GitLabFaultAction::Hang,
            },
        })
    }
}

impl TryFrom<WireAnswer> for FaultAnswer {
    type Error = String;

    fn try_from(wire: WireAnswer) -> Result<Self, String> {
        let mut headers = HeaderMap::new();
        let content_type = wire
            .content_type
            .unwrap_or_else(|| "application/json".to_owned());
        let all = wire
            .headers
            .into_iter()
            .chain([(header::CONTENT_TYPE.to_string(), content_type)]);
        for (name, value) in all {
            let name =
                HeaderName::try_from(&name).map_err(|error| format!("header {name}: {error}"))?;
            let value =
                HeaderValue::try_from(value).map_err(|error| format!("header {name}: {error}"))?;
            headers.insert(name, value);
        }
        let status = StatusCode::from_u16(wire.status).map_err(|error| error.to_string())?;
        Ok(Self {
            status,
            headers,
            body: Bytes::from(wire.body),
        })
    }
}

/// A fault for a reader; the action in words.
pub(super) fn describe(fault: &GitLabFault, struck: u32) -> Value {
    let action = match &fault.action {
        GitLabFaultAction::Answer(answer) => format!("answer {}", answer.status.as_u16()),
        GitLabFaultAction::Delay(duration) => format!("delay {} ms", duration.as_millis()),
        GitLabFaultAction::Reset => "reset".to_owned(),
        GitLabFaultAction::Truncate => "truncate".to_owned(),
        GitLabFaultAction::Hang => "hang".to_owned(),
        GitLabFaultAction::Hook(_) => "hook".to_owned(),
    };
    let point = match fault.point {
        FaultPoint::Request => "request",
        FaultPoint::AfterGuards => "after_guards",
        FaultPoint::AfterHeadRead => "after_head_read",
        FaultPoint::Response => "response",
    };
    json!({
        "method": fault.method.as_ref().map(Method::as_str),
        "path_contains": fault.path_contains,
        "skip": fault.skip,
        "every": fault.every,
        "count": fault.count,
        "point": point,
        "action": action,
        "struck": struck,
    })
}

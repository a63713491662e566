//! Lines that the terminal shows of requests: a line for each, or the functions' own lines.

use std::io::Write as _;
use std::sync::Arc;

use sandbox_host::{LogLine, LogSink, LogSource, SpinManifest};
use serde::Deserialize;
use serde_json::json;

use crate::options::{LogForm, SandboxOptions};

/// Ends a request where it came in; without it, each function ends its own.
const GATEWAY: &str = "gateway";

/// Writes lines to standard error, each in one piece.
#[must_use]
pub fn sink(options: &SandboxOptions, manifest: &SpinManifest) -> LogSink {
    let (form, quiet) = (options.log, options.is_quiet());
    let has_gateway = manifest.component.contains_key(GATEWAY);
    Arc::new(move |line: LogLine| {
        let text = match (form, line.source) {
            (form, LogSource::Host) => Some(of_host(form, &line.component, &line.text)),
            _ if quiet => None,
            (LogForm::Json, _) => Some(line.text),
            (LogForm::Lines, _) => for_people(&line.text, has_gateway),
        };
        if let Some(text) = text {
            // Nobody reads a terminal that is gone.
            std::io::stderr()
                .write_all(format!("{text}\n").as_bytes())
                .ok();
        }
    })
}

/// Line of the host about a component.
fn of_host(form: LogForm, component: &str, text: &str) -> String {
    match form {
        LogForm::Json => {
            let line =
                json!({"level": "warn", "step": "host", "component": component, "error": text});
            line.to_string()
        }
        LogForm::Lines => format!("warning: {component}: {text}"),
    }
}

/// Line that is written when somebody ends the sandbox.
#[must_use]
pub fn stopping(form: LogForm) -> String {
    match form {
        LogForm::Json => json!({"level": "info", "step": "stopping"}).to_string(),
        LogForm::Lines => "stopping; Ctrl-C again ends it at once".to_owned(),
    }
}

/// Line that says why the sandbox does not start, or has ended.
#[must_use]
pub fn failed(form: LogForm, error: &anyhow::Error) -> String {
    match form {
        LogForm::Json => {
            json!({"level": "error", "step": "sandbox", "error": format!("{error:#}")}).to_string()
        }
        LogForm::Lines => format!("error: {error:#}"),
    }
}

/// The members of a function's line that people look for.
#[derive(Deserialize)]
struct RequestLine {
    timestamp: String,
    step: String,
    #[serde(default)]
    cluster: String,
    operation: Option<String>,
    method: Option<String>,
    status: Option<u16>,
    reason: Option<String>,
    duration_ms: u64,
}

/// The end of a request as one line: time, method, name, status, duration, reason. Steps on the way say nothing;
/// what is no line of ours is shown as it is.
fn for_people(text: &str, has_gateway: bool) -> Option<String> {
    let Ok(line) = serde_json::from_str::<RequestLine>(text) else {
        return Some(text.to_owned());
    };
    let is_end = match line.step.as_str() {
        GATEWAY | "watch" => true,
        "request" => !has_gateway,
        _ => false,
    };
    if !is_end {
        return None;
    }
    let time = line.timestamp.get(11..19).unwrap_or_default();
    let name = match line.cluster.as_str() {
        "" => line.operation.unwrap_or_default(),
        // A name comes from the path as anybody may send it: nothing in it moves the cursor, or begins a line that nobody wrote.
        name => name.chars().flat_map(shown).collect(),
    };
    let method = line.method.unwrap_or_else(|| line.step.to_uppercase());
    let status = line
        .status
        .map(|status| status.to_string())
        .unwrap_or_default();
    let reason = line.reason.unwrap_or_default();
    let shown = format!(
        "{time}  {method:<6}  {name:<40}  {status:>3}  {:>6} ms  {reason}",
        line.duration_ms
    );
    Some(shown.trim_end().to_owned())
}

/// A character as a terminal may show it.
fn shown(char: char) -> impl Iterator<Item = char> {
    let escaped = char.is_control().then(|| char.escape_default());
    let plain = escaped.is_none().then_some(char);
    escaped.into_iter().flatten().chain(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: &str = r#"{"timestamp":"2026-08-21T09:12:44.310Z","level":"info","step":"gateway","request_id":"9","operation":"SaveCluster","cluster":"worker","method":"POST","route":"/x","status":409,"reason":"CONCURRENT_CHANGE","duration_ms":402}"#;

    #[test]
    fn with_json_every_line_is_json() {
        for line in [
            of_host(LogForm::Json, "gateway", "it ended \"suddenly\"\nand again"),
            stopping(LogForm::Json),
            failed(LogForm::Json, &anyhow::anyhow!("taken\nalready")),
        ] {
            assert!(
                serde_json::from_str::<serde_json::Value>(&line).is_ok(),
                "{line}"
            );
            assert!(!line.contains('\n'), "{line}");
        }
        let warning = of_host(LogForm::Lines, "gateway", "trap");
        assert_eq!(warning, "warning: gateway: trap");
        let error = failed(LogForm::Lines, &anyhow::anyhow!("taken"));
        assert_eq!(error, "error: taken");
    }

    #[test]
    fn a_request_is_one_line_and_its_steps_are_none() {
        let line = for_people(END, true).unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let expected = [
            "09:12:44",
            "POST",
            "worker",
            "409",
            "402",
            "ms",
            "CONCURRENT_CHANGE",
        ];
        assert_eq!(words, expected);
        for (step, has_gateway) in [("gitlab.commit", true), ("request", true)] {
            assert_eq!(for_people(&END.replace("gateway", step), has_gateway), None);
        }
        assert!(for_people(&END.replace("gateway", "request"), false).is_some());
        let list = END.replace("\"cluster\":\"worker\",", "");
        assert!(for_people(&list, true).unwrap().contains("SaveCluster"));
    }

    #[test]
    fn a_name_neither_begins_a_line_nor_moves_the_cursor() {
        let line = END.replace("worker", r"a\u001b[31mRED\nforged\u0000ä");
        let shown = for_people(&line, true).unwrap();
        assert!(shown.contains(r"a\u{1b}[31mRED\nforged\u{0}ä"), "{shown}");
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
    }

    #[test]
    fn other_lines_are_shown_as_they_are() {
        assert_eq!(for_people("hello", true).as_deref(), Some("hello"));
    }
}

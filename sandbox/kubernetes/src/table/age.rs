//! Durations in kubectl's short form.

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Time since `timestamp` (RFC 3339), such as `5m` or `3d4h`.
pub fn age(timestamp: &str) -> String {
    match OffsetDateTime::parse(timestamp, &Rfc3339) {
        Ok(then) => short((OffsetDateTime::now_utc() - then).whole_seconds()),
        Err(_) => "<unknown>".into(),
    }
}

/// Time between two timestamps of an object; until now where `to` is missing.
pub fn age_between(from: Option<&Value>, to: Option<&Value>) -> Option<String> {
    let parse = |value: Option<&Value>| OffsetDateTime::parse(value?.as_str()?, &Rfc3339).ok();
    let end = parse(to).unwrap_or_else(OffsetDateTime::now_utc);
    Some(short((end - parse(from)?).whole_seconds()))
}

/// Two units at most, and the second only while it matters.
fn short(seconds: i64) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    const YEAR: i64 = 365 * DAY;
    let seconds = seconds.max(0);
    let (minutes, hours, days, years) = (
        seconds / MINUTE,
        seconds / HOUR,
        seconds / DAY,
        seconds / YEAR,
    );
    match seconds {
        _ if seconds < 2 * MINUTE => format!("{seconds}s"),
        _ if minutes < 10 => two(minutes, "m", seconds % MINUTE, "s"),
        _ if minutes < 180 => format!("{minutes}m"),
        _ if hours < 8 => two(hours, "h", minutes % 60, "m"),
        _ if hours < 48 => format!("{hours}h"),
        _ if days < 8 => two(days, "d", hours % 24, "h"),
        _ if days < 2 * 365 => format!("{days}d"),
        _ if years < 8 => two(years, "y", days % 365, "d"),
        _ => format!("{years}y"),
    }
}

fn two(first: i64, first_unit: &str, second: i64, second_unit: &str) -> String {
    if second == 0 {
        format!("{first}{first_unit}")
    } else {
        format!("{first}{first_unit}{second}{second_unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms() {
        let forms: Vec<String> = [5, 119, 121, 3600, 5 * 3600 + 60, 50 * 3600, 9 * 86400]
            .map(short)
            .to_vec();
        assert_eq!(forms, ["5s", "119s", "2m1s", "60m", "5h1m", "2d2h", "9d"]);
    }
}

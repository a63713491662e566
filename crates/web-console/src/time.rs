//! Times as people say them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// Seconds of a day.
pub(crate) const DAY: u64 = 24 * HOUR;

/// Seconds since 1970 of a time in RFC 3339.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let time = humantime::parse_rfc3339_weak(text).ok()?;
    time.duration_since(UNIX_EPOCH)
        .ok()
        .map(|since| since.as_secs())
}

/// A time in RFC 3339.
pub(crate) fn format(seconds: u64) -> String {
    let time: SystemTime = UNIX_EPOCH + Duration::from_secs(seconds);
    humantime::format_rfc3339_seconds(time).to_string()
}

/// Such as `3 min ago` or `in 12 days`.
pub(crate) fn relative(then: u64, now: u64) -> String {
    let distance = now.abs_diff(then);
    let (number, unit) = match distance {
        ..MINUTE => return "just now".to_owned(),
        MINUTE..HOUR => (distance / MINUTE, "min"),
        HOUR..DAY => (distance / HOUR, "h"),
        _ if distance < 2 * DAY => (1, "day"),
        _ => (distance / DAY, "days"),
    };
    if then > now {
        format!("in {number} {unit}")
    } else {
        format!("{number} {unit} ago")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_largest_unit() {
        for (then, expected) in [
            (1_000_000, "just now"),
            (999_820, "3 min ago"),
            (1_000_000 - 5 * HOUR, "5 h ago"),
            (1_000_000 + DAY, "in 1 day"),
            (1_000_000 + 12 * DAY + 5, "in 12 days"),
        ] {
            assert_eq!(relative(then, 1_000_000), expected);
        }
        assert_eq!(parse("1970-01-02T00:00:00Z"), Some(DAY));
        assert_eq!(format(DAY), "1970-01-02T00:00:00Z");
        assert_eq!(parse("soon"), None);
    }
}

//! When something ends, as people say it.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A week before its end something is to be renewed.
const SOON: Duration = Duration::from_secs(7 * 24 * 3600);

/// The end of credentials, seen from now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Expiry {
    /// Over.
    Expired,
    /// Within a week.
    Soon(Duration),
    /// Later.
    Later(Duration),
}

/// Reads an end in RFC 3339.
pub(crate) fn read(expires_at: &str, now: OffsetDateTime) -> Option<Expiry> {
    let end = OffsetDateTime::parse(expires_at, &Rfc3339).ok()?;
    Some(match Duration::try_from(end - now) {
        Err(_) | Ok(Duration::ZERO) => Expiry::Expired,
        Ok(left) if left < SOON => Expiry::Soon(left),
        Ok(left) => Expiry::Later(left),
    })
}

/// The time since something in RFC 3339, in its largest unit.
pub(crate) fn age(at: &str, now: OffsetDateTime) -> Option<String> {
    let at = OffsetDateTime::parse(at, &Rfc3339).ok()?;
    // Two clocks differ by moments.
    let age = Duration::try_from(now - at).unwrap_or_default();
    Some(short(age))
}

impl std::fmt::Display for Expiry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Expired => formatter.pad("expired"),
            Self::Soon(left) | Self::Later(left) => formatter.pad(&short(*left)),
        }
    }
}

/// A duration in its largest unit, or its two largest where the first is small: as kubectl has it.
pub(crate) fn short(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7200 => format!("{minutes}m"),
        7200..172_800 => format!("{hours}h"),
        _ => format!("{days}d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_until_now() {
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        for (at, age) in [
            ("2027-01-15T07:58:00Z", Some("2m")),
            ("2027-01-15T09:00:01+01:00", Some("0s")),
            ("2026-12-15T08:00:00Z", Some("31d")),
            ("yesterday", None),
        ] {
            assert_eq!(super::age(at, now).as_deref(), age, "{at}");
        }
    }

    #[test]
    fn ends_are_told_from_now() {
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let told = |seconds: i64| {
            let end = (now + time::Duration::seconds(seconds))
                .format(&Rfc3339)
                .unwrap();
            read(&end, now).unwrap().to_string()
        };
        assert_eq!(told(-1), "expired");
        assert_eq!(told(0), "expired");
        assert_eq!(told(90), "90s");
        assert_eq!(told(3600), "60m");
        assert_eq!(told(86_400), "24h");
        assert_eq!(told(364 * 86_400), "364d");
        assert_eq!(read("soon", now), None);
    }
}

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// A commit's time as GitLab writes it: `2026-09-12T10:00:00.000+02:00`.
pub(crate) fn of_commit(time: git2::Time) -> String {
    let offset =
        UtcOffset::from_whole_seconds(time.offset_minutes() * 60).unwrap_or(UtcOffset::UTC);
    let instant =
        OffsetDateTime::from_unix_timestamp(time.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let format = format_description!(
        "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3][offset_hour sign:mandatory]:[offset_minute]"
    );
    instant.to_offset(offset).format(format).unwrap_or_default()
}

/// A database time as GitLab writes it: `2026-09-12T10:00:00.000Z`.
pub(crate) fn of_record(instant: OffsetDateTime) -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    instant
        .to_offset(UtcOffset::UTC)
        .format(format)
        .unwrap_or_default()
}

/// A date, `2026-09-12`, the given days from an instant.
pub(crate) fn day(instant: OffsetDateTime, days: i64) -> String {
    let format = format_description!("[year]-[month]-[day]");
    instant
        .saturating_add(time::Duration::days(days))
        .format(format)
        .unwrap_or_default()
}

/// Seconds since 1970 of an RFC 3339 time or of a date's beginning.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let parsed = OffsetDateTime::parse(text, &Rfc3339);
    let day = || OffsetDateTime::parse(&format!("{text}T00:00:00Z"), &Rfc3339);
    parsed
        .or_else(|_| day())
        .ok()
        .map(OffsetDateTime::unix_timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_times() {
        assert_eq!(
            of_commit(git2::Time::new(0, 90)),
            "1970-01-01T01:30:00.000+01:30"
        );
        assert_eq!(
            of_record(OffsetDateTime::UNIX_EPOCH),
            "1970-01-01T00:00:00.000Z"
        );
        assert_eq!(day(OffsetDateTime::UNIX_EPOCH, -1), "1969-12-31");
        assert_eq!(parse("1970-01-01T01:00:00+01:00"), Some(0));
        assert_eq!(parse("1970-01-02"), Some(86_400));
        assert_eq!(parse("soon"), None);
    }
}

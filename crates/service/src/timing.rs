//! Where the time of a request went: `Server-Timing`, <https://www.w3.org/TR/server-timing/>.

use std::fmt::Write as _;
use std::time::Duration;

/// Steps that were taken, each with its begin and end since the request came in.
#[derive(Debug, Default)]
pub struct Timings(Vec<(&'static str, Duration, Duration)>);

impl Timings {
    /// Adds a step. `name` is a token of HTTP.
    pub fn add(&mut self, name: &'static str, begin: Duration, end: Duration) {
        self.0.push((name, begin, end));
    }

    /// How often a step was taken.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        self.0.iter().filter(|(step, ..)| *step == name).count()
    }

    /// `gitlab.open;dur=12.500, gitlab.read;dur=30.021`, in the order in which the steps began. What several
    /// steps of one name did at the same time counts once.
    #[must_use]
    pub fn header(&self) -> String {
        let mut steps = self.0.clone();
        steps.sort_by_key(|(_, begin, _)| *begin);
        let mut names: Vec<&str> = Vec::new();
        for (name, ..) in &steps {
            if !names.contains(name) {
                names.push(name);
            }
        }
        let mut header = String::new();
        for name in names {
            let mine = steps.iter().filter(|(step, ..)| *step == name);
            append(
                &mut header,
                name,
                busy(mine.map(|(_, begin, end)| (*begin, *end))),
            );
        }
        header
    }
}

/// The time that intervals, sorted by their begin, cover together.
fn busy(intervals: impl Iterator<Item = (Duration, Duration)>) -> Duration {
    let (mut total, mut covered) = (Duration::ZERO, Duration::ZERO);
    for (begin, end) in intervals {
        total += end.saturating_sub(begin.max(covered));
        covered = covered.max(end);
    }
    total
}

/// Adds a metric to a header's value.
pub fn append(header: &mut String, name: &str, duration: Duration) {
    let comma = if header.is_empty() { "" } else { ", " };
    // Formatting floating point would make every component larger.
    let (whole, rest) = (duration.as_millis(), duration.subsec_micros() % 1000);
    // Writing to a string does not fail.
    let _ = write!(header, "{comma}{name};dur={whole}.{rest:03}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn steps_come_in_the_order_in_which_they_began() {
        let mut timings = Timings::default();
        // Recorded when they end.
        timings.add("b", ms(3), ms(4));
        timings.add("a", ms(1), ms(6));
        timings.add("b", ms(10), ms(12));
        assert_eq!(timings.header(), "a;dur=5.000, b;dur=3.000");
        assert_eq!(timings.count("b"), 2);
    }

    #[test]
    fn time_that_overlaps_counts_once() {
        let mut timings = Timings::default();
        for (begin, end) in [(0, 10), (2, 5), (8, 12), (20, 21)] {
            timings.add("a", ms(begin), ms(end));
        }
        assert_eq!(timings.header(), "a;dur=13.000");
    }

    #[test]
    fn durations_are_milliseconds_with_three_digits_behind_the_point() {
        let of = |nanoseconds| {
            let mut header = String::new();
            append(&mut header, "a", Duration::from_nanos(nanoseconds));
            header
        };
        assert_eq!(of(1_234_567), "a;dur=1.234");
        assert_eq!(of(61_000_005_999), "a;dur=61000.005");
        assert_eq!(of(0), "a;dur=0.000");
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(Timings::default().header(), "");
    }
}

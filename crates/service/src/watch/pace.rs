//! How often to look.

use std::time::Duration;

/// After a change, since one is often followed by another.
const SHORTEST: Duration = Duration::from_secs(1);
/// Also the longest silence of a healthy stream: proxies give up after a minute or so without a byte.
const LONGEST: Duration = Duration::from_secs(5);

/// Pauses that grow as long as nothing changes.
#[derive(Debug)]
pub(super) struct Pace(Duration);

impl Default for Pace {
    fn default() -> Self {
        Self(SHORTEST)
    }
}

impl Pace {
    /// The pause until the next look; the one after it is half as long again.
    pub(super) fn pause(&mut self) -> Duration {
        let next = (self.0 * 3 / 2).min(LONGEST);
        std::mem::replace(&mut self.0, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        let mut pace = Pace::default();
        let pauses: Vec<u128> = (0..6).map(|_| pace.pause().as_millis()).collect();
        assert_eq!(pauses, [1_000, 1_500, 2_250, 3_375, 5_000, 5_000]);
    }
}

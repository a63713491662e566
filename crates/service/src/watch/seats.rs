//! How many watches there may be at once.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::known_callers::key;
use crate::problem::{self, Problem};

/// Watches of one instance: each keeps a stream from Kubernetes and its Applications, about half a MiB.
pub const MOST: usize = 32;
/// Watches with one token: an eighth, so that nobody takes the places of all others.
pub const MOST_OF_CALLER: usize = 4;

/// The watches that are running in one instance of a component.
#[derive(Debug, Default)]
pub struct Seats(Mutex<Vec<u64>>);

/// The place of one watch, until it is dropped.
#[derive(Debug)]
pub struct Seat {
    seats: &'static Seats,
    caller: u64,
}

impl Seats {
    /// None is taken.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Takes a place for a caller.
    ///
    /// # Errors
    /// `TOO_MANY_REQUESTS`: all are taken, or all of this caller's.
    pub fn take(&'static self, token: &str) -> Result<Seat, Problem> {
        let caller = key(token);
        let mut taken = self.taken();
        vacancy(&taken, caller)?;
        taken.push(caller);
        Ok(Seat {
            seats: self,
            caller,
        })
    }

    /// Tells whether there is a place, and takes none.
    ///
    /// # Errors
    /// As for [`Self::take`].
    pub fn look(&self, token: &str) -> Result<(), Problem> {
        vacancy(&self.taken(), key(token))
    }

    fn taken(&self) -> MutexGuard<'_, Vec<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        if let Some(own) = taken.iter().position(|caller| *caller == self.caller) {
            taken.swap_remove(own);
        }
    }
}

fn vacancy(taken: &[u64], caller: u64) -> Result<(), Problem> {
    let own = taken.iter().filter(|it| **it == caller).count();
    if own >= MOST_OF_CALLER {
        return Err(problem::too_many_watches(&format!(
            "{own} watches with this token are running, and no more may"
        )));
    }
    if taken.len() >= MOST {
        let all = taken.len();
        return Err(problem::too_many_watches(&format!(
            "{all} watches are running here, and no more may"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use api::Reason;

    use super::*;

    fn seats() -> &'static Seats {
        Box::leak(Box::default())
    }

    #[test]
    fn a_caller_has_four() {
        let seats = seats();
        let mut taken: Vec<Seat> = (0..4).map(|_| seats.take("a").unwrap()).collect();
        let problem = seats.take("a").unwrap_err();
        assert_eq!(
            (problem.status, &problem.reason),
            (429, &Reason::TooManyRequests)
        );
        assert_eq!(problem.headers, [("retry-after", "5".to_owned())]);
        assert!(problem.detail.starts_with("4 watches with this token"));
        assert!(seats.look("a").is_err());
        // Others have theirs, and one that ends makes room for another.
        let _other = seats.take("b").unwrap();
        taken.pop();
        seats.look("a").unwrap();
        let _again = seats.take("a").unwrap();
        assert!(seats.take("a").is_err());
    }

    #[test]
    fn an_instance_has_thirty_two() {
        let seats = seats();
        let mut taken = Vec::new();
        for caller in 0..8 {
            let token = format!("token-{caller}");
            taken.extend((0..4).map(|_| seats.take(&token).unwrap()));
        }
        assert_eq!(taken.len(), 32);
        let problem = seats.take("another").unwrap_err();
        assert!(problem.detail.starts_with("32 watches are running here"));
        taken.pop();
        let last = seats.take("another").unwrap();
        assert!(seats.take("yet another").is_err());
        drop((taken, last));
        assert!(seats.taken().is_empty());
    }

    #[test]
    fn no_token_is_kept() {
        let seats = seats();
        let seat = seats.take("canary-token").unwrap();
        assert!(!format!("{seats:?}{seat:?}").contains("canary"));
    }
}

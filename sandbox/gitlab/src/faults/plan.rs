use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::{Method, Uri};

use super::{FaultPoint, GitLabFault, GitLabFaultAction};

/// The faults of a server, tried in the order they were added.
#[derive(Default)]
pub struct FaultPlan {
    planned: Mutex<Vec<PlannedFault>>,
}

struct PlannedFault {
    fault: GitLabFault,
    matched: u32,
    struck: u32,
}

impl FaultPlan {
    /// Adds a fault.
    pub fn add(&self, fault: GitLabFault) {
        self.lock().push(PlannedFault {
            fault,
            matched: 0,
            struck: 0,
        });
    }

    /// Removes all faults.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The faults and the number of requests each has struck.
    #[must_use]
    pub fn list(&self) -> Vec<(GitLabFault, u32)> {
        self.lock()
            .iter()
            .map(|planned| (planned.fault.clone(), planned.struck))
            .collect()
    }

    /// Action for this request at this point. Every fault counts the request, the first that
    /// strikes decides.
    pub(crate) fn strike(
        &self,
        point: FaultPoint,
        method: &Method,
        uri: &Uri,
    ) -> Option<GitLabFaultAction> {
        let mut action = None;
        for planned in self
            .lock()
            .iter_mut()
            .filter(|planned| planned.matches(point, method, uri))
        {
            if planned.is_due() && action.is_none() {
                planned.struck += 1;
                action = Some(planned.fault.action.clone());
            }
        }
        action
    }

    fn lock(&self) -> MutexGuard<'_, Vec<PlannedFault>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PlannedFault {
    fn matches(&self, point: FaultPoint, method: &Method, uri: &Uri) -> bool {
        let target = uri
            .path_and_query()
            .map_or(uri.path(), axum::http::uri::PathAndQuery::as_str);
        self.fault.point == point
            && self
                .fault
                .method
                .as_ref()
                .is_none_or(|wanted| wanted == method)
            && target.contains(&self.fault.path_contains)
    }

    /// Counts a matching request.
    fn is_due(&mut self) -> bool {
        let earlier = self.matched;
        self.matched = earlier.saturating_add(1);
        let Some(position) = earlier.checked_sub(self.fault.skip) else {
            return false;
        };
        self.struck < self.fault.count && position % self.fault.every.max(1) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(fault: GitLabFault, requests: u32) -> Vec<u32> {
        let faults = FaultPlan::default();
        faults.add(fault);
        let uri = Uri::from_static("/api/v4/projects/1?x=y");
        (0..requests)
            .filter(|_| {
                faults
                    .strike(FaultPoint::Request, &Method::GET, &uri)
                    .is_some()
            })
            .collect()
    }

    #[test]
    fn strikes_after_the_skipped_as_often_as_said() {
        let fault = GitLabFault::new(FaultPoint::Request, GitLabFaultAction::Reset);
        assert_eq!(struck(fault.clone(), 4), [0]);
        assert_eq!(struck(fault.clone().after(2).times(2), 6), [2, 3]);
        assert_eq!(struck(fault.clone().every(3).times(u32::MAX), 8), [0, 3, 6]);
        assert_eq!(
            struck(fault.clone().on(Method::GET, "?x=").times(9), 2),
            [0, 1]
        );
        assert_eq!(
            struck(fault.clone().on(Method::POST, ""), 2),
            Vec::<u32>::new()
        );
        assert_eq!(
            struck(
                GitLabFault {
                    point: FaultPoint::Response,
                    ..fault
                },
                2
            ),
            Vec::<u32>::new()
        );
    }

    #[test]
    fn the_first_fault_that_is_due_decides() {
        let faults = FaultPlan::default();
        faults.add(GitLabFault::new(FaultPoint::Request, GitLabFaultAction::Reset).after(1));
        faults.add(GitLabFault::new(FaultPoint::Request, GitLabFaultAction::Hang).times(2));
        let uri = Uri::from_static("/");
        let actions: Vec<_> = (0..4)
            .map(|_| {
                format!(
                    "{:?}",
                    faults.strike(FaultPoint::Request, &Method::GET, &uri)
                )
            })
            .collect();
        assert_eq!(actions, ["Some(Hang)", "Some(Reset)", "Some(Hang)", "None"]);
    }
}

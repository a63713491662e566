use axum::http::{Method, Uri};

use crate::api::GitLabProblem;
use crate::faults::{FaultPoint, GitLabFaultAction};
use crate::state::GitLabState;

/// The points within a commit at which a fault may strike.
pub(super) struct FaultWindow<'a> {
    pub(super) app: &'a GitLabState,
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
}

impl FaultWindow<'_> {
    /// Does what is planned for the point. Runs on a thread that may block.
    pub(super) fn reach(&self, point: FaultPoint) -> Result<(), GitLabProblem> {
        match self.app.faults.strike(point, self.method, self.uri) {
            None => Ok(()),
            Some(GitLabFaultAction::Delay(duration)) => {
                std::thread::sleep(duration);
                Ok(())
            }
            Some(GitLabFaultAction::Hook(hook)) => {
                hook();
                Ok(())
            }
            Some(GitLabFaultAction::Answer(answer)) => Err(GitLabProblem::response(answer.into())),
            Some(
                GitLabFaultAction::Reset | GitLabFaultAction::Truncate | GitLabFaultAction::Hang,
            ) => Err(GitLabProblem::disconnect()),
        }
    }
}

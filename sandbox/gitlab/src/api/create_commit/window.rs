use axum::http::{Method, Uri};

use crate::api::ApiError;
use crate::faults::{FaultAction, FaultPoint};
use crate::state::App;

/// The points within a commit at which a fault may strike.
pub(super) struct Window<'a> {
    pub(super) app: &'a App,
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
}

impl Window<'_> {
    /// Does what is planned for the point. Runs on a thread that may block.
    pub(super) fn reach(&self, point: FaultPoint) -> Result<(), ApiError> {
        match self.app.faults.strike(point, self.method, self.uri) {
            None => Ok(()),
            Some(FaultAction::Delay(duration)) => {
                std::thread::sleep(duration);
                Ok(())
            }
            Some(FaultAction::Hook(hook)) => {
                hook();
                Ok(())
            }
            Some(FaultAction::Answer(answer)) => Err(ApiError::response(answer.into())),
            Some(FaultAction::Reset | FaultAction::Truncate | FaultAction::Hang) => {
                Err(ApiError::disconnect())
            }
        }
    }
}

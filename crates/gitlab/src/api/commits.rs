//! Writing the repository.

use http::{Method, Request};

use super::ProjectApi;
use crate::commit::NewCommit;

impl ProjectApi {
    /// One commit with all its actions, or none of them. Not idempotent: see [`crate::retry`].
    #[must_use]
    pub fn create_commit(&self, commit: &NewCommit) -> Request<Vec<u8>> {
        self.send_json(
            Method::POST,
            &self.below_project("/repository/commits"),
            &commit.to_json(),
        )
    }
}

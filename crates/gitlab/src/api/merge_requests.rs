//! Merge requests: delivery to a branch that the caller may not push to.

use http::{Method, Request};
use serde_json::json;

use super::ProjectApi;
use crate::model::NewMergeRequest;

impl ProjectApi {
    /// Opens a merge request. A second one for the same branches is refused with
    /// [`crate::RaceKind::MergeRequestExists`].
    #[must_use]
    pub fn create_merge_request(&self, new: &NewMergeRequest) -> Request<Vec<u8>> {
        let body = json!({
            "source_branch": new.source_branch,
            "target_branch": new.target_branch,
            "title": new.title,
            "description": new.description,
            "remove_source_branch": true,
        });
        self.send_json(Method::POST, &self.below_project("/merge_requests"), &body)
    }

    /// The merge requests from one branch to another, newest first, in one state (`opened`) or `all`. A fork's
    /// branch of the same name counts, too: see [`crate::MergeRequest::source_project_id`].
    #[must_use]
    pub fn merge_requests(&self, state: &str, source: &str, target: &str) -> Request<Vec<u8>> {
        self.get(
            &self.below_project("/merge_requests"),
            &[
                ("state", state),
                ("source_branch", source),
                ("target_branch", target),
                ("order_by", "created_at"),
                ("sort", "desc"),
            ],
        )
    }

    /// The merge requests to one branch that changed last, newest first: a hundred at most.
    #[must_use]
    pub fn recent_merge_requests(&self, target: &str) -> Request<Vec<u8>> {
        self.get(
            &self.below_project("/merge_requests"),
            &[
                ("state", "all"),
                ("target_branch", target),
                ("order_by", "updated_at"),
                ("sort", "desc"),
                ("per_page", "100"),
            ],
        )
    }

    /// Changes the words of a merge request.
    #[must_use]
    pub fn update_merge_request(
        &self,
        iid: u64,
        title: &str,
        description: &str,
    ) -> Request<Vec<u8>> {
        self.send_json(
            Method::PUT,
            &self.below_project(&format!("/merge_requests/{iid}")),
            &json!({ "title": title, "description": description }),
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::token::GitLabToken;

    fn api() -> ProjectApi {
        ProjectApi::new("https://g.example", "7", GitLabToken::new("t").unwrap()).unwrap()
    }

    #[test]
    fn create() {
        let request = api().create_merge_request(&NewMergeRequest {
            source_branch: "nautes/register-a".to_owned(),
            target_branch: "main".to_owned(),
            title: "Register cluster a".to_owned(),
            description: "Why".to_owned(),
        });
        assert_eq!(request.method(), Method::POST);
        assert_eq!(
            *request.uri(),
            "https://g.example/api/v4/projects/7/merge_requests"
        );
        assert_eq!(request.headers()["content-type"], "application/json");
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(
            body,
            json!({
                "source_branch": "nautes/register-a", "target_branch": "main",
                "title": "Register cluster a", "description": "Why", "remove_source_branch": true,
            })
        );
    }

    #[test]
    fn find_and_update() {
        assert_eq!(
            *api()
                .merge_requests("opened", "nautes/register-a", "main")
                .uri(),
            "https://g.example/api/v4/projects/7/merge_requests?state=opened&source_branch=nautes%2Fregister-a&target_branch=main&order_by=created_at&sort=desc"
        );
        assert_eq!(
            *api().recent_merge_requests("main").uri(),
            "https://g.example/api/v4/projects/7/merge_requests?state=all&target_branch=main&order_by=updated_at&sort=desc&per_page=100"
        );
        let request = api().update_merge_request(5, "t", "d");
        assert_eq!(request.method(), Method::PUT);
        assert_eq!(
            *request.uri(),
            "https://g.example/api/v4/projects/7/merge_requests/5"
        );
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(body, json!({"title": "t", "description": "d"}));
    }
}

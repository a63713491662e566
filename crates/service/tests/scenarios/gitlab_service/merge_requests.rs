//! Merge requests.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use service::runtime::Response;

use super::{GitLab, Query, answer};

#[derive(Clone, Debug)]
pub struct MergeRequest {
    pub title: String,
    pub description: String,
    pub source: String,
    pub target: String,
    pub state: &'static str,
    /// The project that the source branch is in: 42, or a fork's.
    pub project: u64,
}

impl GitLab {
    fn merge_request(&self, index: usize) -> Value {
        let it = &self.merge_requests[index];
        let iid = index + 1;
        json!({"iid": iid, "title": it.title, "description": it.description, "state": it.state,
            "source_branch": it.source, "target_branch": it.target, "source_project_id": it.project,
            "web_url": format!("https://gitlab.example.com/group/tenant/-/merge_requests/{iid}")})
    }

    pub(super) fn list_merge_requests(&self, query: &Query) -> Response {
        let found = (0..self.merge_requests.len()).rev().filter(|index| {
            let it = &self.merge_requests[*index];
            (query["state"] == "all" || query["state"] == it.state)
                && query["source_branch"] == it.source
                && query["target_branch"] == it.target
        });
        answer(200, &found.map(|index| self.merge_request(index)).collect())
    }

    /// Opens one, or with a number changes its words.
    pub(super) fn write_merge_request(&mut self, number: &str, body: &Value) -> Response {
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        if let Some(number) = number.strip_prefix('/') {
            let index = number.parse::<usize>().unwrap() - 1;
            let it = &mut self.merge_requests[index];
            (it.title, it.description) = (text("title"), text("description"));
            return answer(200, &self.merge_request(index));
        }
        let new = MergeRequest {
            title: text("title"),
            description: text("description"),
            source: text("source_branch"),
            target: text("target_branch"),
            state: "opened",
            project: 42,
        };
        assert_eq!(body["remove_source_branch"], true);
        if !self.branches.contains_key(&new.source) {
            return answer(
                400,
                &json!({"message": {"source_branch": ["does not exist"]}}),
            );
        }
        let twin = |it: &MergeRequest| {
            (it.state, it.project) == ("opened", 42)
                && (&it.source, &it.target) == (&new.source, &new.target)
        };
        if let Some(index) = self.merge_requests.iter().position(twin) {
            let text = format!(
                "Another open merge request already exists for this source branch: !{}",
                index + 1
            );
            return answer(409, &json!({ "message": [text] }));
        }
        self.merge_requests.push(new);
        answer(201, &self.merge_request(self.merge_requests.len() - 1))
    }

    /// Merges as GitLab does with "squash", and removes the source branch.
    pub fn merge(&mut self, iid: usize) {
        let source = self.merge_requests[iid - 1].source.clone();
        let lineage = self.branches.remove(&source).unwrap();
        let known: BTreeSet<&String> = self.commits.iter().map(|commit| &commit.id).collect();
        let base = lineage.iter().rev().find(|it| known.contains(&it.id));
        let base = base.unwrap().files.clone();
        let tip = &lineage.last().unwrap().files;
        let mut files = self.commits.last().unwrap().files.clone();
        let paths: BTreeSet<&String> = base.keys().chain(tip.keys()).collect();
        for path in paths {
            if base.get(path) == tip.get(path) {
                continue;
            }
            assert_eq!(base.get(path), files.get(path), "a conflict in {path}");
            match tip.get(path) {
                Some(content) => drop(files.insert(path.clone(), content.clone())),
                None => drop(files.remove(path)),
            }
        }
        self.push("Merge branch\n", files);
        self.merge_requests[iid - 1].state = "merged";
    }
}

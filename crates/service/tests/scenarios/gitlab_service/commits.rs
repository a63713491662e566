//! `POST …/repository/commits`.

use serde_json::Value;
use service::runtime::Response;

use super::reads::{entity, last_change};
use super::{Commit, Files, GitLab, answer, message};

impl GitLab {
    pub(super) fn commit(&mut self, body: &Value) -> Response {
        let branch = body["branch"].as_str().unwrap();
        if !self.can_push(branch) {
            return message(
                403,
                "403 Forbidden - You are not allowed to push into this branch",
            );
        }
        if let Some(foreign) = self.before.pop_front() {
            self.foreign_on(branch, &foreign);
        }
        let begins = body["start_sha"].as_str();
        let exists = self.lineage(branch).is_some();
        if begins.is_some() && exists && body["force"] != true {
            let text = format!(
                "A branch called '{branch}' already exists. Switch to that branch in order to make changes"
            );
            return message(400, &text);
        }
        if begins.is_none() && !exists && !self.commits.is_empty() {
            return message(
                400,
                "You can only create or edit files when you are on a branch",
            );
        }
        let actions = body["actions"].as_array().unwrap();
        if !self.has_compared
            && let Some(refusal) = self.compared(begins.map_or(branch, |_| self.default()), actions)
        {
            return refusal;
        }
        if let Some(foreign) = self.window.pop_front() {
            self.foreign_on(branch, &foreign);
        }
        let base: Vec<Commit> = match begins {
            Some(id) => {
                let (lineage, index) = self.at(id).unwrap();
                lineage[..=index].to_vec()
            }
            None => self.lineage(branch).cloned().unwrap_or_default(),
        };
        let files = base.last().map(|commit| commit.files.clone());
        let files = match apply(files.unwrap_or_default(), actions) {
            Ok(files) => files,
            Err(text) => return message(400, text),
        };
        if begins.is_some() {
            self.branches.insert(branch.to_owned(), base);
        }
        self.push_to(branch, body["commit_message"].as_str().unwrap(), files);
        let lineage = self.lineage(branch).unwrap();
        answer(201, &entity(lineage, lineage.len() - 1))
    }

    /// GitLab's refusal where a file has changed on a branch since the commit that its action names.
    pub fn compared(&self, branch: &str, actions: &[Value]) -> Option<Response> {
        let path = self.changed(branch, actions)?;
        let text = format!("The file has changed since you started editing it: {path}");
        Some(message(400, &text))
    }

    /// The first file that changed on a branch since the commit that the action names.
    fn changed(&self, branch: &str, actions: &[Value]) -> Option<String> {
        let lineage = self.lineage(branch)?;
        let now = lineage.len() - 1;
        let changed = actions.iter().find(|action| {
            let path = action["file_path"].as_str().unwrap();
            let read = action["last_commit_id"].as_str();
            let read = read.and_then(|id| self.at(id));
            let then = read.and_then(|(lineage, index)| last_change(lineage, path, index));
            then.is_some() && then != last_change(lineage, path, now)
        });
        Some(changed?["file_path"].as_str().unwrap().to_owned())
    }
}

fn apply(mut files: Files, actions: &[Value]) -> Result<Files, &'static str> {
    for action in actions {
        let path = action["file_path"].as_str().unwrap().to_owned();
        let folders = path.match_indices('/').map(|(end, _)| &path[..end]);
        if action["action"] == "create" && folders.into_iter().any(|it| files.contains_key(it)) {
            return Err("A file with this name already exists");
        }
        match (
            action["action"].as_str().unwrap(),
            files.contains_key(&path),
        ) {
            ("create", true) => return Err("A file with this name already exists"),
            ("update" | "delete", false) => return Err("A file with this name doesn't exist"),
            ("delete", _) => drop(files.remove(&path)),
            _ => drop(files.insert(path, action["content"].as_str().unwrap().into())),
        }
    }
    Ok(files)
}

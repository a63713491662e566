//! GitLab in memory: one project with one branch.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use http::Method;
use percent_encoding::percent_decode_str;
use registration::ports::{Request, Response};
use serde_json::{Value, json};

pub type Files = BTreeMap<String, Vec<u8>>;

#[derive(Clone)]
pub struct Commit {
    pub id: String,
    pub message: String,
    pub files: Files,
}

/// What a foreign writer does: content by path, `None` to remove.
pub type Foreign = Vec<(&'static str, Option<String>)>;

#[derive(Default)]
pub struct GitLab {
    pub commits: Vec<Commit>,
    /// A foreign commit ahead of each of the next commits, before GitLab looks at anything.
    pub before: VecDeque<Foreign>,
    /// The same between GitLab's check and its commit.
    pub window: VecDeque<Foreign>,
    pub may_not_push: bool,
    /// The project answers under its number only.
    pub moved: bool,
}

pub fn answer(status: u16, body: &Value) -> Response {
    let mut response = Response::new(body.to_string().into_bytes());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    response
}

fn message(status: u16, text: &str) -> Response {
    answer(status, &json!({ "message": text }))
}

/// The part of the path behind the project, readable.
pub fn describe(request: &Request) -> String {
    let path = request.uri().path();
    let rest = path.strip_prefix("/api/v4/projects/").unwrap();
    let (project, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let query = query(request);
    let rest = percent_decode_str(rest).decode_utf8().unwrap();
    let rest = rest.trim_start_matches("repository/");
    let below = query
        .get("path")
        .map(|path| format!(" {path}"))
        .unwrap_or_default();
    match rest
        .strip_prefix("files/")
        .and_then(|rest| rest.strip_suffix("/raw"))
    {
        Some(file) => format!("file {file}"),
        None if rest.is_empty() => format!("project {project}"),
        None => format!("{rest}{below}"),
    }
}

fn query(request: &Request) -> BTreeMap<String, String> {
    let query = request.uri().query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

impl GitLab {
    pub fn head(&self) -> Files {
        self.commits
            .last()
            .map(|commit| commit.files.clone())
            .unwrap_or_default()
    }

    pub fn text(&self, path: &str) -> Option<String> {
        let content = self.head().get(path).cloned()?;
        Some(String::from_utf8(content).unwrap())
    }

    pub fn push(&mut self, message: &str, files: Files) -> &Commit {
        let id = format!("{:040x}", self.commits.len() + 1);
        let message = message.to_owned();
        self.commits.push(Commit { id, message, files });
        self.commits.last().unwrap()
    }

    pub fn foreign(&mut self, changes: &Foreign) {
        let mut files = self.head();
        for (path, content) in changes {
            match content {
                Some(content) => {
                    drop(files.insert((*path).to_owned(), content.clone().into_bytes()))
                }
                None => drop(files.remove(*path)),
            }
        }
        self.push("A foreign commit\n", files);
    }

    pub fn answer(&mut self, request: &Request) -> Response {
        let call = describe(request);
        if self.moved && request.uri().path().contains("/group%2F") {
            return self.redirect(request);
        }
        let query = query(request);
        if call.starts_with("project ") {
            return self.project();
        }
        if request.method() == Method::POST {
            return self.commit(&serde_json::from_slice(request.body()).unwrap());
        }
        if let Some(path) = call.strip_prefix("file ") {
            return self.file(path, &query["ref"]);
        }
        match call.split(' ').next() {
            Some("branches/main") => self.branch(),
            Some("tree") => self.tree(&query),
            Some("commits") => self.log(&query),
            _ => panic!("no such call: {call}"),
        }
    }

    fn redirect(&self, request: &Request) -> Response {
        assert_eq!(request.method(), Method::GET);
        let mut response = answer(301, &json!({}));
        let target = "https://gitlab.example.com/api/v4/projects/42";
        response
            .headers_mut()
            .insert("location", target.parse().unwrap());
        response
    }

    fn project(&self) -> Response {
        let default = self.commits.last().map(|_| "main");
        answer(
            200,
            &json!({"id": 42, "path_with_namespace": "group/tenant", "default_branch": default,
                "web_url": "https://gitlab.example.com/group/tenant", "empty_repo": self.commits.is_empty()}),
        )
    }

    fn entity(&self, index: usize) -> Value {
        let commit = &self.commits[index];
        let parents: Vec<&String> = index
            .checked_sub(1)
            .map(|parent| &self.commits[parent].id)
            .into_iter()
            .collect();
        json!({"id": commit.id, "parent_ids": parents, "message": commit.message,
            "web_url": format!("https://gitlab.example.com/commit/{}", commit.id)})
    }

    fn branch(&self) -> Response {
        match self.commits.len().checked_sub(1) {
            None => message(404, "404 Branch Not Found"),
            Some(last) => answer(
                200,
                &json!({"name": "main", "commit": self.entity(last), "can_push": !self.may_not_push}),
            ),
        }
    }

    fn at(&self, reference: &str) -> Option<usize> {
        match reference {
            "main" => self.commits.len().checked_sub(1),
            id => self.commits.iter().position(|commit| commit.id == id),
        }
    }

    fn file(&self, path: &str, reference: &str) -> Response {
        let Some(index) = self.at(reference) else {
            return message(404, "404 Commit Not Found");
        };
        match self.commits[index].files.get(path) {
            Some(content) => Response::new(content.clone()),
            None => message(404, "404 File Not Found"),
        }
    }

    fn tree(&self, query: &BTreeMap<String, String>) -> Response {
        let Some(index) = self.at(&query["ref"]) else {
            return message(404, "404 Tree Not Found");
        };
        let recursive = query.contains_key("recursive");
        let folder = format!("{}/", query["path"]);
        let mut entries = BTreeSet::new();
        for (path, content) in &self.commits[index].files {
            let Some(rest) = path.strip_prefix(&folder) else {
                continue;
            };
            match rest.split_once('/') {
                Some((first, _)) if !recursive => {
                    entries.insert((format!("{folder}{first}"), "tree", "0".repeat(40)));
                }
                _ => {
                    entries.insert((path.clone(), "blob", gitlab::blob::blob_id(content)));
                }
            }
        }
        if entries.is_empty() {
            return message(404, "404 invalid revision or path Not Found");
        }
        let entry = |(path, kind, id)| json!({"path": path, "type": kind, "id": id});
        answer(200, &entries.into_iter().map(entry).collect())
    }

    fn log(&self, query: &BTreeMap<String, String>) -> Response {
        let Some(last) = self.at(&query["ref_name"]) else {
            return message(404, "404 Not Found");
        };
        let count: usize = query["per_page"].parse().unwrap();
        let commits = (0..=last).rev().filter(|index| match query.get("path") {
            Some(folder) => self.touches(*index, folder),
            None => true,
        });
        answer(
            200,
            &commits
                .take(count)
                .map(|index| self.entity(index))
                .collect(),
        )
    }

    /// Whether a commit changed a file, or one below a folder.
    fn touches(&self, index: usize, path: &str) -> bool {
        let part = |index: usize| -> Vec<(&String, &Vec<u8>)> {
            let below = format!("{path}/");
            let files = self.commits[index].files.iter();
            files
                .filter(|(file, _)| *file == path || file.starts_with(&below))
                .collect()
        };
        match index.checked_sub(1) {
            Some(parent) => part(parent) != part(index),
            None => !part(index).is_empty(),
        }
    }

    fn last_change(&self, path: &str, until: usize) -> Option<usize> {
        (0..=until).rev().find(|index| self.touches(*index, path))
    }

    fn commit(&mut self, body: &Value) -> Response {
        if let Some(foreign) = self.before.pop_front() {
            self.foreign(&foreign);
        }
        let actions = body["actions"].as_array().unwrap();
        for action in actions {
            let path = action["file_path"].as_str().unwrap();
            let read = action["last_commit_id"].as_str().and_then(|id| self.at(id));
            let now = self.commits.len().checked_sub(1);
            let changed = |until: Option<usize>| self.last_change(path, until?);
            if read.is_some() && changed(read).is_some() && changed(read) != changed(now) {
                return message(
                    400,
                    &format!("The file has changed since you started editing it: {path}"),
                );
            }
        }
        if let Some(foreign) = self.window.pop_front() {
            self.foreign(&foreign);
        }
        let mut files = self.head();
        for action in actions {
            let path = action["file_path"].as_str().unwrap().to_owned();
            match (
                action["action"].as_str().unwrap(),
                files.contains_key(&path),
            ) {
                ("create", true) => return message(400, "A file with this name already exists"),
                ("update" | "delete", false) => {
                    return message(400, "A file with this name doesn't exist");
                }
                ("delete", _) => drop(files.remove(&path)),
                _ => drop(files.insert(path, action["content"].as_str().unwrap().into())),
            }
        }
        self.push(body["commit_message"].as_str().unwrap(), files);
        answer(201, &self.entity(self.commits.len() - 1))
    }
}

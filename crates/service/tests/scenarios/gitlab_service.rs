//! GitLab in memory: one project with its branches and merge requests.

use std::collections::{BTreeMap, VecDeque};

use http::Method;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use service::runtime::{Request, Response};

mod commits;
mod merge_requests;
mod reads;

pub use merge_requests::MergeRequest;

pub type Files = BTreeMap<String, Vec<u8>>;

/// Content of what is no file, but a link to a commit of another repository.
pub const SUBMODULE: &str = "\0a submodule";

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
    /// Of the default branch, oldest first.
    pub commits: Vec<Commit>,
    /// Of every other branch, from the first commit of the repository on.
    pub branches: BTreeMap<String, Vec<Commit>>,
    pub merge_requests: Vec<MergeRequest>,
    /// A foreign commit ahead of each of the next commits, before GitLab looks at anything.
    pub before: VecDeque<Foreign>,
    /// The same between GitLab's check and its commit.
    pub window: VecDeque<Foreign>,
    /// Whether the files of what arrives have been compared before.
    pub has_compared: bool,
    /// The default branch takes no commits of this caller.
    pub may_not_push: bool,
    /// The caller's role; a maintainer's where not set.
    pub role: Option<u64>,
    /// What somebody else's commits say.
    pub foreign_message: Option<String>,
    /// Somebody else's commits say what the newest one of the branch says, as if made from its tip.
    pub foreign_copies: bool,
    /// The token's scope is `read_api`.
    pub may_only_read: bool,
    /// The default branch, where it is not `main`.
    pub default: Option<&'static str>,
    /// The project answers under its number only.
    pub moved: bool,
    /// Commits that were made on other branches than the default one.
    elsewhere: usize,
}

pub fn answer(status: u16, body: &Value) -> Response {
    let mut response = Response::new(body.to_string().into_bytes());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    response
}

/// A message that tells of another commit to be made from.
fn copied(message: &str, base: &str) -> String {
    let lines = message.lines().map(|line| match line {
        line if line.starts_with("Base-Commit: ") => format!("Base-Commit: {base}\n"),
        line => format!("{line}\n"),
    });
    lines.collect()
}

fn message(status: u16, text: &str) -> Response {
    answer(status, &json!({ "message": text }))
}

/// The part of the path behind the project, readable.
pub fn describe(request: &Request) -> String {
    let path = request.uri().path();
    match path {
        "/api/graphql" => return "texts".to_owned(),
        "/-/liveness" => return "liveness".to_owned(),
        _ => {}
    }
    let rest = path.split_once("/api/v4/projects/").unwrap().1;
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

/// Fingerprints of credentials are salted anew by every first save, so two tenants never have the same.
pub fn without_salt(files: &Files) -> Files {
    let files = files.iter();
    files
        .map(|(path, content)| {
            let content = match String::from_utf8(content.clone()) {
                Ok(text) => text_without_salt(&text).into_bytes(),
                Err(_) => content.clone(),
            };
            (path.clone(), content)
        })
        .collect()
}

/// The same of one file's text.
pub fn text_without_salt(text: &str) -> String {
    let redacted = text
        .split_inclusive('\n')
        .map(|line| match line.split_once(": sha256:") {
            Some((key, value)) => format!("{key}: {}\n", salted(value.trim_end())),
            None => line.to_owned(),
        });
    redacted.collect()
}

/// What stands in place of a fingerprint, whose form is asserted.
pub fn salted(fingerprint: &str) -> &'static str {
    if let Some((salt, digest)) = fingerprint.split_once(':') {
        assert_eq!((salt.len(), digest.len()), (32, 64), "{fingerprint}");
    } else {
        // What a test has read and written once more.
        assert_eq!(fingerprint, "…");
    }
    "sha256:…"
}

type Query = BTreeMap<String, String>;

fn query(request: &Request) -> Query {
    let query = request.uri().query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

impl GitLab {
    /// The files at the default branch's tip, for comparison.
    pub fn head(&self) -> Files {
        let last = self.commits.last();
        last.map_or_else(Files::new, |commit| without_salt(&commit.files))
    }

    pub fn text(&self, path: &str) -> Option<String> {
        let content = self.commits.last()?.files.get(path).cloned()?;
        Some(String::from_utf8(content).unwrap())
    }

    /// The name of the default branch.
    pub fn default(&self) -> &'static str {
        self.default.unwrap_or("main")
    }

    /// The commits of a branch, oldest first.
    pub fn lineage(&self, branch: &str) -> Option<&Vec<Commit>> {
        if branch == self.default() {
            Some(&self.commits).filter(|commits| !commits.is_empty())
        } else {
            self.branches.get(branch)
        }
    }

    /// The files at the tip of a branch, for comparison.
    pub fn tip(&self, branch: &str) -> Files {
        without_salt(&self.lineage(branch).unwrap().last().unwrap().files)
    }

    pub fn push(&mut self, message: &str, files: Files) -> &Commit {
        let commit = self.new_commit(message, files);
        self.commits.push(commit);
        self.commits.last().unwrap()
    }

    fn new_commit(&self, message: &str, files: Files) -> Commit {
        let id = format!("{:040x}", self.commits.len() + self.elsewhere + 1);
        let message = message.to_owned();
        Commit { id, message, files }
    }

    fn push_to(&mut self, branch: &str, message: &str, files: Files) {
        if branch == self.default() {
            self.push(message, files);
            return;
        }
        let commit = self.new_commit(message, files);
        self.elsewhere += 1;
        self.branches
            .entry(branch.to_owned())
            .or_default()
            .push(commit);
    }

    pub fn foreign(&mut self, changes: &Foreign) {
        self.foreign_on(self.default(), changes);
    }

    /// Somebody else commits to a branch; one that is not there begins at the default one's tip.
    pub fn foreign_on(&mut self, branch: &str, changes: &Foreign) {
        if branch != self.default() && !self.branches.contains_key(branch) {
            self.branches
                .insert(branch.to_owned(), self.commits.clone());
        }
        let last = self.lineage(branch).and_then(|commits| commits.last());
        let mut files = last.map(|commit| commit.files.clone()).unwrap_or_default();
        for (path, content) in changes {
            match content {
                Some(content) => {
                    drop(files.insert((*path).to_owned(), content.clone().into_bytes()))
                }
                None => drop(files.remove(*path)),
            }
        }
        let message = match last.filter(|_| self.foreign_copies) {
            Some(last) => copied(&last.message, &last.id),
            None => self
                .foreign_message
                .clone()
                .unwrap_or("A foreign commit\n".to_owned()),
        };
        self.push_to(branch, &message, files);
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
        if *request.method() != Method::GET && self.may_only_read {
            let text = "The request requires higher privileges than provided by the access token.";
            return answer(
                403,
                &json!({"error": "insufficient_scope", "error_description": text, "scope": "api"}),
            );
        }
        if *request.method() != Method::GET {
            let body = serde_json::from_slice(request.body()).unwrap();
            if call == "texts" {
                return self.texts(&body);
            }
            return match call.strip_prefix("merge_requests") {
                Some(number) => self.write_merge_request(number, &body),
                None => self.commit(&body),
            };
        }
        if let Some(path) = call.strip_prefix("file ") {
            return self.file(path, &query["ref"]);
        }
        match call.split(' ').next() {
            Some(branch) if branch.starts_with("branches/") => self.branch(&branch[9..]),
            Some("tree") => self.tree(&query),
            Some("commits") => self.log(&query),
            Some("compare") => self.compare(&query),
            Some("merge_requests") => self.list_merge_requests(&query),
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
}

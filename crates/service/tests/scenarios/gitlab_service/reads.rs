//! Project, branches, files, history.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use service::runtime::Response;

use super::{Commit, GitLab, Query, SUBMODULE, answer, message};

/// The role of a maintainer.
const MAINTAINER: u64 = 40;
/// The role of a developer.
const DEVELOPER: u64 = 30;

pub(super) fn entity(lineage: &[Commit], index: usize) -> Value {
    let commit = &lineage[index];
    let parents: Vec<&String> = index
        .checked_sub(1)
        .map(|parent| &lineage[parent].id)
        .into_iter()
        .collect();
    json!({"id": commit.id, "parent_ids": parents, "message": commit.message, "committed_date": date(index),
        "web_url": format!("https://gitlab.example.com/commit/{}", commit.id)})
}

/// One commit a second.
fn date(index: usize) -> String {
    let seconds = index % 60;
    let (hours, minutes) = (index / 3600, index / 60 % 60);
    format!("2026-09-12T{hours:02}:{minutes:02}:{seconds:02}.000+02:00")
}

/// Whether a commit changed a file, or one below a folder.
fn touches(lineage: &[Commit], index: usize, path: &str) -> bool {
    let below = format!("{path}/");
    let part = |index: usize| -> Vec<(&String, &Vec<u8>)> {
        let files = &lineage[index].files;
        let own = files.get_key_value(path).into_iter();
        let of_folder = files.range(below.clone()..);
        own.chain(of_folder.take_while(|(file, _)| file.starts_with(&below)))
            .collect()
    };
    match index.checked_sub(1) {
        Some(parent) => part(parent) != part(index),
        None => !part(index).is_empty(),
    }
}

/// The last commit that changed a file, until one.
pub(super) fn last_change(lineage: &[Commit], path: &str, until: usize) -> Option<String> {
    let index = (0..=until)
        .rev()
        .find(|index| touches(lineage, *index, path))?;
    Some(lineage[index].id.clone())
}

fn next_page(query: &Query, last: &str) -> String {
    let mut next = query.clone();
    next.insert("page_token".to_owned(), last.to_owned());
    let next = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(next)
        .finish();
    format!("<https://gitlab.example.com/api/v4/projects/42/repository/tree?{next}>; rel=\"next\"")
}

impl GitLab {
    pub(super) fn project(&self) -> Response {
        let default = self.commits.last().map(|_| self.default());
        let level = self.role.unwrap_or(MAINTAINER);
        answer(
            200,
            &json!({"id": 42, "path_with_namespace": "group/tenant", "default_branch": default,
                "web_url": "https://gitlab.example.com/group/tenant", "empty_repo": self.commits.is_empty(),
                "permissions": {"project_access": {"access_level": level}, "group_access": null}}),
        )
    }

    pub(super) fn can_push(&self, branch: &str) -> bool {
        let role = self.role.unwrap_or(MAINTAINER);
        role >= DEVELOPER && (branch != self.default() || !self.may_not_push)
    }

    pub(super) fn branch(&self, name: &str) -> Response {
        match self.lineage(name) {
            None => message(404, "404 Branch Not Found"),
            Some(lineage) => answer(
                200,
                &json!({"name": name, "commit": entity(lineage, lineage.len() - 1),
                    "can_push": self.can_push(name)}),
            ),
        }
    }

    /// A commit on a branch that has it.
    pub(super) fn at(&self, reference: &str) -> Option<(&[Commit], usize)> {
        if let Some(lineage) = self.lineage(reference) {
            return Some((lineage, lineage.len() - 1));
        }
        [&self.commits]
            .into_iter()
            .chain(self.branches.values())
            .find_map(|lineage| {
                let index = lineage.iter().position(|commit| commit.id == reference)?;
                Some((lineage.as_slice(), index))
            })
    }

    pub(super) fn file(&self, path: &str, reference: &str) -> Response {
        let Some((lineage, index)) = self.at(reference) else {
            return message(404, "404 Commit Not Found");
        };
        match lineage[index].files.get(path) {
            Some(content) => {
                let is_submodule = content == SUBMODULE.as_bytes();
                let shown = if is_submodule { &Vec::new() } else { content };
                let id = gitlab::blob::blob_id(content);
                let mut response = Response::new(shown.clone());
                for (name, value) in [("commit-id", &lineage[index].id), ("blob-id", &id)] {
                    let name = http::HeaderName::try_from(format!("x-gitlab-{name}")).unwrap();
                    response.headers_mut().insert(name, value.parse().unwrap());
                }
                let path = path.parse().unwrap();
                response.headers_mut().insert("x-gitlab-file-path", path);
                response
            }
            None => message(404, "404 File Not Found"),
        }
    }

    /// `blobs(ref:, paths:)` over GraphQL.
    pub(super) fn texts(&self, body: &Value) -> Response {
        let variables = &body["variables"];
        let (lineage, index) = self.at(variables["ref"].as_str().unwrap()).unwrap();
        let paths = variables["paths"].as_array().unwrap();
        assert!(paths.len() <= 100, "{} paths", paths.len());
        let nodes = paths.iter().filter_map(|path| {
            let content = lineage[index].files.get(path.as_str().unwrap())?;
            let id = gitlab::blob::id_like(&lineage[index].id, content);
            Some(json!({"path": path, "oid": id, "rawTextBlob": String::from_utf8(content.clone()).unwrap()}))
        });
        let nodes: Vec<Value> = nodes.collect();
        let project = json!({"repository": {"blobs": {"nodes": nodes}}});
        answer(200, &json!({"data": {"project": project}}))
    }

    pub(super) fn tree(&self, query: &Query) -> Response {
        let Some((lineage, index)) = self.at(&query["ref"]) else {
            return message(404, "404 Tree Not Found");
        };
        let recursive = query.contains_key("recursive");
        let folder = format!("{}/", query["path"]);
        let mut entries = BTreeMap::new();
        for (path, content) in &lineage[index].files {
            let Some(rest) = path.strip_prefix(&folder) else {
                continue;
            };
            match rest.split_once('/') {
                Some((first, _)) if !recursive => {
                    entries.insert(format!("{folder}{first}"), None);
                }
                _ => {
                    entries.insert(path.clone(), Some(content));
                }
            }
        }
        if entries.is_empty() {
            return message(404, "404 invalid revision or path Not Found");
        }
        let per_page: usize = query["per_page"].parse().unwrap();
        let entry = |(path, content): (String, Option<&Vec<u8>>)| match content {
            Some(content) => {
                let is_submodule = content == SUBMODULE.as_bytes();
                let kind = if is_submodule { "commit" } else { "blob" };
                json!({"path": path, "type": kind, "id": gitlab::blob::blob_id(content)})
            }
            None => json!({"path": path, "type": "tree", "id": "0".repeat(40)}),
        };
        if let Some(page) = query.get("page") {
            let before = (page.parse::<usize>().unwrap() - 1) * per_page;
            let page = entries.into_iter().skip(before).take(per_page);
            return answer(200, &page.map(entry).collect());
        }
        // Pages as GitLab has them, each with a link to the next.
        let after = query.get("page_token");
        entries.retain(|path, _| after.is_none_or(|after| path > after));
        let last = entries
            .keys()
            .nth(per_page - 1)
            .filter(|_| entries.len() > per_page);
        let next = last.map(|last| next_page(query, last));
        let page = entries.into_iter().take(per_page);
        let mut answer = answer(200, &page.map(entry).collect());
        if let Some(link) = next {
            answer.headers_mut().insert("link", link.parse().unwrap());
        }
        answer
    }

    pub(super) fn log(&self, query: &Query) -> Response {
        let Some((lineage, last)) = self.at(&query["ref_name"]) else {
            return message(404, "404 Commit Not Found");
        };
        let count: usize = query["per_page"].parse().unwrap();
        let commits = (0..=last).rev().filter(|index| match query.get("path") {
            Some(folder) => touches(lineage, *index, folder),
            None => true,
        });
        answer(
            200,
            &commits
                .take(count)
                .map(|index| entity(lineage, index))
                .collect(),
        )
    }

    pub(super) fn compare(&self, query: &Query) -> Response {
        let (Some((old, from)), Some((new, to))) = (self.at(&query["from"]), self.at(&query["to"]))
        else {
            return message(404, "404 Ref Not Found");
        };
        let known: BTreeSet<&String> = old[..=from].iter().map(|commit| &commit.id).collect();
        let commits: Vec<Value> = (0..=to)
            .filter(|index| !known.contains(&new[*index].id))
            .map(|index| entity(new, index))
            .collect();
        answer(
            200,
            &json!({"commits": commits, "diffs": [], "compare_timeout": false}),
        )
    }
}

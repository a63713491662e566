use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use git2::{ErrorCode, ObjectType, Oid, Repository, TreeEntry};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::GitLabProblem;
use super::access::CodeAccess;
use super::params::RequestParams;
use crate::git;
use crate::state::{GitLabState, SharedState, with_repository};

pub(super) async fn show(
    State(app): State<SharedState>,
    _: CodeAccess,
    Path((_, path)): Path<(String, String)>,
    params: RequestParams,
) -> Result<Json<Value>, GitLabProblem> {
    let reference = required_ref(&params)?;
    with_repository(&app, move |app, repository| {
        let file = CommittedFile::find(app, repository, path, reference)?;
        let mut body =
            json!({ "content": STANDARD.encode(&file.content), "size": file.content.len() });
        if let Some(fields) = body.as_object_mut() {
            fields.extend(
                file.facts()
                    .map(|(name, value)| (name.to_owned(), Value::String(value))),
            );
            fields.insert("execute_filemode".to_owned(), file.executable.into());
        }
        Ok(Json(body))
    })
    .await
}

pub(super) async fn describe(
    State(app): State<SharedState>,
    _: CodeAccess,
    Path((_, path)): Path<(String, String)>,
    params: RequestParams,
) -> Result<HeaderMap, GitLabProblem> {
    let reference = required_ref(&params)?;
    with_repository(&app, move |app, repository| {
        Ok(CommittedFile::find(app, repository, path, reference)?.headers())
    })
    .await
}

pub(super) async fn raw(
    State(app): State<SharedState>,
    _: CodeAccess,
    Path((_, path)): Path<(String, String)>,
    params: RequestParams,
) -> Result<impl IntoResponse, GitLabProblem> {
    let reference = params
        .text("ref")
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "HEAD".to_owned());
    with_repository(&app, move |app, repository| {
        let file = CommittedFile::find(app, repository, path, reference)?;
        let mut headers = file.headers();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        headers.insert(
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("inline"),
        );
        Ok((headers, file.content))
    })
    .await
}

fn required_ref(params: &RequestParams) -> Result<String, GitLabProblem> {
    let invalid = |text| Err(GitLabProblem::error(StatusCode::BAD_REQUEST, text));
    match params.text("ref") {
        None => invalid("ref is missing, ref is empty"),
        Some(name) if name.trim().is_empty() => invalid("ref is empty"),
        Some(name) => Ok(name),
    }
}

/// A submodule is an empty file that has the id of its commit, which is another repository's.
fn content(repository: &Repository, entry: &TreeEntry<'_>) -> Result<Vec<u8>, git2::Error> {
    match entry.kind() {
        Some(ObjectType::Commit) => Ok(Vec::new()),
        _ => Ok(repository.find_blob(entry.id())?.content().to_owned()),
    }
}

/// A file at a commit.
struct CommittedFile {
    path: String,
    reference: String,
    blob: Oid,
    commit: Oid,
    last_commit: Oid,
    executable: bool,
    content: Vec<u8>,
}

impl CommittedFile {
    fn find(
        app: &GitLabState,
        repository: &Repository,
        path: String,
        reference: String,
    ) -> Result<Self, GitLabProblem> {
        if path.split('/').any(|component| component == "..") {
            return Err(GitLabProblem::error(
                StatusCode::BAD_REQUEST,
                "file_path should be a valid file path",
            ));
        }
        let missing = || GitLabProblem::not_found("File");
        let commit = git::resolve(repository, &reference)?
            .ok_or_else(|| GitLabProblem::not_found("Commit"))?;
        let entry = match repository
            .find_commit(commit)?
            .tree()?
            .get_path(std::path::Path::new(&path))
        {
            Ok(entry) if entry.kind() != Some(ObjectType::Tree) => entry,
            Ok(_) => return Err(missing()),
            Err(error) if error.code() == ErrorCode::NotFound => return Err(missing()),
            Err(error) => return Err(error.into()),
        };
        let last_commit = git::last_commit(repository, app.store.history(), commit, &path)?;
        Ok(Self {
            blob: entry.id(),
            commit,
            last_commit: last_commit.ok_or_else(missing)?,
            executable: entry.filemode() == 0o100_755,
            content: content(repository, &entry)?,
            path,
            reference,
        })
    }

    fn name(&self) -> &str {
        self.path
            .rsplit_once('/')
            .map_or(&self.path, |(_, name)| name)
    }

    /// Members of the JSON form that are texts.
    fn facts(&self) -> [(&'static str, String); 8] {
        let sha256: String = Sha256::digest(&self.content)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        [
            ("file_name", self.name().to_owned()),
            ("file_path", self.path.clone()),
            ("encoding", "base64".to_owned()),
            ("content_sha256", sha256),
            ("ref", self.reference.clone()),
            ("blob_id", self.blob.to_string()),
            ("commit_id", self.commit.to_string()),
            ("last_commit_id", self.last_commit.to_string()),
        ]
    }

    fn headers(&self) -> HeaderMap {
        let numbers = [
            ("size", self.content.len().to_string()),
            ("execute_filemode", self.executable.to_string()),
        ];
        let mut headers = HeaderMap::new();
        for (name, value) in self.facts().into_iter().chain(numbers) {
            let Ok(name) = HeaderName::try_from(format!("x-gitlab-{}", name.replace('_', "-")))
            else {
                continue;
            };
            // A header carries visible ASCII only.
            let encoded = || {
                HeaderValue::from_str(&utf8_percent_encode(&value, NON_ALPHANUMERIC).to_string())
            };
            if let Ok(value) = if value.is_ascii() {
                HeaderValue::from_str(&value)
            } else {
                encoded()
            } {
                headers.insert(name, value);
            }
        }
        headers
    }
}

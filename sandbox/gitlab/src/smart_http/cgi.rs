use std::io::{Error, ErrorKind, Result};
use std::process::Stdio;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode, header};
use axum::response::Response;
use bytes::BytesMut;
use futures::StreamExt;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::auth::GitCaller;
use crate::git;
use crate::state::{GitLabState, SharedState};

/// Bytes of an answer passed on at once.
const CHUNK: usize = 32 << 10;

/// Runs `git http-backend` (RFC 3875) for one request. Bodies are streamed in both directions.
pub(super) async fn run(
    app: &SharedState,
    caller: &GitCaller,
    file: &str,
    request: Request<Body>,
) -> Result<Response> {
    let mut child = command(app, caller, file, &request)?.spawn()?;
    let pipes = child.stdin.take().zip(child.stdout.take());
    let (stdin, stdout) = pipes.ok_or_else(|| Error::other("no pipes"))?;
    tokio::spawn(feed(stdin, request.into_body()));
    let mut stdout = BufReader::new(stdout);
    let head = read_head(&mut stdout).await?;
    let (mut parts, ()) = Response::new(()).into_parts();
    for (name, value) in head {
        if name == "status" {
            let code = value.get(..3).unwrap_or_default();
            parts.status = StatusCode::from_bytes(code.as_bytes()).map_err(Error::other)?;
            continue;
        }
        let name = HeaderName::try_from(name).map_err(Error::other)?;
        parts
            .headers
            .append(name, HeaderValue::try_from(value).map_err(Error::other)?);
    }
    Ok(Response::from_parts(parts, body(child, stdout)))
}

fn command(
    app: &GitLabState,
    caller: &GitCaller,
    file: &str,
    request: &Request<Body>,
) -> Result<Command> {
    let repository = app.store.path();
    let root = repository.parent().unwrap_or(repository);
    let name = repository.file_name().unwrap_or_default().to_string_lossy();
    let header = |name: HeaderName| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let mut command = Command::new("git");
    command
        .arg("http-backend")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .current_dir(root)
        // The machine's own Git settings have no say.
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env(
            "GIT_PROTOCOL",
            header(HeaderName::from_static("git-protocol")),
        )
        .env("PATH_INFO", format!("/{name}/{file}"))
        .env("REMOTE_USER", &caller.username)
        .env("REMOTE_ADDR", "127.0.0.1")
        .env("REQUEST_METHOD", request.method().as_str())
        .env("QUERY_STRING", request.uri().query().unwrap_or_default())
        .env("CONTENT_TYPE", header(header::CONTENT_TYPE))
        .env("HTTP_CONTENT_ENCODING", header(header::CONTENT_ENCODING))
        .env(
            "SANDBOX_MAY_PUSH_PROTECTED",
            caller.may_push_protected.to_string(),
        )
        .env("SANDBOX_PROTECTED_REFS", protected_refs(app)?);
    if let Some(length) = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
    {
        command.env("CONTENT_LENGTH", length);
    }
    Ok(command)
}

/// The refs the hook guards; in an empty repository the default branch counts as protected too.
fn protected_refs(app: &GitLabState) -> Result<String> {
    let default = app.store.with(git::default_branch).map_err(Error::other)?;
    let branches = app
        .project
        .protected_branches()
        .into_iter()
        .chain([default]);
    Ok(branches
        .map(|branch| format!("refs/heads/{branch}"))
        .collect::<Vec<_>>()
        .join(" "))
}

/// Passes the request's body on; a client or backend that goes away ends it.
async fn feed(mut stdin: ChildStdin, body: Body) {
    let mut chunks = body.into_data_stream();
    while let Some(Ok(chunk)) = chunks.next().await {
        if stdin.write_all(&chunk).await.is_err() {
            return;
        }
    }
}

/// The CGI header fields, names in lower case.
async fn read_head(stdout: &mut BufReader<ChildStdout>) -> Result<Vec<(String, String)>> {
    let mut fields = Vec::new();
    loop {
        let mut line = String::new();
        if stdout.read_line(&mut line).await? == 0 {
            return Err(Error::from(ErrorKind::UnexpectedEof));
        }
        let line = line.trim_end();
        if line.is_empty() {
            return Ok(fields);
        }
        if let Some((name, value)) = line.split_once(':') {
            fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
}

/// The rest of the output. The child lives as long as it is read, and is waited for at its end.
fn body(child: Child, stdout: BufReader<ChildStdout>) -> Body {
    let chunks = futures::stream::try_unfold((child, stdout), async |(mut child, mut stdout)| {
        let mut chunk = BytesMut::with_capacity(CHUNK);
        if stdout.read_buf(&mut chunk).await? == 0 {
            child.wait().await?;
            return Ok::<_, Error>(None);
        }
        Ok(Some((chunk.freeze(), (child, stdout))))
    });
    Body::from_stream(chunks)
}

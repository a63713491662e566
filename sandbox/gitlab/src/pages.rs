//! Pages for people: a commit, a merge request, and the project, so that every `web_url` opens. They ask nobody for
//! a token: a sandbox is for whoever sits at the machine.

use axum::extract::{Request, State};
use axum::response::{Html, IntoResponse, Response};
use git2::Repository;

use crate::api::{GitLabProblem, commit_time};
use crate::git;
use crate::state::{GitLabState, SharedState, with_repository};

/// Commits that the project's page lists.
const NEWEST: usize = 50;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}\
pre{background:#f6f6f6;padding:.8rem;overflow:auto;font-size:13px}ins{background:#dfd;text-decoration:none}\
del{background:#fdd;text-decoration:none}button{font:inherit;padding:.3rem .8rem}h2{font-size:1rem;margin-top:1.5rem}";

/// The page of a path below the project.
pub(crate) async fn answer(State(app): State<SharedState>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let shown = with_repository(&app, move |app, repository| show(app, repository, &path));
    match shown.await {
        Ok(html) => Html(html).into_response(),
        Err(error) => error.into_response(),
    }
}

fn show(app: &GitLabState, repository: &Repository, path: &str) -> Result<String, GitLabProblem> {
    let missing = || GitLabProblem::not_found("Page");
    let (project, below) = path.split_once("/-/").unwrap_or((path, ""));
    app.project
        .named(project.trim_matches('/'))
        .ok_or_else(missing)?;
    match below.split_once('/') {
        Some(("commit", id)) => {
            let id = git::resolve(repository, id)?.ok_or_else(missing)?;
            commit(app, repository, id)
        }
        Some(("merge_requests", iid)) => {
            let text = app.merge_requests.page(iid).ok_or_else(missing)?;
            let (title, source, body) = text;
            let diff = branch_diff(repository, &source)?;
            Ok(page(&title, &format!("<pre>{}</pre>{diff}", escape(&body))))
        }
        None if below.is_empty() => history(app, repository),
        _ => Err(missing()),
    }
}

/// The newest commits of the default branch.
fn history(app: &GitLabState, repository: &Repository) -> Result<String, GitLabProblem> {
    let branch = git::default_branch(repository)?;
    let mut lines = String::new();
    if let Some(head) = git::branch_head(repository, &branch)? {
        let filter = git::CommitFilter::default();
        for commit in git::commits(repository, head, &filter, 0, NEWEST)? {
            let (id, title) = (commit.id(), summary(&commit));
            let url = format!("{}/-/commit/{id}", app.project_url());
            let time = commit_time(commit.time());
            lines.push_str(&format!("<p><a href=\"{url}\">{title}</a><br>{time}</p>"));
        }
    }
    Ok(page(
        &format!("{}: {branch}", app.project.record().path),
        &lines,
    ))
}

fn commit(
    app: &GitLabState,
    repository: &Repository,
    id: git2::Oid,
) -> Result<String, GitLabProblem> {
    let commit = repository.find_commit(id)?;
    let author = commit.author();
    let name = String::from_utf8_lossy(author.name_bytes()).into_owned();
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    let parent = commit.parent_ids().next();
    let body = format!(
        "<p>{} committed on {} · {id} · <a href=\"{}\">all commits</a></p><pre>{}</pre>{}",
        escape(&name),
        commit_time(commit.time()),
        app.project_url(),
        escape(&message),
        diff(repository, parent, id)?
    );
    Ok(page(&summary(&commit), &body))
}

fn summary(commit: &git2::Commit<'_>) -> String {
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    escape(message.lines().next().unwrap_or_default())
}

fn branch_diff(repository: &Repository, branch: &str) -> Result<String, GitLabProblem> {
    let target = git::branch_head(repository, &git::default_branch(repository)?)?;
    let source = git::branch_head(repository, branch)?;
    let (Some(target), Some(source)) = (target, source) else {
        return Ok("<p>The source branch is gone.</p>".to_owned());
    };
    let base = git::merge_base(repository, target, source)?;
    diff(repository, base, source)
}

fn diff(
    repository: &Repository,
    from: Option<git2::Oid>,
    to: git2::Oid,
) -> Result<String, GitLabProblem> {
    let files = git::between(repository, from, to)?;
    let file = |file: &git::ChangedFile| {
        let lines: String = file.text.lines().map(line).collect();
        format!("<h2>{}</h2><pre>{lines}</pre>", escape(&file.new_path))
    };
    Ok(files.iter().map(file).collect())
}

fn line(line: &str) -> String {
    let text = escape(line);
    match line.chars().next() {
        Some('+') => format!("<ins>{text}</ins>\n"),
        Some('-') => format!("<del>{text}</del>\n"),
        _ => format!("{text}\n"),
    }
}

/// A page with a title and a body that is HTML.
pub(crate) fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{body}</html>"
    )
}

/// Text as HTML shows it.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

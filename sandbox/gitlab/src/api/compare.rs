use axum::Json;
use axum::extract::State;
use git2::Repository;
use serde_json::{Value, json};

use super::access::CodeAccess;
use super::params::RequestParams;
use super::{GitLabProblem, entities};
use crate::git::{self, CommitFilter};
use crate::state::{GitLabState, SharedState, with_repository};

pub(super) async fn compare(
    State(app): State<SharedState>,
    _: CodeAccess,
    params: RequestParams,
) -> Result<Json<Value>, GitLabProblem> {
    let names = params.required(["from", "to"])?;
    let straight = params.flag("straight").unwrap_or_default();
    with_repository(&app, move |app, repository| {
        comparison(app, repository, &names, straight).map(Json)
    })
    .await
}

/// `from..to` when straight, otherwise from their merge base.
fn comparison(
    app: &GitLabState,
    repository: &Repository,
    [from, to]: &[String; 2],
    straight: bool,
) -> Result<Value, GitLabProblem> {
    let find =
        |name: &str| git::resolve(repository, name)?.ok_or_else(|| GitLabProblem::not_found("Ref"));
    let (old, new) = (find(from)?, find(to)?);
    let base = if straight {
        Some(old)
    } else {
        git::merge_base(repository, old, new)?
    };
    let filter = CommitFilter {
        except: Some(old),
        ..CommitFilter::default()
    };
    let mut commits = git::commits(repository, new, &filter, 0, usize::MAX)?;
    commits.reverse();
    let files = git::between(repository, base, new)?;
    let commits: Vec<_> = commits
        .iter()
        .map(|commit| entities::commit(app, commit, false))
        .collect();
    Ok(json!({
        "commit": commits.last(),
        "commits": commits,
        "diffs": files.iter().map(entities::diff).collect::<Vec<_>>(),
        "compare_timeout": false,
        "compare_same_ref": old == new,
        "web_url": format!("{}/-/compare/{from}{}{to}", app.project_url(), if straight { ".." } else { "..." }),
    }))
}

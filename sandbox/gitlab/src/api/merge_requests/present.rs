use git2::{Oid, Repository};
use serde_json::{Value, json};

use super::records::{MergeRequestRecord, MergeRequestState};
use crate::api::access::MemberAccess;
use crate::api::{dates, entities};
use crate::git;
use crate::state::GitLabState;

/// Ids of merge requests are counted for the whole instance, unlike their numbers in the project.
const FIRST_ID: u64 = 9000;

/// A merge request as the caller sees it, with its branches as they are now.
pub(super) fn present(
    app: &GitLabState,
    repository: &Repository,
    record: &MergeRequestRecord,
    access: &MemberAccess,
) -> Result<Value, git2::Error> {
    let heads = BranchHeads::read(repository, record)?;
    let mut value = facts(app, record, &heads);
    if let Some(fields) = value.as_object_mut() {
        let may_merge = access.may_push(app, repository, &record.target_branch)?;
        fields.insert("user".to_owned(), json!({ "can_merge": may_merge }));
        fields.extend(mergeability(record, &heads));
        fields.insert("diff_refs".to_owned(), heads.diff_refs());
    }
    Ok(value)
}

fn facts(app: &GitLabState, record: &MergeRequestRecord, heads: &BranchHeads) -> Value {
    let path = app.project.record().path;
    let user = |id| {
        app.accounts
            .user(id)
            .map(|user| entities::user_basic(app, &user))
    };
    let merged = record.merged.as_ref();
    let merge_user = merged.and_then(|merged| user(merged.user_id));
    json!({
        "id": FIRST_ID + record.iid,
        "iid": record.iid,
        "project_id": app.project.id(),
        "source_project_id": app.project.id(),
        "target_project_id": app.project.id(),
        "title": record.title,
        "description": record.description,
        "state": record.state.name(),
        "draft": record.title.starts_with("Draft:"),
        "source_branch": record.source_branch,
        "target_branch": record.target_branch,
        "sha": heads.source.map(|id| id.to_string()).or_else(|| record.sha.clone()),
        "merge_commit_sha": merged.map(|merged| &merged.commit),
        "squash_commit_sha": null,
        "author": user(record.author_id),
        "assignees": [],
        "reviewers": [],
        "labels": record.labels,
        "merge_user": merge_user,
        "merged_by": merge_user,
        "merged_at": merged.map(|merged| dates::of_record(merged.at)),
        "created_at": dates::of_record(record.created_at),
        "updated_at": dates::of_record(record.updated_at),
        "squash": record.squash,
        "force_remove_source_branch": record.remove_source_branch,
        "should_remove_source_branch": null,
        "reference": format!("!{}", record.iid),
        "references": {
            "short": format!("!{}", record.iid),
            "relative": format!("!{}", record.iid),
            "full": format!("{path}!{}", record.iid),
        },
        "web_url": format!("{}/-/merge_requests/{}", app.project_url(), record.iid),
    })
}

fn mergeability(record: &MergeRequestRecord, heads: &BranchHeads) -> [(String, Value); 3] {
    let detail = match record.state {
        MergeRequestState::Opened if heads.source.is_none() => "broken_status",
        MergeRequestState::Opened if heads.conflict => "conflict",
        MergeRequestState::Opened => "mergeable",
        MergeRequestState::Closed | MergeRequestState::Merged => "not_open",
    };
    let status = if heads.source.is_none() || heads.conflict {
        "cannot_be_merged"
    } else {
        "can_be_merged"
    };
    [
        ("merge_status".to_owned(), status.into()),
        ("detailed_merge_status".to_owned(), detail.into()),
        ("has_conflicts".to_owned(), heads.conflict.into()),
    ]
}

/// The branches of a merge request.
struct BranchHeads {
    source: Option<Oid>,
    target: Option<Oid>,
    base: Option<Oid>,
    conflict: bool,
}

impl BranchHeads {
    fn read(repository: &Repository, record: &MergeRequestRecord) -> Result<Self, git2::Error> {
        let source = git::branch_head(repository, &record.source_branch)?;
        let target = git::branch_head(repository, &record.target_branch)?;
        let (mut base, mut conflict) = (None, false);
        if let (Some(source), Some(target)) = (source, target) {
            base = git::merge_base(repository, source, target)?;
            if record.state == MergeRequestState::Opened {
                conflict = git::merged_tree(repository, target, source)?.is_none();
            }
        }
        Ok(Self {
            source,
            target,
            base,
            conflict,
        })
    }

    fn diff_refs(&self) -> Value {
        let text = |id: Option<Oid>| id.map(|id| id.to_string());
        json!({ "base_sha": text(self.base), "head_sha": text(self.source), "start_sha": text(self.target) })
    }
}

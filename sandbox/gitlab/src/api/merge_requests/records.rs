use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::json_file::{self, FileError};

/// All merge requests of the project, kept in a file.
pub(crate) struct MergeRequests {
    file: PathBuf,
    records: Mutex<Vec<MergeRequestRecord>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct MergeRequestRecord {
    pub(super) iid: u64,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) source_branch: String,
    pub(super) target_branch: String,
    pub(super) state: MergeRequestState,
    pub(super) author_id: u64,
    pub(super) labels: Vec<String>,
    pub(super) remove_source_branch: bool,
    pub(super) squash: bool,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) updated_at: OffsetDateTime,
    /// Head of the source branch when the merge request was last seen open.
    pub(super) sha: Option<String>,
    pub(super) merged: Option<MergeRecord>,
}

/// Merge of a merge request: by whom, when and as which commit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct MergeRecord {
    pub(super) user_id: u64,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) at: OffsetDateTime,
    pub(super) commit: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum MergeRequestState {
    Opened,
    Closed,
    Merged,
}

impl MergeRequestState {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Merged => "merged",
        }
    }
}

impl MergeRequests {
    pub(crate) fn open(data: &Path) -> Result<Self, FileError> {
        let file = data.join("merge_requests.json");
        let records = json_file::read(&file)?.unwrap_or_default();
        Ok(Self {
            file,
            records: Mutex::new(records),
        })
    }

    pub(super) fn all(&self) -> Vec<MergeRequestRecord> {
        self.lock().clone()
    }

    pub(super) fn get(&self, iid: u64) -> Option<MergeRequestRecord> {
        self.lock().iter().find(|record| record.iid == iid).cloned()
    }

    /// Title, source branch and text of the page of a merge request.
    pub(crate) fn page(&self, iid: &str) -> Option<(String, String, String)> {
        let record = self.get(iid.parse().ok()?)?;
        let title = crate::pages::escape(&format!("!{iid} {}", record.title));
        let text = format!(
            "{}: {} into {}\n\n{}",
            record.state.name(),
            record.source_branch,
            record.target_branch,
            record.description.unwrap_or_default()
        );
        Some((title, record.source_branch, text))
    }

    /// Adds a record under the next number, unless one with the same branches is open: then its number.
    pub(super) fn add(
        &self,
        mut record: MergeRequestRecord,
    ) -> Result<Result<MergeRequestRecord, u64>, FileError> {
        let mut records = self.lock();
        if let Some(open) = records.iter().find(|other| other.is_open_twin(&record)) {
            return Ok(Err(open.iid));
        }
        record.iid = records.iter().map(|record| record.iid).max().unwrap_or(0) + 1;
        records.push(record.clone());
        json_file::write(&self.file, &*records)?;
        Ok(Ok(record))
    }

    /// Changes a record, which then counts as updated now.
    pub(super) fn change(
        &self,
        iid: u64,
        change: impl FnOnce(&mut MergeRequestRecord),
    ) -> Result<Option<MergeRequestRecord>, FileError> {
        let mut records = self.lock();
        let Some(record) = records.iter_mut().find(|record| record.iid == iid) else {
            return Ok(None);
        };
        change(record);
        record.updated_at = OffsetDateTime::now_utc();
        let changed = record.clone();
        json_file::write(&self.file, &*records)?;
        Ok(Some(changed))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<MergeRequestRecord>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MergeRequestRecord {
    fn is_open_twin(&self, other: &Self) -> bool {
        self.state == MergeRequestState::Opened
            && self.source_branch == other.source_branch
            && self.target_branch == other.target_branch
    }
}

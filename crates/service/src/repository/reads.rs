//! Reads of special kinds: a file beside the first round trip, pages, many files at once.

use gitlab::parse::TextFile;
use gitlab::{TreeQuery, parse};

use super::open::Prefetch;
use super::{Failure, ProjectAccess, Repository};
use crate::runtime::Runtime;
use crate::snapshot::{Entry, Snapshot};

impl<W: Runtime> Repository<'_, W> {
    /// As [`Self::open`], and reads a file at the branch's tip at the same time, so that it takes no round trip of its own.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub async fn open_with_file(
        &mut self,
        file: Option<&str>,
    ) -> Result<(ProjectAccess, Snapshot), Failure> {
        let prefetch = Prefetch {
            file,
            ..Prefetch::default()
        };
        let (mut opened, _) = self.authorize(prefetch).await?;
        let mut state = Snapshot::at_head_of(&opened);
        state.files = std::mem::take(&mut opened.files);
        Ok((opened, state))
    }

    /// Goes on with a project that was opened before.
    pub fn resume(&mut self, project_id: u64) {
        self.api = self.api.with_project_id(project_id);
        self.project_id = Some(project_id);
    }

    /// One page of a listing, and what to go on with.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn tree_page(
        &self,
        query: &TreeQuery,
        after: Option<&str>,
    ) -> Result<(Vec<Entry>, Option<String>), Failure> {
        let request = match after {
            Some(after) => self.api.tree_after(query, after),
            None => self.api.tree(query),
        };
        let parse = |answer: &_| parse::parse_tree(query, answer);
        let page = self.exchange.list(request, parse).await?;
        let entries = page.entries.into_iter().map(Entry::from);
        Ok((entries.collect(), page.next.and_then(|next| next.token())))
    }

    /// The texts of at most [`gitlab::api::FILES`] files at a commit.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn texts(
        &self,
        project: &str,
        head: &str,
        paths: &[String],
    ) -> Result<Vec<TextFile>, Failure> {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let request = self.api.texts(project, head, &paths);
        self.exchange.list(request, parse::parse_texts).await
    }
}

//! Which files a list shows.

use gitlab::TreeQuery;

use super::PIECE;
use crate::incoming::Query;
use crate::paths;
use crate::problem::{self, Problem};
use crate::read::name_of;
use crate::repository::Repository;
use crate::runtime::{MAX_PAGES, Runtime, too_many_pages};
use crate::snapshot::Entry;

/// Clusters of the largest page.
const MOST: usize = PIECE;

/// Entries that GitLab lists at a time.
const ENTRIES: usize = 100;

/// Query parameters of a request that select a page.
#[derive(Default)]
pub(super) struct PageQuery {
    size: Option<usize>,
    token: Option<PageToken>,
}

/// Where a page begins: behind what GitLab calls so, in the listing of this commit.
struct PageToken {
    head: String,
    after: String,
}

impl PageQuery {
    /// Reads `per_page` and `page_token`.
    ///
    /// # Errors
    /// A number out of range, or a token that is none of ours.
    pub(super) fn parse(query: &Query) -> Result<Self, Problem> {
        let size = query.get("per_page").map(size).transpose()?;
        let token = query.get("page_token").filter(|token| !token.is_empty());
        let token = token.map(PageToken::parse).transpose()?;
        // A token alone goes on in pages.
        let size = size.or_else(|| token.as_ref().map(|_| ENTRIES));
        Ok(Self { size, token })
    }

    /// The commit that the page is of.
    pub(super) fn head(&self) -> Option<&str> {
        self.token.as_ref().map(|token| &*token.head)
    }
}

fn size(text: &str) -> Result<usize, Problem> {
    let size = text.parse().ok().filter(|size| (1..=MOST).contains(size));
    size.ok_or_else(|| {
        let rule = format!("must be a number from 1 to {MOST}");
        problem::invalid_query("?per_page", &rule, "send such a number, or leave it out")
    })
}

impl PageToken {
    fn parse(text: &str) -> Result<Self, Problem> {
        let is_commit =
            |id: &str| [40, 64].contains(&id.len()) && id.bytes().all(|it| it.is_ascii_hexdigit());
        let is_place = |place: &str| {
            (1..=1_000).contains(&place.len()) && place.bytes().all(|it| it.is_ascii_graphic())
        };
        let parts = text.split_once('.');
        let parts = parts.filter(|(head, after)| is_commit(head) && is_place(after));
        let (head, after) = parts.ok_or_else(|| {
            problem::invalid_query(
                "?page_token",
                "is not a token that this service made",
                "send the next_page_token of the page before, or leave it out",
            )
        })?;
        Ok(Self {
            head: head.to_owned(),
            after: after.to_owned(),
        })
    }
}

/// The listing of the resource files, as far as it has been read.
pub(super) struct Listing {
    /// Entries that the page still has room for; `None` where everything is listed.
    left: Option<usize>,
    after: Option<String>,
    /// Pages that were read.
    pages: usize,
    is_at_end: bool,
}

impl Listing {
    pub(super) fn of(query: PageQuery) -> Self {
        Self {
            left: query.size,
            after: query.token.map(|token| token.after),
            pages: 0,
            is_at_end: false,
        }
    }

    pub(super) fn is_paged(&self) -> bool {
        self.left.is_some()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// Where the next page begins, if there is one.
    pub(super) fn next_page_token(&self, head: &str) -> Option<String> {
        let after = self.after.as_ref().filter(|_| self.is_paged())?;
        Some(format!("{head}.{after}"))
    }

    /// The resource files of the next piece.
    pub(super) async fn files<W: Runtime>(
        &mut self,
        repository: &Repository<'_, W>,
        head: &str,
    ) -> Result<Vec<Entry>, Problem> {
        let mut files = Vec::new();
        let mut listed = 0;
        while !self.is_at_end && listed < PIECE {
            if head.is_empty() {
                self.is_at_end = true;
                break;
            }
            if self.pages == MAX_PAGES {
                return Err(problem::gitlab_before_writing(
                    too_many_pages(paths::RESOURCE_FILES).into(),
                ));
            }
            self.pages += 1;
            let most = self.left.unwrap_or(ENTRIES).min(ENTRIES);
            let query = TreeQuery {
                path: paths::RESOURCE_FILES.to_owned(),
                reference: head.to_owned(),
                recursive: false,
                per_page: u8::try_from(most).unwrap_or(u8::MAX),
            };
            let (entries, after) = repository
                .tree_page(&query, self.after.as_deref())
                .await
                .map_err(problem::gitlab_before_writing)?;
            listed += entries.len();
            self.after = after;
            self.left = self.left.map(|left| left.saturating_sub(entries.len()));
            self.is_at_end = self.after.is_none() || self.left == Some(0);
            let is_no_folder = |entry: &Entry| entry.is_file || entry.is_submodule;
            let is_cluster = |entry: &Entry| is_no_folder(entry) && is_resource_file(&entry.path);
            files.extend(entries.into_iter().filter(is_cluster));
        }
        Ok(files)
    }
}

fn is_resource_file(path: &str) -> bool {
    name_of(path).is_some_and(paths::is_cluster_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kustomization_and_foreign_files_are_no_clusters() {
        let of = |name: &str| is_resource_file(&format!("{}/{name}", paths::RESOURCE_FILES));
        assert!(of("a-1.yaml"));
        assert!(!of("kustomization.yaml"));
        assert!(!of("README.md"));
        assert!(!of("folder/a.yaml"));
        assert!(!of("A.yaml"));
    }

    #[test]
    fn a_page_token_is_one_of_ours() {
        let head = "a".repeat(40);
        let token = PageToken::parse(&format!("{head}.b.c==")).unwrap();
        assert_eq!(
            (token.head, token.after),
            (head.clone(), "b.c==".to_owned())
        );
        let long = format!("{head}.{}", "x".repeat(1_001));
        for text in [
            "x",
            &head,
            &format!("{head}."),
            &format!("main.{head}"),
            &format!("{head}.a b"),
            &long,
        ] {
            assert!(PageToken::parse(text).is_err(), "{text}");
        }
        assert!(PageToken::parse(&format!("{head}.{}", "x".repeat(1_000))).is_ok());
    }

    #[test]
    fn pages_have_a_size() {
        assert_eq!(size("1").ok(), Some(1));
        assert_eq!(size("500").ok(), Some(500));
        for text in ["0", "501", "-1", "", "ten"] {
            assert_eq!(size(text).unwrap_err().status, 422, "{text}");
        }
    }
}

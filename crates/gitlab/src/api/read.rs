//! Reading the repository.

use http::Request;

use super::{ProjectApi, encode, uri};
use crate::model::NextPage;

/// Which part of the repository to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeQuery {
    /// The folder, from the root; empty for the root itself.
    pub path: String,
    /// A commit: a listing does not say which commit it shows, so a branch would be ambiguous.
    pub reference: String,
    /// With everything below.
    pub recursive: bool,
    /// At most 100.
    pub per_page: u8,
}

/// Which commits to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CommitsQuery<'a> {
    /// A branch, or the commit to begin at.
    pub reference: &'a str,
    /// At most 100.
    pub per_page: u8,
    /// Only those that changed this file, or something below this folder.
    pub path: Option<&'a str>,
}

impl ProjectApi {
    /// The project: its number, default branch and the caller's membership.
    #[must_use]
    pub fn project(&self) -> Request<Vec<u8>> {
        self.get(&self.below_project(""), &[])
    }

    /// A branch: its head and whether the caller may push.
    #[must_use]
    pub fn branch(&self, name: &str) -> Request<Vec<u8>> {
        let path = format!("/repository/branches/{}", encode(name));
        self.get(&self.below_project(&path), &[])
    }

    /// The bytes of a file at a commit or branch.
    #[must_use]
    pub fn raw_file(&self, path: &str, reference: &str) -> Request<Vec<u8>> {
        let path = format!("/repository/files/{}/raw", encode(path));
        self.get(&self.below_project(&path), &[("ref", reference)])
    }

    /// The first page of a listing.
    #[must_use]
    pub fn tree(&self, query: &TreeQuery) -> Request<Vec<u8>> {
        self.listing(query, ("pagination", "keyset"))
    }

    /// A page of a listing by its number, from 1: several can be asked for at once. One behind the last is empty.
    #[must_use]
    pub fn tree_page(&self, query: &TreeQuery, page: usize) -> Request<Vec<u8>> {
        self.listing(query, ("page", &page.to_string()))
    }

    fn listing(&self, query: &TreeQuery, paging: (&str, &str)) -> Request<Vec<u8>> {
        let per_page = query.per_page.clamp(1, 100).to_string();
        let mut parameters = vec![
            ("ref", query.reference.as_str()),
            paging,
            ("per_page", per_page.as_str()),
        ];
        if !query.path.is_empty() {
            parameters.push(("path", query.path.as_str()));
        }
        if query.recursive {
            parameters.push(("recursive", "true"));
        }
        self.get(&self.below_project("/repository/tree"), &parameters)
    }

    /// The page of a listing that follows the one whose [`NextPage::token`] this is.
    #[must_use]
    pub fn tree_after(&self, query: &TreeQuery, token: &str) -> Request<Vec<u8>> {
        let mut request = self.tree(query);
        let path = self.below_project("/repository/tree");
        let first = request.uri().query().unwrap_or_default().to_owned();
        *request.uri_mut() = uri(
            &self.root,
            &format!("{path}?{first}&page_token={}", encode(token)),
            &[],
        );
        request
    }

    /// The next page. Only the query of GitLab's link is used: the token never goes to another
    /// origin or project, and a GitLab that is reached by another name than its own still works.
    #[must_use]
    pub fn next_page(&self, next: &NextPage) -> Request<Vec<u8>> {
        let path = self.below_project(&format!("/repository/tree?{}", next.query));
        self.get(&path, &[])
    }

    /// Commits, newest first.
    #[must_use]
    pub fn commits(&self, query: &CommitsQuery<'_>) -> Request<Vec<u8>> {
        let per_page = query.per_page.clamp(1, 100).to_string();
        let mut parameters = vec![("ref_name", query.reference), ("per_page", &per_page)];
        parameters.extend(query.path.map(|path| ("path", path)));
        self.get(&self.below_project("/repository/commits"), &parameters)
    }

    /// Asks for the commits that one commit has and another has not, and for their changes.
    #[must_use]
    pub fn compare(&self, from: &str, to: &str) -> Request<Vec<u8>> {
        self.get(
            &self.below_project("/repository/compare"),
            &[("from", from), ("to", to)],
        )
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::token::GitLabToken;

    fn api(base: &str, project: &str) -> ProjectApi {
        ProjectApi::new(base, project, GitLabToken::new("glpat-canary").unwrap()).unwrap()
    }

    #[test]
    fn addresses() {
        let api = api("https://g.example/git", "/group/sub/tenant-1/");
        let id = api.with_project_id(42);
        let query = TreeQuery {
            path: "tenant/production".to_owned(),
            reference: "abc".to_owned(),
            recursive: true,
            per_page: 100,
        };
        let root = TreeQuery {
            path: String::new(),
            recursive: false,
            per_page: 200,
            ..query.clone()
        };
        let next = NextPage {
            query: "page_token=t%3D&per_page=100".to_owned(),
        };
        let newest = CommitsQuery {
            reference: "main",
            per_page: 20,
            ..CommitsQuery::default()
        };
        let of_a_file = CommitsQuery {
            path: Some("a/b.yaml"),
            ..newest
        };
        for (request, uri) in [
            (api.project(), "/projects/group%2Fsub%2Ftenant-1"),
            (id.project(), "/projects/42"),
            (
                id.branch("release/1.0"),
                "/projects/42/repository/branches/release%2F1.0",
            ),
            (
                id.raw_file("nautes/a b.yaml", "abc"),
                "/projects/42/repository/files/nautes%2Fa%20b.yaml/raw?ref=abc",
            ),
            (
                id.tree(&query),
                "/projects/42/repository/tree?ref=abc&pagination=keyset&per_page=100&path=tenant%2Fproduction&recursive=true",
            ),
            (
                id.tree(&root),
                "/projects/42/repository/tree?ref=abc&pagination=keyset&per_page=100",
            ),
            (
                id.tree_page(&query, 3),
                "/projects/42/repository/tree?ref=abc&page=3&per_page=100&path=tenant%2Fproduction&recursive=true",
            ),
            (
                id.next_page(&next),
                "/projects/42/repository/tree?page_token=t%3D&per_page=100",
            ),
            (
                id.commits(&newest),
                "/projects/42/repository/commits?ref_name=main&per_page=20",
            ),
            (
                id.commits(&of_a_file),
                "/projects/42/repository/commits?ref_name=main&per_page=20&path=a%2Fb.yaml",
            ),
            (
                id.compare("a", "b"),
                "/projects/42/repository/compare?from=a&to=b",
            ),
        ] {
            assert_eq!(request.method(), Method::GET);
            assert_eq!(
                request.uri().to_string(),
                format!("https://g.example/git/api/v4{uri}")
            );
            assert!(request.body().is_empty());
        }
    }

    #[test]
    fn every_request_is_authorised_and_shows_no_token() {
        let request = api("https://g.example", "7").project();
        assert_eq!(request.headers()["authorization"], "Bearer glpat-canary");
        assert_eq!(request.headers()["accept"], "application/json");
        assert!(
            request.headers()["user-agent"]
                .to_str()
                .unwrap()
                .starts_with("nautes-clusters/")
        );
        assert!(!request.headers().contains_key("content-type"));
        assert!(!format!("{request:?} {:?}", api("https://g.example", "7")).contains("canary"));
    }
}

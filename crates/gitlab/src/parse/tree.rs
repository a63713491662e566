//! Listings.

use http::StatusCode;
use http::header::LINK;

use super::{Answer, json};
use crate::api::TreeQuery;
use crate::error::{CallKind, Error};
use crate::model::{NextPage, TreeEntry, TreePage};
use crate::text::read;

/// A folder that does not exist, since GitLab 17.7; before, it is an empty listing.
const NO_SUCH_PATH: &str = "404 invalid revision or path Not Found";

/// Answer to [`crate::ProjectApi::tree`] with this query, and to [`crate::ProjectApi::next_page`] after it.
pub fn parse_tree(query: &TreeQuery, answer: &Answer) -> Result<TreePage, Error> {
    if answer.status() == StatusCode::NOT_FOUND && read(answer.body()).text == NO_SUCH_PATH {
        return Ok(TreePage::default());
    }
    let entries: Vec<TreeEntry> = json(CallKind::Read, answer)?;
    // Some releases name a next page whatever the length of this one.
    let full = entries.len() >= usize::from(query.per_page.clamp(1, 100));
    let next = if full { next(answer) } else { None };
    Ok(TreePage { entries, next })
}

/// The query of the link with `rel="next"` (RFC 8288).
fn next(answer: &Answer) -> Option<NextPage> {
    answer
        .headers()
        .get_all(LINK)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(", <"))
        .find_map(|link| {
            let (url, parameters) = link.trim_start_matches('<').split_once('>')?;
            parameters.contains("rel=\"next\"").then_some(())?;
            let (_, query) = url.split_once('?')?;
            let query = query.split('#').next().unwrap_or_default().to_owned();
            Some(NextPage { query })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EntryKind;
    use http::Response;

    fn query(per_page: u8) -> TreeQuery {
        TreeQuery {
            path: "a".to_owned(),
            reference: "c".to_owned(),
            recursive: true,
            per_page,
        }
    }

    fn answer(status: u16, link: Option<&str>, body: &str) -> Answer {
        let mut response = Response::builder().status(status);
        if let Some(link) = link {
            response = response.header("link", link);
        }
        response.body(body.as_bytes().to_vec()).unwrap()
    }

    const ENTRY: &str =
        r#"[{"id":"e69de29b","name":"b","type":"blob","path":"a/b","mode":"100644"}]"#;

    #[test]
    fn a_page_with_a_next_one() {
        let link = r#"<https://g.example/api/v4/projects/7/repository/tree?id=7&page_token=x%3D&per_page=1>; rel="next", <https://g.example/first?page=1>; rel="first""#;
        let page = parse_tree(&query(1), &answer(200, Some(link), ENTRY)).unwrap();
        assert_eq!(page.entries.len(), 1);
        assert_eq!(page.entries[0].kind, EntryKind::Blob);
        assert_eq!(page.entries[0].path, "a/b");
        assert_eq!(page.next.unwrap().query, "id=7&page_token=x%3D&per_page=1");
    }

    #[test]
    fn the_last_page() {
        let first = r#"<https://g.example/t?page=1>; rel="first""#;
        let next = r#"<https://g.example/t?page=2>; rel="next""#;
        for (per_page, link) in [(1, None), (1, Some(first)), (2, Some(next))] {
            let page = parse_tree(&query(per_page), &answer(200, link, ENTRY)).unwrap();
            assert_eq!(page.next, None);
        }
    }

    #[test]
    fn a_page_is_full_with_as_many_as_gitlab_gives() {
        let next = r#"<https://g.example/first?page=1>; rel="first", <https://g.example/t?page_token=x#top>; rel="next""#;
        let entries = |count| {
            format!(
                "[{}]",
                vec![ENTRY.trim_matches(['[', ']']); count].join(",")
            )
        };
        for (per_page, count, is_full) in [(200, 100, true), (200, 99, false), (0, 1, true)] {
            let answer = answer(200, Some(next), &entries(count));
            let next = parse_tree(&query(per_page), &answer).unwrap().next;
            let query = next.map(|it| it.query);
            assert_eq!(query.as_deref(), is_full.then_some("page_token=x"));
        }
    }

    #[test]
    fn nothing_else_is_a_folder_that_does_not_exist() {
        let words = format!(r#"{{"message":"{NO_SUCH_PATH}"}}"#);
        for (status, body) in [
            (404, r#"{"message":"404 Tree Not Found"}"#),
            (404, ""),
            (200, &words),
        ] {
            let page = parse_tree(&query(100), &answer(status, None, body));
            assert!(page.is_err(), "{status} {body}: {page:?}");
        }
    }

    #[test]
    fn a_folder_that_does_not_exist_is_empty_in_every_release() {
        for (status, body) in [
            (200, "[]"),
            (
                404,
                r#"{"message":"404 invalid revision or path Not Found"}"#,
            ),
        ] {
            let page = parse_tree(&query(100), &answer(status, None, body));
            assert_eq!(page, Ok(TreePage::default()));
        }
    }
}

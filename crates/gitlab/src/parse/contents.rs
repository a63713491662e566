//! Files with what is told beside their content.

use serde::Deserialize;

use super::{Answer, json, parse_file};
use crate::error::{CallKind, Error, unreadable};

/// A file at the tip of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TipFile {
    /// The commit that the branch had; `None` where GitLab did not tell, or where there is no such file.
    pub commit: Option<String>,
    /// `None` where there is no such file.
    pub content: Option<Vec<u8>>,
}

/// A file's text and the id of its blob.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TextFile {
    /// From the root of the repository.
    pub path: String,
    /// The blob's id.
    #[serde(rename = "oid")]
    pub id: String,
    /// `None` for a binary file.
    #[serde(rename = "rawTextBlob")]
    pub text: Option<String>,
}

/// Answer to [`crate::ProjectApi::raw_file`] of a branch, with the commit at its tip.
pub fn parse_tip_file(answer: &Answer) -> Result<TipFile, Error> {
    let content = parse_file(answer)?;
    let commit = super::header(answer, "x-gitlab-commit-id");
    Ok(TipFile {
        commit: commit.filter(|_| content.is_some()).map(str::to_owned),
        content,
    })
}

/// Answer to [`crate::ProjectApi::texts`]. A file that is not there is missing. GitLab's GraphQL tells of failures in an
/// answer of status 200, without data.
pub fn parse_texts(answer: &Answer) -> Result<Vec<TextFile>, Error> {
    #[derive(Deserialize)]
    struct GraphQlBody {
        data: Option<GraphQlData>,
    }
    #[derive(Deserialize)]
    struct GraphQlData {
        project: Option<GraphQlProject>,
    }
    #[derive(Deserialize)]
    struct GraphQlProject {
        repository: Option<GraphQlRepository>,
    }
    #[derive(Deserialize)]
    struct GraphQlRepository {
        blobs: BlobNodes,
    }
    #[derive(Deserialize)]
    struct BlobNodes {
        nodes: Vec<TextFile>,
    }

    let body: GraphQlBody = json(CallKind::Read, answer)?;
    let project = body.data.and_then(|data| data.project);
    let repository = project.and_then(|project| project.repository);
    let repository = repository.ok_or_else(|| unreadable(CallKind::Read, answer))?;
    Ok(repository.blobs.nodes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Response;

    fn answer(status: u16, body: &str) -> Answer {
        let response = Response::builder().status(status);
        let response = response.header("x-gitlab-commit-id", "c1");
        response.body(body.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_file_tells_the_commit_it_was_read_at() {
        let file = parse_tip_file(&answer(200, "a: 1\n")).unwrap();
        assert_eq!(file.commit.as_deref(), Some("c1"));
        assert_eq!(file.content.as_deref(), Some(&b"a: 1\n"[..]));
        let missing = parse_tip_file(&answer(404, r#"{"message":"404 File Not Found"}"#));
        let none = TipFile {
            commit: None,
            content: None,
        };
        assert_eq!(missing, Ok(none));
    }

    #[test]
    fn texts_and_their_failures() {
        let nodes = r#"{"data":{"project":{"repository":{"blobs":{"nodes":[
            {"path":"a.yaml","oid":"1","rawTextBlob":"a: 1\n"},{"path":"b","oid":"2","rawTextBlob":null}]}}}}}"#;
        let texts = parse_texts(&answer(200, nodes)).unwrap();
        assert_eq!(texts[0].text.as_deref(), Some("a: 1\n"));
        assert_eq!((texts[1].id.as_str(), &texts[1].text), ("2", &None));
        for body in [
            r#"{"errors":[{"message":"Query has complexity of 300"}]}"#,
            r#"{"data":{"project":null}}"#,
            r#"{"data":{"project":{"repository":null}}}"#,
            "<html>",
        ] {
            let error = parse_texts(&answer(200, body));
            assert!(
                matches!(error, Err(Error::Unavailable { .. })),
                "{body} {error:?}"
            );
        }
    }
}

use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

use super::GitLabProblem;
use super::params::RequestParams;
use crate::state::GitLabState;

const DEFAULT_SIZE: usize = 20;
const LARGEST_SIZE: usize = 100;

/// The page a request asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageRequest {
    pub(crate) number: usize,
    pub(crate) size: usize,
}

/// Builds the links of a listing to its other pages.
pub(crate) struct PageLinks<'a> {
    base: String,
    params: &'a RequestParams,
}

impl PageRequest {
    pub(crate) fn of(params: &RequestParams) -> Result<Self, GitLabProblem> {
        let number = params.positive("page", 1)?;
        let size = params.positive("per_page", DEFAULT_SIZE)?.min(LARGEST_SIZE);
        Ok(Self { number, size })
    }

    pub(crate) fn offset(self) -> usize {
        (self.number - 1).saturating_mul(self.size)
    }

    /// Cuts this page out of a complete listing, with the headers that count it.
    pub(crate) fn take<T>(self, items: Vec<T>, links: &PageLinks<'_>) -> (HeaderMap, Vec<T>) {
        let total = items.len();
        let pages = total.div_ceil(self.size).max(1);
        let mut headers = self.headers(self.number < pages, Some(pages), links);
        insert(&mut headers, "x-total", &total.to_string());
        insert(&mut headers, "x-total-pages", &pages.to_string());
        (
            headers,
            items
                .into_iter()
                .skip(self.offset())
                .take(self.size)
                .collect(),
        )
    }

    /// The headers of a page of a listing whose length is not counted.
    pub(crate) fn uncounted(self, more: bool, links: &PageLinks<'_>) -> HeaderMap {
        self.headers(more, None, links)
    }

    fn headers(self, more: bool, last: Option<usize>, links: &PageLinks<'_>) -> HeaderMap {
        let previous = (self.number > 1).then(|| self.number - 1);
        let next = more.then_some(self.number + 1);
        let text = |page: Option<usize>| page.map_or(String::new(), |page| page.to_string());
        let mut headers = HeaderMap::new();
        insert(&mut headers, "x-page", &self.number.to_string());
        insert(&mut headers, "x-per-page", &self.size.to_string());
        insert(&mut headers, "x-prev-page", &text(previous));
        insert(&mut headers, "x-next-page", &text(next));
        let relations = [
            ("prev", previous),
            ("next", next),
            ("first", Some(1)),
            ("last", last),
        ];
        let pages = relations
            .into_iter()
            .filter_map(|(relation, page)| Some((relation, page?)));
        let link = pages
            .map(|(relation, page)| {
                links.to(
                    relation,
                    &[
                        ("page", &page.to_string()),
                        ("per_page", &self.size.to_string()),
                    ],
                )
            })
            .collect::<Vec<_>>();
        insert(&mut headers, "link", &link.join(", "));
        headers
    }
}

impl<'a> PageLinks<'a> {
    /// Links on the host the client addressed.
    pub(crate) fn new(
        app: &GitLabState,
        uri: &Uri,
        headers: &HeaderMap,
        params: &'a RequestParams,
    ) -> Self {
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let origin = host.map_or_else(
            || app.url.clone(),
            |host| format!("{}://{host}{}", app.scheme(), app.prefix),
        );
        Self {
            base: format!("{origin}{}", uri.path()),
            params,
        }
    }

    /// A link to this listing with some parameters replaced. A token never becomes part of it.
    pub(crate) fn to(&self, relation: &str, replaced: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let kept = |name: &str| {
            name != "private_token" && replaced.iter().all(|(other, _)| *other != name)
        };
        for (name, value) in self.params.pairs().filter(|(name, _)| kept(name)) {
            query.append_pair(name, &value);
        }
        query.extend_pairs(replaced);
        format!("<{}?{}>; rel=\"{relation}\"", self.base, query.finish())
    }
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

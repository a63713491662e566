//! One request of a browser, taken apart.

use std::collections::BTreeMap;

use gather::Gather as _;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method};
use service::runtime::{Request, Runtime};

use crate::backend::Api;
use crate::draft::Draft;
use crate::origin::Origin;
use crate::seal::{Purpose, Sealer};
use crate::session::{LIFETIME, Session};
use crate::settings::ConsoleSettings;

/// A form that is kept by the browser, sealed.
#[derive(serde::Serialize, serde::Deserialize)]
struct KeptDraft {
    draft: Draft,
    ends: u64,
}

/// A request and what it is answered with.
pub(crate) struct Visit<'a, R> {
    pub(crate) runtime: &'a R,
    pub(crate) settings: &'a ConsoleSettings,
    pub(crate) key: &'a [u8; 32],
    pub(crate) origin: Origin,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) path: String,
    /// Path and query, as they were sent.
    pub(crate) address: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) form: BTreeMap<String, String>,
    pub(crate) now: u64,
}

impl<'a, R: Runtime> Visit<'a, R> {
    pub(crate) fn new(
        runtime: &'a R,
        settings: &'a ConsoleSettings,
        key: &'a [u8; 32],
        request: Request,
    ) -> Self {
        let (parts, body) = request.into_parts();
        Self {
            runtime,
            settings,
            key,
            origin: Origin::of(settings, &parts.headers),
            method: parts.method,
            path: parts.uri.path().to_owned(),
            address: parts
                .uri
                .path_and_query()
                .map_or("/", PathAndQuery::as_str)
                .to_owned(),
            query: pairs(parts.uri.query().unwrap_or_default().as_bytes()),
            form: pairs(&body),
            headers: parts.headers,
            now: runtime.now(),
        }
    }

    pub(crate) fn is_post(&self) -> bool {
        self.method == Method::POST
    }

    pub(crate) fn sealer(&self) -> Sealer<'a> {
        Sealer { key: self.key }
    }

    pub(crate) fn random(&self) -> u64 {
        self.runtime.random()
    }

    /// Who is logged in.
    pub(crate) fn session(&self) -> Option<Session> {
        Session::of(&self.sealer(), &self.headers, self.now)
    }

    /// A client of the API for a session.
    pub(crate) fn api(&'a self, session: &'a Session) -> Api<'a, R> {
        Api {
            runtime: self.runtime,
            token: &session.token,
            headers: &self.headers,
        }
    }

    /// A parameter of the query; empty where it is absent.
    pub(crate) fn query(&self, name: &str) -> &str {
        self.query.get(name).map(String::as_str).unwrap_or_default()
    }

    /// A field of the form; empty where it is absent.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.form.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Merges the typed fields over those that earlier steps have kept.
    pub(crate) fn draft(&self) -> Draft {
        let kept: Option<KeptDraft> = self.sealer().open(Purpose::Draft, self.field("draft"));
        let kept = kept.filter(|kept| kept.ends > self.now);
        Draft::merge(&self.form, kept.map(|kept| kept.draft))
    }

    /// A form, sealed for the browser to keep.
    pub(crate) fn keep(&self, draft: Draft) -> String {
        let kept = KeptDraft {
            draft,
            ends: self.now + LIFETIME,
        };
        self.sealer()
            .seal(Purpose::Draft, &kept, || self.random())
            .unwrap_or_default()
    }
}

fn pairs(text: &[u8]) -> BTreeMap<String, String> {
    let pairs = form_urlencoded::parse(text);
    pairs
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .gather()
}

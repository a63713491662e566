//! One request, one answer, one line in the log.

use std::time::Duration;

use http::HeaderValue;
use http::header::ACCEPT;
use kubernetes::api::ListQuery;
use kubernetes::error::WriteConflict;
use kubernetes::parse::Page;
use kubernetes::{Error, Kind, Target, Verb, parse, parse_list};
use serde_json::Value;

use super::{Failure, Management};
use crate::runtime::{
    AnswerLimit, MAX_PAGES, Opened, Request, Response, Runtime, TransportError, too_many_pages,
};

/// How often a request is repeated that failed for the moment. Every request here may be repeated.
const ATTEMPTS: u32 = 3;
/// No longer wait is taken; a server that asks for more is reported.
const PATIENCE: u64 = 5;

/// The media type of a list without specs and data.
const METADATA: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// Reads an answer and keeps what it says. One type for all answers: the compiler would otherwise make a
/// copy of the retries for each.
type Read<'p> = &'p mut dyn FnMut(&Response) -> Result<(), Error>;

impl<W: Runtime> Management<'_, W> {
    /// Reads metadata; `None` where there is no such object.
    pub(super) async fn metadata(&self, target: &Target) -> Result<Option<Value>, Failure> {
        self.found(self.api.get_metadata(target), target).await
    }

    /// Reads an object; `None` where there is no such object.
    pub(super) async fn object(&self, target: &Target) -> Result<Option<Value>, Failure> {
        self.found(self.api.get(target), target).await
    }

    pub(super) async fn found(
        &self,
        request: Request,
        target: &Target,
    ) -> Result<Option<Value>, Failure> {
        match self.ask(request, Verb::Get, target, parse).await {
            Ok(object) => Ok(Some(object)),
            Err(Failure::Answer {
                error: Error::NotFound { .. } | Error::KindMissing,
                ..
            }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Reads every page of a list.
    pub(super) async fn list(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        label_selector: Option<&str>,
    ) -> Result<Vec<Value>, Failure> {
        let list = self.whole_list(kind, namespace, label_selector).await;
        list.map(|list| list.items)
    }

    /// The same with its version, from which a watch goes on.
    pub(super) async fn whole_list(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        label_selector: Option<&str>,
    ) -> Result<Page, Failure> {
        self.pages(kind, namespace, label_selector, None).await
    }

    /// The same, metadata alone: of Secrets, nothing that is secret leaves the API server.
    pub(super) async fn list_metadata(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        label_selector: Option<&str>,
    ) -> Result<Vec<Value>, Failure> {
        let list = self.pages(kind, namespace, label_selector, Some(METADATA));
        list.await.map(|list| list.items)
    }

    /// Reads one page of metadata.
    pub(super) async fn metadata_page(
        &self,
        kind: &Kind,
        query: &ListQuery<'_>,
    ) -> Result<Page, Failure> {
        self.page(kind, query, Some(METADATA)).await
    }

    async fn page(
        &self,
        kind: &Kind,
        query: &ListQuery<'_>,
        accept: Option<&'static str>,
    ) -> Result<Page, Failure> {
        let target = kind.target(query.namespace.unwrap_or("all namespaces"), "");
        let mut request = AnswerLimit::PAGE.on(self.api.list(kind, query));
        if let Some(accept) = accept {
            let accept = HeaderValue::from_static(accept);
            request.headers_mut().insert(ACCEPT, accept);
        }
        self.ask(request, Verb::List, &target, parse_list).await
    }

    async fn pages(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        label_selector: Option<&str>,
        accept: Option<&'static str>,
    ) -> Result<Page, Failure> {
        let mut items = Vec::new();
        let mut restarts = 2;
        let mut continue_from: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let query = ListQuery {
                namespace,
                label_selector,
                continue_from: continue_from.as_deref(),
            };
            let mut page: Page = match self.page(kind, &query, accept).await {
                // The list changed for too long between two pages: from the beginning.
                Err(Failure::Answer {
                    error: Error::Expired,
                    ..
                }) if continue_from.is_some() && restarts > 0 => {
                    restarts -= 1;
                    items.clear();
                    continue_from = None;
                    continue;
                }
                page => page?,
            };
            items.append(&mut page.items);
            if page.continue_from.is_none() {
                return Ok(Page { items, ..page });
            }
            continue_from = page.continue_from;
        }
        let target = kind.target(namespace.unwrap_or("all namespaces"), "");
        Err(no_answer(too_many_pages(kind.plural), Verb::List, &target))
    }

    /// Sends a request, repeats it where the API server is out of order for a moment.
    pub(super) async fn ask<T>(
        &self,
        request: Request,
        verb: Verb,
        target: &Target,
        parse: impl Fn(&Response) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let mut parsed = None;
        let mut read = |answer: &Response| parse(answer).map(|value| parsed = Some(value));
        self.repeat(request, verb, target, &mut read).await?;
        parsed.ok_or_else(|| {
            let error = TransportError::Broken("the answer was not read".into());
            no_answer(error, verb, target)
        })
    }

    async fn repeat(
        &self,
        request: Request,
        verb: Verb,
        target: &Target,
        read: Read<'_>,
    ) -> Result<(), Failure> {
        let mut attempt = 1;
        loop {
            let result = self
                .send(request.clone(), attempt, verb, target, read)
                .await;
            let pause = match &result {
                Err(Failure::Answer { error, .. }) => pause(error, verb, attempt),
                Err(Failure::NoAnswer {
                    error: TransportError::Broken(_),
                    ..
                }) => Some(back_off(attempt)),
                _ => None,
            };
            let Some(pause) = pause.filter(|_| attempt < ATTEMPTS) else {
                return result;
            };
            self.runtime.sleep(pause).await;
            attempt += 1;
        }
    }

    /// Begins to watch, once: whoever watches goes on in another way where that does not succeed.
    pub(super) async fn open(
        &self,
        mut request: Request,
        target: &Target,
    ) -> Result<W::Stream, Failure> {
        let journal = &self.caller.journal;
        let sent = journal.send(self.runtime, "kubernetes.watch", None, &mut request);
        let (status, result) = match self.runtime.open(request).await {
            Ok(Opened::Stream(stream)) => (Some(200), Ok(stream)),
            Ok(Opened::Refused(answer)) => {
                let refused = Failure::Answer {
                    error: parse(&answer).err().unwrap_or(Error::Expired),
                    verb: Verb::Watch,
                    target: Box::new(target.clone()),
                };
                (Some(answer.status().as_u16()), Err(refused))
            }
            Err(error) => (None, Err(no_answer(error, Verb::Watch, target))),
        };
        let error = result.as_ref().err().map(ToString::to_string);
        journal.arrived(self.runtime, sent, status, error);
        result
    }

    async fn send(
        &self,
        mut request: Request,
        attempt: u32,
        verb: Verb,
        target: &Target,
        read: Read<'_>,
    ) -> Result<(), Failure> {
        let journal = &self.caller.journal;
        let sent = journal.send(self.runtime, step(verb), Some(attempt), &mut request);
        let answer = self.runtime.send(request).await;
        let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
        let result = match answer {
            Ok(answer) => read(&answer).map_err(|error| Failure::Answer {
                error,
                verb,
                target: Box::new(target.clone()),
            }),
            Err(error) => Err(no_answer(error, verb, target)),
        };
        let error = result.as_ref().err().map(ToString::to_string);
        journal.arrived(self.runtime, sent, status, error);
        result
    }
}

/// Names of steps are for logs and `Server-Timing`.
fn step(verb: Verb) -> &'static str {
    match verb {
        Verb::Get | Verb::List => "kubernetes.read",
        Verb::Delete => "kubernetes.delete",
        _ => "kubernetes.apply",
    }
}

fn no_answer(error: TransportError, verb: Verb, target: &Target) -> Failure {
    Failure::NoAnswer {
        error,
        verb,
        target: Box::new(target.clone()),
    }
}

/// How long to wait before a request is repeated; `None` where that would not help.
fn pause(error: &Error, verb: Verb, attempt: u32) -> Option<Duration> {
    match error {
        Error::TooManyRequests { retry_after } | Error::Unavailable { retry_after, .. } => {
            match retry_after {
                Some(seconds) if *seconds > PATIENCE => None,
                Some(seconds) => Some(Duration::from_secs(*seconds)),
                None => Some(back_off(attempt)),
            }
        }
        // Somebody changed or created the object in the same moment. What was to be new stays refused.
        Error::Conflict(_) if verb == Verb::Create => None,
        Error::Conflict(WriteConflict::Changed { .. } | WriteConflict::AlreadyExists) => {
            Some(back_off(attempt))
        }
        _ => None,
    }
}

fn back_off(attempt: u32) -> Duration {
    Duration::from_millis(200) * attempt
}

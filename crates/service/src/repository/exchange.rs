//! One request, one answer, one line in the log.

use std::time::Duration;

use gitlab::TokenKind;

use crate::incoming::Caller;
use crate::runtime::{AnswerLimit, Request, Response, Runtime, TransportError};

use super::Failure;

/// Sends requests in the caller's name.
pub struct Exchange<'a, W> {
    pub(crate) runtime: &'a W,
    pub(crate) caller: &'a Caller,
    /// The step that the requests belong to, where it is not `gitlab.read` or `gitlab.commit`.
    step: Option<&'static str>,
}

impl<'a, W> Exchange<'a, W> {
    pub(crate) fn new(runtime: &'a W, caller: &'a Caller) -> Self {
        Self {
            runtime,
            caller,
            step: None,
        }
    }

    /// The same for requests of another step.
    pub(crate) fn step(&self, step: &'static str) -> Self {
        Self {
            step: Some(step),
            ..Self::new(self.runtime, self.caller)
        }
    }
}

/// How often a read is repeated that GitLab answered with a passing failure.
const READS: u32 = 3;
/// Between these repetitions.
const PAUSE: Duration = Duration::from_millis(200);
/// No longer wait for a rate limit is taken, in seconds; one that asks for more is reported.
const PATIENCE: u64 = 5;

/// Reads an answer and keeps what it says; the retries need to know only whether it was one. One type
/// for all answers: the compiler would otherwise make a copy of the retries for each.
type Read<'p> = &'p mut dyn FnMut(&Response) -> Result<(), gitlab::Error>;

impl<W: Runtime> Exchange<'_, W> {
    /// Sends a read; repeats it a little where GitLab is out of order for a moment.
    pub(crate) async fn get<T>(
        &self,
        request: Request,
        parse: impl Fn(&Response) -> Result<T, gitlab::Error>,
    ) -> Result<T, Failure> {
        let mut parsed = None;
        let mut read = |answer: &Response| parse(answer).map(|value| parsed = Some(value));
        self.repeat(request, &mut read).await?;
        parsed.ok_or_else(nothing_read)
    }

    /// The same for an answer that lists things, which may be larger.
    pub(crate) async fn list<T>(
        &self,
        request: Request,
        parse: impl Fn(&Response) -> Result<T, gitlab::Error>,
    ) -> Result<T, Failure> {
        self.get(AnswerLimit::PAGE.on(request), parse).await
    }

    /// Sends a request once.
    pub(crate) async fn once<T>(
        &self,
        request: Request,
        parse: impl Fn(&Response) -> Result<T, gitlab::Error>,
    ) -> Result<T, Failure> {
        let mut parsed = None;
        let mut read = |answer: &Response| parse(answer).map(|value| parsed = Some(value));
        let step = self.step.unwrap_or("gitlab.commit");
        self.send(request, step, None, &mut read).await?;
        parsed.ok_or_else(nothing_read)
    }

    async fn repeat(&self, request: Request, read: Read<'_>) -> Result<(), Failure> {
        let step = self.step.unwrap_or("gitlab.read");
        let mut attempt = 1;
        loop {
            let result = self.send(request.clone(), step, Some(attempt), read).await;
            let pause = match &result {
                Err(
                    Failure::Answer(gitlab::Error::Unavailable { .. })
                    | Failure::Transport(TransportError::Broken(_)),
                ) => PAUSE * attempt,
                Err(Failure::Answer(gitlab::Error::RateLimited { retry_after })) => {
                    let seconds = retry_after.unwrap_or(1);
                    if seconds > PATIENCE {
                        return result;
                    }
                    Duration::from_secs(seconds)
                }
                _ => return result,
            };
            if attempt >= READS {
                return result;
            }
            self.runtime.sleep(pause).await;
            attempt += 1;
        }
    }

    /// GitLab does not say that a token is none for its API, but the token's beginning tells.
    fn with_kind(&self, error: gitlab::Error) -> gitlab::Error {
        use gitlab::{Error, TokenProblem};
        let Some(kind) = TokenKind::of(&self.caller.token) else {
            return error;
        };
        match error {
            Error::Unauthenticated {
                problem: TokenProblem::Invalid,
                text,
            } => Error::Unauthenticated {
                problem: TokenProblem::Kind(kind),
                text,
            },
            Error::Forbidden { text } => Error::Forbidden {
                text: format!("{text} (the token is {kind}, which may not do this)"),
            },
            error => error,
        }
    }

    async fn send(
        &self,
        mut request: Request,
        step: &'static str,
        attempt: Option<u32>,
        read: Read<'_>,
    ) -> Result<(), Failure> {
        let journal = &self.caller.journal;
        let sent = journal.send(self.runtime, step, attempt, &mut request);
        let answer = self.runtime.send(request).await;
        let result = match &answer {
            Ok(answer) => read(answer).map_err(|error| Failure::Answer(self.with_kind(error))),
            Err(error) => Err(Failure::Transport(error.clone())),
        };
        let status = answer.ok().map(|answer| answer.status().as_u16());
        let error = result.as_ref().err().map(ToString::to_string);
        journal.arrived(self.runtime, sent, status, error);
        result
    }
}

/// Not reached: a parser that succeeds has a value.
fn nothing_read() -> Failure {
    Failure::Transport(TransportError::Broken("the answer was not read".into()))
}

//! Outgoing HTTP, time and randomness from WASI.

use std::pin::pin;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures::future::{Either, select};
use http_body_util::BodyExt as _;
use service::KnownCallers;
use service::incoming::{REQUEST_TIME, limit_to_report, time_left};
use service::log::Event;
use service::runtime::{AnswerLimit, Opened, Pieces, Request, Response, Runtime, TransportError};
use service::settings::DEFAULT_TIMEOUT;
use spin_sdk::wasip3::http::types::ErrorCode;

use crate::exchange::{NoAnswer, begin, whole};
use crate::{Answer, Body};

/// Of this instance, as long as it lives.
static CALLERS: KnownCallers = KnownCallers::new();

/// The runtime as WASI shows it.
#[derive(Clone)]
pub struct Wasi {
    /// Time limit for one outgoing request, from its start to the end of its answer.
    pub timeout: Duration,
    /// When the request has to be over, since its start; `None` for what goes on as long as somebody listens.
    pub deadline: Option<Duration>,
    started: Instant,
}

impl Default for Wasi {
    /// With the time limit that applies where none is set.
    fn default() -> Self {
        Self::new(DEFAULT_TIMEOUT)
    }
}

impl Wasi {
    /// With this time limit.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            deadline: Some(REQUEST_TIME),
            started: Instant::now(),
        }
    }
}

impl Wasi {
    /// The same for an answer that goes on as long as somebody listens.
    #[must_use]
    pub fn endless(&self) -> Self {
        Self {
            deadline: None,
            ..self.clone()
        }
    }
}

/// The body of an answer, as it comes.
pub struct Incoming {
    body: Body,
    timeout: Duration,
}

impl Pieces for Incoming {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|code| broken(&code, self.timeout))?;
            // Trailers are none.
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data.into()));
            }
        }
        Ok(None)
    }
}

impl Runtime for Wasi {
    type Stream = Incoming;

    async fn open(&self, request: Request) -> Result<Opened<Incoming>, TransportError> {
        let (limit, path) = (AnswerLimit::FILE, request.uri().path().to_owned());
        let exchange = async {
            let response = begin(request).await?;
            if !response.status().is_success() {
                return whole(response, limit).await.map(Opened::Refused);
            }
            Ok(Opened::Stream(Incoming {
                body: Box::pin(response.into_body()),
                timeout: self.timeout,
            }))
        };
        self.limited(exchange, limit, &path).await
    }

    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let (limit, path) = (AnswerLimit::of(&request), request.uri().path().to_owned());
        let exchange = async { whole(begin(request).await?, limit).await };
        self.limited(exchange, limit, &path).await
    }

    async fn sleep(&self, duration: Duration) {
        spin_sdk::time::sleep(duration).await;
    }

    fn now(&self) -> u64 {
        self.unix_time().as_secs()
    }

    fn unix_time(&self) -> Duration {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn random(&self) -> u64 {
        spin_sdk::wasip3::random::random::get_random_u64()
    }

    fn knows_caller(&self, token: &str) -> bool {
        CALLERS.has(token)
    }

    fn note_caller(&self, token: &str, is_accepted: bool) {
        CALLERS.note(token, is_accepted);
    }

    fn log(&self, event: &Event<'_>) {
        eprintln!("{}", event.line());
    }
}

impl Wasi {
    /// Sends a request whose answer is the caller's. The time limit ends where a stream of events begins:
    /// whoever sends these decides how long they go on.
    ///
    /// # Errors
    /// As for [`Runtime::send`].
    pub async fn pass_on(&self, request: Request) -> Result<Answer, TransportError> {
        // An answer of ours: a page of a list at most.
        let (limit, path) = (AnswerLimit::PAGE, request.uri().path().to_owned());
        let exchange = async {
            let response = begin(request).await?;
            if service::gateway::is_stream(response.headers()) {
                return Ok(Answer::Events(response.map(|body| Box::pin(body) as Body)));
            }
            whole(response, limit).await.map(Answer::Whole)
        };
        self.limited(exchange, limit, &path).await
    }

    async fn limited<T>(
        &self,
        exchange: impl Future<Output = Result<T, NoAnswer>>,
        limit: AnswerLimit,
        path: &str,
    ) -> Result<T, TransportError> {
        let time = time_left(self.timeout, self.deadline, self.elapsed());
        let reported_limit = limit_to_report(self.timeout, self.deadline, time);
        // Begun and dropped at once, a write might be carried out without anybody knowing.
        if time.is_zero() {
            return Err(TransportError::Timeout(reported_limit));
        }
        let end = pin!(spin_sdk::time::sleep(time));
        match select(pin!(exchange), end).await {
            Either::Left((Ok(answer), _)) => Ok(answer),
            Either::Left((Err(NoAnswer::Code(code)), _)) => Err(broken(&code, reported_limit)),
            Either::Left((Err(NoAnswer::TooLarge), _)) => Err(limit.exceeded(path)),
            Either::Right(((), _)) => Err(TransportError::Timeout(reported_limit)),
        }
    }
}

fn broken(code: &ErrorCode, timeout: Duration) -> TransportError {
    match code {
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => TransportError::Timeout(timeout),
        ErrorCode::ConnectionRefused => TransportError::Broken("connection refused".into()),
        ErrorCode::DnsError(_) => TransportError::Broken("host name not found".into()),
        ErrorCode::HttpRequestDenied => TransportError::Broken(
            "the host does not let the function connect there; check allowed_outbound_hosts".into(),
        ),
        ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_)
        | ErrorCode::TlsProtocolError => TransportError::Broken(
            "TLS failed; is the server's certificate authority known to the host?".into(),
        ),
        ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete => {
            TransportError::Broken("the connection broke".into())
        }
        // The text of an internal error is the host's own and may quote a header.
        _ => TransportError::Broken("the request could not be carried out".into()),
    }
}

//! Ports of the use cases: what they need from the runtime around them. The components implement them over WASI and
//! WIT imports, the tests natively.

use std::future::Future;
use std::time::Duration;

use domain::render::{FolderListing, RenderError, SharedFiles, Tree};
use domain::{
    Checked, Cluster, Neighbours, References, Rejection, SaveRequest, Settings, Surroundings,
};

/// A request to a service, with an absolute URI.
pub type Request = http::Request<Vec<u8>>;
/// A service's answer, its body read to the end.
pub type Response = http::Response<Vec<u8>>;

/// The most bytes that a service's answer to a request may have. An extension of the request; without it
/// [`AnswerLimit::FILE`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerLimit(pub usize);

impl AnswerLimit {
    /// Of a file, and of whatever is one object: Kubernetes keeps none above 1.5 MiB, and a resource file has a few KiB.
    pub const FILE: Self = Self(1024 * 1024);
    /// Of a page of a list: 500 Applications of 13 KiB.
    pub const PAGE: Self = Self(8 * 1024 * 1024);

    /// The limit for the answer to a request.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let limit = request.extensions().get::<Self>().copied();
        limit.unwrap_or(Self::FILE)
    }

    /// Sets the limit for the answer to a request.
    #[must_use]
    pub fn on(self, mut request: Request) -> Request {
        request.extensions_mut().insert(self);
        request
    }

    /// The answer is above this limit.
    #[must_use]
    pub fn exceeded(self, path: &str) -> TransportError {
        let text = format!("the answer to {path} is larger than {} bytes", self.0);
        TransportError::TooLarge(text)
    }
}

/// Pages of a list that are read, whatever a service says of further ones: 100,000 files, or 500,000 objects.
pub const MAX_PAGES: usize = 1_000;

/// The list of these things has more than [`MAX_PAGES`].
#[must_use]
pub fn too_many_pages(what: &str) -> TransportError {
    TransportError::TooLarge(format!(
        "the list of {what} has more than {MAX_PAGES} pages"
    ))
}

/// Requests of one kind that are sent at the same time.
pub const AT_ONCE: usize = 128;

/// Why a service gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No complete answer within the time limit. Whether the request took effect is unknown.
    #[error("no answer within {} seconds", .0.as_secs())]
    Timeout(Duration),
    /// The connection was refused, the name is unknown, TLS failed, the host does not allow it, or
    /// the connection broke: the text says which. Whether the request took effect is unknown.
    #[error("{0}")]
    Broken(String),
    /// The answer, or the list that it begins, is larger than any may be; the text names its path. Whether the request took effect is
    /// unknown.
    #[error("{0}")]
    TooLarge(String),
}

/// The body of an answer, as it comes.
pub trait Pieces {
    /// Waits for the next piece; `None` at the end. Nothing is lost where nobody waits any more before one has come.
    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, TransportError>>;
}

/// An answer that has begun.
pub enum Opened<S> {
    /// A success, whose body is still to come.
    Stream(S),
    /// Any other answer, read to the end.
    Refused(Response),
}

/// Outgoing HTTP and the two impurities that retries and certificates need.
pub trait Runtime {
    /// The body of an answer to [`Self::open`]. To drop it is to end the exchange.
    type Stream: Pieces;
    /// Sends a request and waits for the head of its answer, within the configured time limit. However long a body goes
    /// on is for whoever reads it to limit.
    fn open(
        &self,
        request: Request,
    ) -> impl Future<Output = Result<Opened<Self::Stream>, TransportError>>;
    /// Sends a request and reads the answer to the end, within the configured time limit.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, TransportError>>;
    /// Waits.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;
    /// Seconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> u64;
    /// The same, as exactly as the clock goes: for log lines.
    fn unix_time(&self) -> Duration {
        Duration::from_secs(self.now())
    }
    /// Time since the request came in.
    fn elapsed(&self) -> Duration;
    /// Sixty-four random bits, for jitter and request ids.
    fn random(&self) -> u64;
    /// True where GitLab has accepted this token before: see [`KnownCallers`](crate::KnownCallers). A runtime that keeps none knows
    /// everybody.
    fn knows_caller(&self, _token: &str) -> bool {
        true
    }
    /// Keeps what GitLab made of a token.
    fn note_caller(&self, _token: &str, _is_accepted: bool) {}
    /// Reports a step: one structured line, without secrets.
    fn log(&self, event: &crate::log::Event<'_>);
}

/// The pure functions that live in components of their own: `nautes:clusters/cluster-validation`
/// and `nautes:resources/resource-rendering`.
pub trait Components {
    /// See `domain::survey`.
    ///
    /// # Errors
    /// A body that can't be read.
    fn survey(&self, request: &SaveRequest) -> Result<References, Rejection>;
    /// See `domain::inspect`.
    ///
    /// # Errors
    /// A resource file that can't be read.
    fn inspect(&self, resource_file: &domain::File) -> Result<References, Rejection>;
    /// See `domain::check`.
    ///
    /// # Errors
    /// Every rule that does not hold.
    fn check(
        &self,
        request: &SaveRequest,
        neighbours: &Neighbours,
        settings: &Settings,
    ) -> Result<Checked, Rejection>;
    /// See `domain::check_removal`.
    ///
    /// # Errors
    /// What stands against the removal.
    fn check_removal(
        &self,
        name: &str,
        neighbours: &Neighbours,
        settings: &Settings,
    ) -> Result<(Cluster, Surroundings), Rejection>;
    /// See `domain::check_settings`. The contract has nothing for settings alone; a removal is judged by them first, and no
    /// cluster is without a name.
    ///
    /// # Errors
    /// A setting that can't be used, named.
    fn check_settings(&self, settings: &Settings) -> Result<(), Rejection> {
        match self.check_removal("", &Neighbours::default(), settings) {
            Ok(_) | Err(Rejection::ClusterNotFound) => Ok(()),
            Err(rejection) => Err(rejection),
        }
    }
    /// See `domain::render::render`.
    ///
    /// # Errors
    /// A shared file or the catalog can't be read.
    fn render(
        &self,
        cluster: &Cluster,
        surroundings: &Surroundings,
        shared: &SharedFiles,
        settings: &Settings,
    ) -> Result<Tree, RenderError>;
    /// See `domain::render::remove`.
    ///
    /// # Errors
    /// As for `render`.
    fn remove(
        &self,
        cluster: &Cluster,
        surroundings: &Surroundings,
        shared: &SharedFiles,
        settings: &Settings,
    ) -> Result<Tree, RenderError>;
    /// See `domain::render::list_from_folder`.
    ///
    /// # Errors
    /// The list that is there can't be read.
    fn list_from_folder(&self, listing: FolderListing) -> Result<Vec<u8>, RenderError>;
}

//! What the use cases need from the runtime around them. The components implement it over WASI and WIT
//! imports, the tests natively.

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
}

/// Outgoing HTTP and the two impurities that retries and certificates need.
pub trait Runtime {
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

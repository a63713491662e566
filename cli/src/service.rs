//! The service over HTTP: requests, answers, and waiting when it asks for that.

mod connection;
mod error;
mod pause;
mod plain;
mod stream;

pub(crate) use connection::{client as http_client, install_provider};
use error::GatewayAnswer;
pub(crate) use error::{ServiceError, causes, named};
pub(crate) use stream::{ClusterStream, MAX_FAILURES_IN_A_ROW, RETRY_PAUSE};

use std::time::Duration;

use api::{
    CLUSTERS, Cluster, ClusterList, DeleteClusterResponse, Index, MERGE_REQUESTS, MergeRequestList,
    SaveClusterResponse,
};
use reqwest::{Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use url::Url;

use crate::failure::CommandError;
use crate::settings::Settings;
use crate::settings::token::AccessToken;
use crate::terminal::Terminal;

/// Longer than a save may take with all its repetitions, and than gateways usually wait.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(360);

/// A client of one service, with one token.
#[derive(Clone)]
pub(crate) struct ServiceClient {
    http: reqwest::Client,
    server: Url,
    token: Option<AccessToken>,
    terminal: Terminal,
}

/// Body of a request to save a cluster. No `Debug`: it holds a kubeconfig.
#[derive(Clone)]
pub(crate) struct SaveBody {
    /// `application/json` or `application/yaml`.
    pub(crate) content_type: &'static str,
    /// The text.
    pub(crate) text: String,
}

/// Options of a change.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ChangeOptions {
    /// Nothing is written; the answer tells what would be.
    pub(crate) dry_run: bool,
    /// By merge request, or by commit; the service's setting decides where neither is asked for.
    pub(crate) delivery: Option<Delivery>,
    /// The cluster does not answer any more.
    pub(crate) force: bool,
    /// Objects that others made for the cluster are taken over.
    pub(crate) adopt: bool,
    /// Nothing is committed: what the branch has is installed.
    pub(crate) sync: bool,
}

/// Ways of a change to the branch.
#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// A commit on the branch
    Commit,
    /// A merge request
    MergeRequest,
}

impl Delivery {
    /// The way as arguments and requests name it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::MergeRequest => "merge-request",
        }
    }
}

impl ServiceClient {
    /// Makes one.
    ///
    /// # Errors
    /// A certificate file can't be read.
    pub(crate) fn new(
        settings: &Settings,
        token: Option<AccessToken>,
        terminal: Terminal,
    ) -> Result<Self, CommandError> {
        Ok(Self {
            http: connection::client(settings)?,
            server: settings.server.clone(),
            token,
            terminal,
        })
    }

    /// The service's address, for messages.
    pub(crate) fn server(&self) -> &Url {
        &self.server
    }

    /// Saves a cluster, or tells what that would do.
    ///
    /// # Errors
    /// The service refuses or does not answer.
    pub(crate) async fn save(
        &self,
        name: &str,
        body: &SaveBody,
        options: ChangeOptions,
    ) -> Result<SaveClusterResponse, ServiceError> {
        let request = self.change(Method::POST, name, options);
        let request = request
            .header("content-type", body.content_type)
            .body(body.text.clone());
        self.read(request).await
    }

    /// Installs a registered cluster as the branch has it, with the credentials that are stored.
    ///
    /// # Errors
    /// The service refuses or does not answer.
    pub(crate) async fn sync(&self, name: &str) -> Result<SaveClusterResponse, ServiceError> {
        let options = ChangeOptions {
            sync: true,
            ..ChangeOptions::default()
        };
        self.read(self.change(Method::POST, name, options)).await
    }

    /// Removes a cluster, or tells what that would do.
    ///
    /// # Errors
    /// The service refuses or does not answer.
    pub(crate) async fn delete(
        &self,
        name: &str,
        options: ChangeOptions,
    ) -> Result<DeleteClusterResponse, ServiceError> {
        self.read(self.change(Method::DELETE, name, options)).await
    }

    /// Reads a cluster with its status.
    ///
    /// # Errors
    /// There is none, or the service refuses or does not answer.
    pub(crate) async fn get(&self, name: &str) -> Result<Cluster, ServiceError> {
        self.read(self.request(Method::GET, &cluster_path(name)))
            .await
    }

    /// Reads all clusters that `selector` selects; with their status where the service can do that.
    ///
    /// # Errors
    /// The service refuses or does not answer.
    pub(crate) async fn list(&self, selector: Option<&str>) -> Result<ClusterList, ServiceError> {
        let request = self.request(Method::GET, CLUSTERS);
        let request = match selector {
            Some(selector) => request.query(&[("field_selector", selector)]),
            None => request,
        };
        let plain = request.try_clone().ok_or(ServiceError::Unsent)?;
        match self
            .read(request.query(&[("include_status", "true")]))
            .await
        {
            // A service refuses parameters that it does not know.
            Err(error) if is_about(&error, "?include_status") => self.read(plain).await,
            answer => answer,
        }
    }

    /// Reads the merge requests for clusters.
    ///
    /// # Errors
    /// The service refuses or does not answer.
    pub(crate) async fn merge_requests(&self) -> Result<MergeRequestList, ServiceError> {
        self.read(self.request(Method::GET, MERGE_REQUESTS)).await
    }

    /// Reads the names of all clusters: for completions of a shell.
    ///
    /// # Errors
    /// The service refuses or does not answer.
    pub(crate) async fn names(&self) -> Result<Vec<String>, ServiceError> {
        let listed = self.read::<ClusterList>(self.request(Method::GET, CLUSTERS));
        let clusters = listed.await?.items.into_iter();
        Ok(clusters.map(|cluster| cluster.name).collect())
    }

    /// Begins to watch a cluster.
    ///
    /// # Errors
    /// There is none, or the service refuses or does not answer.
    pub(crate) async fn watch(&self, name: &str) -> Result<ClusterStream, ServiceError> {
        let request = self.request(Method::GET, &cluster_path(name));
        let request = request.query(&[("watch", "true")]);
        Ok(ClusterStream::new(self.send(request).await?, self.clone()))
    }

    /// Begins to watch a cluster, and does not wait for a place among the watches.
    ///
    /// # Errors
    /// There is none, as many are watched as may be, or the service refuses or does not answer.
    pub(crate) async fn try_watch(&self, name: &str) -> Result<ClusterStream, ServiceError> {
        let request = self.request(Method::GET, &cluster_path(name));
        let sent = request.query(&[("watch", "true")]).send().await;
        let response = sent.map_err(|error| ServiceError::unreachable(&self.server, &error))?;
        match response.status().as_u16() {
            200 => Ok(ClusterStream::new(response, self.clone())),
            _ => Err(self.failure(response).await),
        }
    }

    /// Reads the name and version of the service.
    ///
    /// # Errors
    /// The service does not answer.
    pub(crate) async fn index(&self) -> Result<Index, ServiceError> {
        self.read(self.request(Method::GET, "/").timeout(REQUEST_TIMEOUT))
            .await
    }

    /// Asks whether GitLab and the management cluster answer.
    ///
    /// # Errors
    /// GitLab, the management cluster or the service does not answer.
    pub(crate) async fn ready(&self) -> Result<(), ServiceError> {
        self.send(
            self.request(Method::GET, "/readyz")
                .timeout(REQUEST_TIMEOUT),
        )
        .await
        .map(drop)
    }

    fn change(&self, method: Method, name: &str, options: ChangeOptions) -> RequestBuilder {
        let flags = [
            ("dry_run", options.dry_run),
            ("force", options.force),
            ("adopt", options.adopt),
            ("sync", options.sync),
        ];
        let set = flags.into_iter().filter(|(_, is_set)| *is_set);
        let mut query: Vec<_> = set.map(|(name, _)| (name, "true")).collect();
        query.extend(options.delivery.map(|way| ("delivery", way.word())));
        let request = self
            .request(method, &cluster_path(name))
            .timeout(REQUEST_TIMEOUT);
        match query.is_empty() {
            true => request,
            false => request.query(&query),
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.server.clone();
        url.set_path(&format!(
            "{}{path}",
            self.server.path().trim_end_matches('/')
        ));
        let request = self.http.request(method, url);
        match &self.token {
            // `bearer_auth` marks the header as sensitive, so that no log of the client has it.
            Some(token) => request.bearer_auth(token.reveal()),
            None => request,
        }
    }

    async fn read<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ServiceError> {
        let response = self.send(request).await?;
        let status = response.status();
        let bytes = response.bytes().await;
        let bytes = bytes.map_err(|error| ServiceError::unreachable(&self.server, &error))?;
        let read = serde_json::from_slice(&bytes).and_then(|mut value| {
            plain::make_plain(&mut value);
            serde_json::from_value(value)
        });
        read.map_err(|error| ServiceError::Unexpected {
            status: status.as_u16(),
            error: error.to_string(),
            excerpt: self.excerpt(&bytes),
        })
    }

    /// Sends a request until it is answered with something else than the wish to wait.
    async fn send(&self, request: RequestBuilder) -> Result<Response, ServiceError> {
        let mut waited = Duration::ZERO;
        loop {
            // A body of text can be sent again.
            let attempt = request.try_clone().ok_or(ServiceError::Unsent)?;
            let sent = attempt.send().await;
            let response = sent.map_err(|error| ServiceError::unreachable(&self.server, &error))?;
            if response.status().as_u16() == 200 {
                return Ok(response);
            }
            let pause = pause::asked_for(response.status().as_u16(), response.headers(), waited);
            let Some(pause) = pause else {
                return Err(self.failure(response).await);
            };
            self.terminal.say(&format!(
                "the service asks to wait for {} s ({})",
                pause.as_secs(),
                response.status()
            ));
            tokio::time::sleep(pause).await;
            waited += pause;
        }
    }

    /// Reads a failure: a problem document, or whatever else stood in between.
    async fn failure(&self, response: Response) -> ServiceError {
        let status = response.status().as_u16();
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            Some(value.to_str().ok()?.to_owned())
        };
        let (server, location) = (header("server"), header("location"));
        let media_type = header("content-type").unwrap_or_default();
        let bytes = response.bytes().await.unwrap_or_default();
        // Nobody but a service that is out of order repeats the token.
        let text = String::from_utf8_lossy(&bytes);
        let text = match &self.token {
            Some(token) if token.is_long() => token.hide_in(&text),
            _ => text.into_owned(),
        };
        match serde_json::from_str(&text) {
            Ok(problem) => ServiceError::Problem(plain::plain(problem)),
            Err(_) => ServiceError::Gateway(GatewayAnswer {
                status,
                server,
                location,
                is_json: media_type.contains("json"),
                excerpt: self.excerpt(&bytes),
            }),
        }
    }

    fn excerpt(&self, bytes: &[u8]) -> String {
        let excerpt = error::excerpt(&String::from_utf8_lossy(bytes));
        match &self.token {
            Some(token) => token.hide_in(&excerpt),
            None => excerpt,
        }
    }
}

/// Tells whether a parameter of the query, and nothing else, is refused.
fn is_about(error: &ServiceError, parameter: &str) -> bool {
    let violations = error.problem().map(|problem| problem.violations.as_slice());
    matches!(violations, Some([only]) if only.field == parameter)
}

/// The path of one cluster. Names that would leave it are refused by [`crate::args::parse_name`], in arguments and in files.
fn cluster_path(name: &str) -> String {
    let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("{CLUSTERS}/{name}")
}

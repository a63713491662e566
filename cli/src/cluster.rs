//! A cluster's own API server, as the user's kubeconfig reaches it: requests as JSON, failures as sentences.

mod login;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Method, Request};
use kube::client::AuthError;
use kube::config::{Cluster, Config, KubeConfigOptions};
use kube::{Client, Error};
use serde_json::Value;

use crate::connectivity::{ConnectionFailure, Peer};
use crate::failure::CommandError;
use crate::kubeconfig::SelectedContext;
use crate::service;

/// The field manager of what the command line applies.
const FIELD_MANAGER: &str = "nautes-clusters-cli";

/// A machine behind a firewall says nothing: after this time it is told so.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Longer than an API server takes for the longest list, which it ends after a minute by itself.
const READ_TIMEOUT: Duration = Duration::from_secs(65);

/// A connection with the rights of a context.
#[derive(Clone)]
pub(crate) struct ClusterClient {
    client: Arc<Mutex<Client>>,
    context: Arc<SelectedContext>,
    /// The context with what its login program has handed over.
    logged_in: Arc<SelectedContext>,
}

/// A failure of a request. Contains no secret: the output of a login program is left out.
#[derive(Debug, thiserror::Error)]
#[error("{place}{cause}")]
pub(crate) struct ClusterError {
    /// Names the cluster, for sentences; ends with `: ` or is empty.
    place: String,
    /// Description of the failure.
    pub(crate) cause: String,
    /// The status of an answer; `None` where there was none.
    pub(crate) status: Option<u16>,
    /// Kind of failure where there was no answer.
    pub(crate) connection: ConnectionFailure,
}

impl ClusterError {
    /// Advice; empty where there is none.
    pub(crate) fn way_out(&self) -> &'static str {
        match self.status {
            Some(401) => "log in as you do for kubectl, and run this again",
            _ => self.connection.way_out(Peer::Cluster),
        }
    }
}

impl From<ClusterError> for CommandError {
    fn from(error: ClusterError) -> Self {
        Self::kubernetes(error.to_string(), error.way_out())
    }
}

impl ClusterClient {
    /// Prepares a connection. A program that logs in runs now, and may ask for something: nothing else may write to the
    /// terminal meanwhile.
    ///
    /// # Errors
    /// The context can't be used.
    pub(crate) async fn connect(context: &SelectedContext) -> Result<Self, CommandError> {
        let logged_in = Self::log_in(context).await?;
        let client = Self::client(&logged_in).await?;
        Ok(Self {
            client: Arc::new(Mutex::new(client)),
            context: Arc::new(context.clone()),
            logged_in: Arc::new(logged_in),
        })
    }

    /// Connects with the login that there is to another address, or to one whose certificate has another name.
    ///
    /// # Errors
    /// The address can't be used.
    pub(crate) async fn at(&self, change: impl FnOnce(&mut Cluster)) -> Result<Self, CommandError> {
        let mut elsewhere = (*self.logged_in).clone();
        change(&mut elsewhere.cluster);
        Self::connect(&elsewhere).await
    }

    async fn log_in(context: &SelectedContext) -> Result<SelectedContext, CommandError> {
        login::logged_in(context).await.map_err(|failure| {
            let why = format!("the cluster of context {}: {}", context.name, failure.why);
            CommandError::kubernetes(why, failure.way_out)
        })
    }

    /// A client of a context that needs no login program.
    async fn client(context: &SelectedContext) -> Result<Client, CommandError> {
        service::install_provider();
        let unusable = |error: &dyn std::fmt::Display| {
            CommandError::usage(format!("context {} can't be used: {error}", context.name))
        };
        let kubeconfig = context.to_kubeconfig()?;
        let config =
            Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
        let mut config = config.map_err(|error| match error {
            kube::config::KubeconfigError::ParseClusterUrl(error) => unusable(&error),
            _ => unusable(&"`kubectl cluster-info` says more"),
        })?;
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        config.read_timeout = Some(READ_TIMEOUT);
        Client::try_from(config).map_err(|error| unusable(&explain(&error).cause))
    }

    /// Reads an object or a list.
    ///
    /// # Errors
    /// There is none, or the server refuses or does not answer.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, ClusterError> {
        self.send(Method::GET, path, None).await
    }

    /// Reads an object; `None` where there is none.
    ///
    /// # Errors
    /// The server refuses or does not answer.
    pub(crate) async fn find(&self, path: &str) -> Result<Option<Value>, ClusterError> {
        match self.get(path).await {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.status == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Applies an object, so that repeating is harmless.
    ///
    /// # Errors
    /// The server refuses or does not answer.
    pub(crate) async fn apply(&self, path: &str, object: &Value) -> Result<Value, ClusterError> {
        let path = format!("{path}?fieldManager={FIELD_MANAGER}");
        self.send(
            Method::PATCH,
            &path,
            Some(("application/apply-patch+yaml", object)),
        )
        .await
    }

    /// Asks for something that is no object of the store, such as a review or a token.
    ///
    /// # Errors
    /// The server refuses or does not answer.
    pub(crate) async fn post(&self, path: &str, object: &Value) -> Result<Value, ClusterError> {
        self.send(Method::POST, path, Some(("application/json", object)))
            .await
    }

    /// Deletes an object; one that is not there is as good as deleted.
    ///
    /// # Errors
    /// The server refuses or does not answer.
    pub(crate) async fn delete(&self, path: &str) -> Result<(), ClusterError> {
        match self.send(Method::DELETE, path, None).await {
            Err(error) if error.status != Some(404) => Err(error),
            _ => Ok(()),
        }
    }

    /// Tells whether this login may do something: `verb` on `resource` of `group`.
    ///
    /// # Errors
    /// The server does not answer.
    pub(crate) async fn may(
        &self,
        verb: &str,
        group: &str,
        resource: &str,
    ) -> Result<bool, ClusterError> {
        let review = serde_json::json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {"verb": verb, "group": group, "resource": resource}},
        });
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        let review = self.post(path, &review).await?;
        Ok(review.pointer("/status/allowed").and_then(Value::as_bool) == Some(true))
    }

    /// Sends a request; once more with a new login where that of a program has ended meanwhile.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, &Value)>,
    ) -> Result<Value, ClusterError> {
        match self.send_once(&method, path, body).await {
            Err(error) if error.status == Some(401) && self.context.user.exec.is_some() => {
                let logged_in = Self::log_in(&self.context).await;
                let renewed = match &logged_in {
                    Ok(context) => Self::client(context).await.ok(),
                    Err(_) => None,
                };
                if let Some(client) = renewed {
                    *self.client.lock().unwrap_or_else(PoisonError::into_inner) = client;
                }
                self.send_once(&method, path, body).await
            }
            answer => answer,
        }
    }

    async fn send_once(
        &self,
        method: &Method,
        path: &str,
        body: Option<(&str, &Value)>,
    ) -> Result<Value, ClusterError> {
        let request = Request::builder().method(method).uri(path);
        let request = match body {
            Some((media_type, _)) => request.header("content-type", media_type),
            None => request,
        };
        let body = body
            .map(|(_, value)| value.to_string().into_bytes())
            .unwrap_or_default();
        let request = request.body(body).map_err(|error| ClusterError {
            place: String::new(),
            cause: error.to_string(),
            status: None,
            connection: ConnectionFailure::Other,
        })?;
        let client = self
            .client
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        client.request(request).await.map_err(|error| ClusterError {
            place: format!("the cluster of context {}: ", self.context.name),
            ..explain(&error)
        })
    }
}

/// A failure in words. What a login program has written may be a token, so it is not repeated.
fn explain(error: &Error) -> ClusterError {
    let connection = ConnectionFailure::of(error);
    let (cause, status) = match error {
        Error::Api(status) => (status.message.clone(), Some(status.code)),
        Error::Auth(error) => (explain_login(error), None),
        error => (service::named(connection, &unwrapped(error)), None),
    };
    ClusterError {
        place: String::new(),
        cause,
        status,
        connection,
    }
}

/// The login fails inside of the client's layers, so it is looked for among the causes.
fn unwrapped(error: &Error) -> String {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<AuthError>() {
            return explain_login(error);
        }
        cause = error.source();
    }
    service::causes(error)
}

fn explain_login(error: &AuthError) -> String {
    match error {
        AuthError::AuthExecStart(error) => format!("the login program can't be started: {error}"),
        AuthError::AuthExecRun { out, .. } => {
            format!(
                "the login program failed ({}); run `kubectl get nodes` to see what it says",
                out.status
            )
        }
        _ => "the login failed; run `kubectl get nodes` to see why".to_owned(),
    }
}

//! The running server.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::access::{TokenAuthenticator, TokenSigner};
use crate::calls::{CallHistory, KubernetesCall};
use crate::data_dir::{DataDir, DataError, ServerCertificates};
use crate::faults::FaultList;
use crate::options::{ADMIN, KubernetesOptions};
use crate::preinstalled;
use crate::server::{self, ConnectionService};
use crate::state::ApiServerState;
use crate::store::{ObjectStore, PersistenceError};
use crate::token_controller;

/// Changes are written to the file this long after they happen, many at a time.
const SAVE_DELAY: Duration = Duration::from_millis(200);

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum KubernetesStartError {
    /// An address cannot be listened on, mostly because another program does.
    #[error("cannot listen on {address}: {source}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// Words of the system.
        source: std::io::Error,
    },
    /// The data folder cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The saved objects cannot be read.
    #[error(transparent)]
    Store(#[from] PersistenceError),
    /// The certificates cannot be used.
    #[error("cannot serve TLS: {0}")]
    Tls(String),
    /// The preinstalled objects cannot be made.
    #[error("cannot install the initial objects: {0}")]
    Content(String),
}

/// A local Kubernetes API server. It stops when dropped.
#[derive(Debug)]
pub struct Kubernetes {
    url: String,
    url_tls: String,
    ca_pem: String,
    kubeconfig: PathBuf,
    shared: Arc<ApiServerState>,
    tasks: JoinSet<()>,
}

impl Kubernetes {
    /// Starts a server and waits until it answers.
    pub async fn start(options: KubernetesOptions) -> Result<Self, KubernetesStartError> {
        let plain = bind(options.listen).await?;
        let secure = bind(options.listen_tls).await?;
        let data = DataDir::open(&options.data)?;
        let (identities, key) = data.identities(&options.identities)?;
        let certificates = data.certificates()?;
        let store = ObjectStore::open(data.objects())?;
        preinstalled::install(&store, options.cluster_crds)
            .map_err(KubernetesStartError::Content)?;
        let shared = Arc::new(ApiServerState {
            store,
            accounts: TokenAuthenticator {
                identities,
                signer: TokenSigner::new(&key),
            },
            calls: CallHistory::default(),
            faults: FaultList::default(),
            latency: RwLock::new(options.latency),
        });

        let url = format!("http://{}", address_of(&plain, options.listen));
        let url_tls = format!("https://{}", address_of(&secure, options.listen_tls));
        let token = token_of(&shared, ADMIN).unwrap_or_default();
        let kubeconfig = data.write_kubeconfig(&url_tls, &certificates.ca, token)?;
        let service = ConnectionService {
            shared: shared.clone(),
        };
        let mut tasks = spawn(plain, secure, &certificates, service)?;
        for controller in &options.controllers {
            tasks.spawn(controller.run(shared.store.clone()));
        }
        Ok(Self {
            url,
            url_tls,
            ca_pem: certificates.ca,
            kubeconfig,
            shared,
            tasks,
        })
    }

    /// `http://` address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `https://` address; its certificate is signed by [`Self::ca_pem`].
    pub fn url_tls(&self) -> &str {
        &self.url_tls
    }

    /// Certificate of the authority that signed the server's, as PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The administrator's token.
    pub fn token(&self) -> &str {
        self.token_of(ADMIN).unwrap_or_default()
    }

    /// The token of an identity by name.
    pub fn token_of(&self, identity: &str) -> Option<&str> {
        token_of(&self.shared, identity)
    }

    /// A kubeconfig for kubectl, with the administrator's token; only its owner can read it.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The objects, for tests.
    pub fn store(&self) -> &ObjectStore {
        &self.shared.store
    }

    /// Requests so far.
    pub fn calls(&self) -> Vec<KubernetesCall> {
        self.shared.calls.all()
    }

    /// Forgets the requests so far.
    pub fn clear_calls(&self) {
        self.shared.calls.clear();
    }

    /// Failures on demand.
    pub fn faults(&self) -> &FaultList {
        &self.shared.faults
    }

    /// Changes the latency for requests that arrive from now on.
    pub fn set_latency(&self, latency: Duration) {
        let latency_of_all = &self.shared.latency;
        *latency_of_all
            .write()
            .unwrap_or_else(PoisonError::into_inner) = latency;
    }

    /// Stops listening, cuts open connections and saves the objects.
    pub async fn shutdown(mut self) {
        self.tasks.shutdown().await;
    }
}

impl Drop for Kubernetes {
    fn drop(&mut self) {
        if let Err(error) = self.shared.store.save() {
            tracing::warn!(%error, "the objects are not saved");
        }
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, KubernetesStartError> {
    server::bind(address)
        .await
        .map_err(|source| KubernetesStartError::Address { address, source })
}

/// The address as clients on this machine reach it: a server on all interfaces is on the loopback one too,
/// which is what its certificate names.
fn address_of(listener: &TcpListener, asked: SocketAddr) -> SocketAddr {
    let mut address = listener.local_addr().unwrap_or(asked);
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            Ipv4Addr::LOCALHOST.into()
        } else {
            Ipv6Addr::LOCALHOST.into()
        });
    }
    address
}

fn token_of<'a>(shared: &'a ApiServerState, name: &str) -> Option<&'a str> {
    let identities = &shared.accounts.identities;
    identities
        .iter()
        .find(|identity| identity.name == name)?
        .token
        .as_deref()
}

fn spawn(
    plain: TcpListener,
    secure: TcpListener,
    certificates: &ServerCertificates,
    service: ConnectionService,
) -> Result<JoinSet<()>, KubernetesStartError> {
    let acceptor = server::acceptor(certificates).map_err(KubernetesStartError::Tls)?;
    let mut tasks = JoinSet::new();
    tasks.spawn(save_changes(service.shared.store.clone()));
    tasks.spawn(token_controller::run(
        service.shared.store.clone(),
        service.shared.accounts.signer.clone(),
        certificates.ca.clone(),
    ));
    tasks.spawn(server::serve(plain, None, service.clone()));
    tasks.spawn(server::serve(secure, Some(acceptor), service));
    Ok(tasks)
}

async fn save_changes(store: ObjectStore) {
    let mut changes = store.changes();
    while changes.changed().await.is_ok() {
        tokio::time::sleep(SAVE_DELAY).await;
        changes.borrow_and_update();
        let saved = store.clone();
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || saved.save()).await {
            tracing::warn!(%error, "the objects are not saved");
        }
    }
}

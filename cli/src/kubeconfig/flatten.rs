//! A single context of a kubeconfig with everything inside, as `kubectl config view --minify --flatten --raw` has it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::config::{
    AuthInfo, Cluster, Context, Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext,
};
use secrecy::ExposeSecret as _;

use crate::failure::CommandError;

/// A context with its cluster and user.
#[derive(Clone)]
pub(crate) struct SelectedContext {
    /// Name of the context.
    pub(crate) name: String,
    /// Where the API server is, and its authority.
    pub(crate) cluster: Cluster,
    /// Login.
    pub(crate) user: AuthInfo,
}

impl SelectedContext {
    /// Picks a context, by name or the current one.
    ///
    /// # Errors
    /// There is none of this name, or it names what is not there.
    pub(super) fn of(kubeconfig: &Kubeconfig, name: Option<&str>) -> Result<Self, CommandError> {
        let contexts = || {
            let names = kubeconfig
                .contexts
                .iter()
                .map(|context| context.name.as_str());
            let names: Vec<_> = names.collect();
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            }
        };
        let name = name.or(kubeconfig.current_context.as_deref());
        let name = name.ok_or_else(|| {
            let contexts = contexts();
            CommandError::usage(format!(
                "the kubeconfig has no current context: name one of {contexts}"
            ))
        })?;
        let context = kubeconfig
            .contexts
            .iter()
            .find(|context| context.name == name);
        let context = context
            .and_then(|context| context.context.clone())
            .ok_or_else(|| {
                let contexts = contexts();
                CommandError::usage(format!(
                    "the kubeconfig has no context {name}; it has: {contexts}"
                ))
            })?;
        let missing = |kind: &str, named: &str| {
            CommandError::usage(format!(
                "context {name} names the {kind} {named}, which the kubeconfig does not have"
            ))
        };
        let cluster = kubeconfig
            .clusters
            .iter()
            .find(|cluster| cluster.name == context.cluster);
        let cluster = cluster.and_then(|cluster| cluster.cluster.clone());
        let user = context.user.as_deref().unwrap_or_default();
        let info = kubeconfig.auth_infos.iter().find(|info| info.name == user);
        let info = info.and_then(|info| info.auth_info.clone());
        Ok(Self {
            name: name.to_owned(),
            cluster: cluster.ok_or_else(|| missing("cluster", &context.cluster))?,
            user: info.ok_or_else(|| missing("user", user))?,
        })
    }

    /// The URL of the API server.
    pub(crate) fn server(&self) -> &str {
        self.cluster.server.as_deref().unwrap_or_default()
    }

    /// The certificates of the authority in Base64, from data or file.
    ///
    /// # Errors
    /// The file can't be read.
    pub(crate) fn authority(&self) -> Result<Option<String>, CommandError> {
        let data = self.cluster.certificate_authority_data.clone();
        embed(
            data,
            self.cluster.certificate_authority.as_deref(),
            "certificate-authority",
        )
    }

    /// The context alone as a kubeconfig, with what files hold inside.
    ///
    /// # Errors
    /// A file can't be read.
    pub(crate) fn to_kubeconfig(&self) -> Result<Kubeconfig, CommandError> {
        let mut cluster = self.cluster.clone();
        cluster.certificate_authority_data = self.authority()?;
        cluster.certificate_authority = None;
        let name = &self.name;
        let context = Context {
            cluster: name.clone(),
            user: Some(name.clone()),
            ..Default::default()
        };
        Ok(Kubeconfig {
            api_version: Some("v1".to_owned()),
            kind: Some("Config".to_owned()),
            current_context: Some(name.clone()),
            clusters: vec![NamedCluster {
                name: name.clone(),
                cluster: Some(cluster),
                ..Default::default()
            }],
            auth_infos: vec![NamedAuthInfo {
                name: name.clone(),
                auth_info: Some(self.embedded_user()?),
                ..Default::default()
            }],
            contexts: vec![NamedContext {
                name: name.clone(),
                context: Some(context),
                ..Default::default()
            }],
            ..Default::default()
        })
    }

    /// The login with what files hold inside.
    fn embedded_user(&self) -> Result<AuthInfo, CommandError> {
        let mut user = self.user.clone();
        user.client_certificate_data = embed(
            user.client_certificate_data,
            user.client_certificate.take().as_deref(),
            "client-certificate",
        )?;
        let key = user
            .client_key_data
            .as_ref()
            .map(|key| key.expose_secret().to_owned());
        let key = embed(key, user.client_key.take().as_deref(), "client-key")?;
        user.client_key_data = key.map(Into::into);
        if let (None, Some(path)) = (&user.token, &user.token_file) {
            let token = read(Path::new(path), "tokenFile")?;
            let token = String::from_utf8_lossy(&token).trim().to_owned();
            user.token = Some(token.into());
        }
        user.token_file = None;
        Ok(user)
    }

    /// Writes that kubeconfig as text: JSON, which is YAML.
    ///
    /// # Errors
    /// A file can't be read.
    pub(crate) fn to_text(&self) -> Result<String, CommandError> {
        serde_json::to_string(&self.to_kubeconfig()?)
            .map_err(|_| CommandError::usage("the kubeconfig can't be written as JSON"))
    }
}

/// The data, or those of the file; data go first, as in client-go.
fn embed(
    data: Option<String>,
    path: Option<&str>,
    field: &str,
) -> Result<Option<String>, CommandError> {
    let data = data.filter(|data| !data.is_empty());
    match (data, path.filter(|path| !path.is_empty())) {
        (Some(data), _) => Ok(Some(data)),
        (None, Some(path)) => Ok(Some(STANDARD.encode(read(Path::new(path), field)?))),
        (None, None) => Ok(None),
    }
}

fn read(path: &Path, field: &str) -> Result<Vec<u8>, CommandError> {
    std::fs::read(path).map_err(|error| {
        CommandError::usage(format!(
            "can't read {}, the kubeconfig's {field}: {error}",
            path.display()
        ))
    })
}

//! Input and results of a check.

use crate::clusters::same_fields;
use crate::{all, types};

same_fields! {
    SaveRequest { name, content_type, body }
    Malformed { message, line, column, hint }
    Violation { field, message, hint }
    Credentials { ca_data, insecure, server_name, proxy_url, login, expires_at }
}

impl From<domain::References> for types::References {
    fn from(value: domain::References) -> Self {
        Self {
            host_cluster: value.host_cluster,
            api_server: value.api_server,
            usage: value.usage.map(Into::into),
            has_kubeconfig: value.has_kubeconfig,
        }
    }
}

impl From<types::References> for domain::References {
    fn from(value: types::References) -> Self {
        Self {
            host_cluster: value.host_cluster,
            api_server: value.api_server,
            usage: value.usage.map(Into::into),
            has_kubeconfig: value.has_kubeconfig,
        }
    }
}

impl From<domain::Neighbours> for types::Neighbours {
    fn from(value: domain::Neighbours) -> Self {
        Self {
            resource_files: all(value.resource_files),
            api_server_owner: value.api_server_owner,
            credentials_stored: value.credentials_stored,
            dependants: value.dependants,
            now: value.now,
        }
    }
}

impl From<types::Neighbours> for domain::Neighbours {
    fn from(value: types::Neighbours) -> Self {
        Self {
            resource_files: all(value.resource_files),
            api_server_owner: value.api_server_owner,
            credentials_stored: value.credentials_stored,
            dependants: value.dependants,
            now: value.now,
        }
    }
}

impl From<domain::Login> for types::Login {
    fn from(value: domain::Login) -> Self {
        match value {
            domain::Login::ClientCertificate {
                cert_data,
                key_data,
            } => Self::ClientCertificate(types::ClientCertificate {
                cert_data,
                key_data,
            }),
            domain::Login::Token(token) => Self::Token(token),
            domain::Login::Basic { username, password } => {
                Self::Basic(types::Basic { username, password })
            }
        }
    }
}

impl From<types::Login> for domain::Login {
    fn from(value: types::Login) -> Self {
        match value {
            types::Login::ClientCertificate(pair) => Self::ClientCertificate {
                cert_data: pair.cert_data,
                key_data: pair.key_data,
            },
            types::Login::Token(token) => Self::Token(token),
            types::Login::Basic(basic) => Self::Basic {
                username: basic.username,
                password: basic.password,
            },
        }
    }
}

impl From<domain::Checked> for types::Checked {
    fn from(value: domain::Checked) -> Self {
        Self {
            cluster: value.cluster.into(),
            surroundings: value.surroundings.into(),
            current: value
                .current
                .map(|(cluster, around)| (cluster.into(), around.into())),
            credentials: value.credentials.map(Into::into),
            warnings: value.warnings,
        }
    }
}

impl From<types::Checked> for domain::Checked {
    fn from(value: types::Checked) -> Self {
        Self {
            cluster: value.cluster.into(),
            surroundings: value.surroundings.into(),
            current: value
                .current
                .map(|(cluster, around)| (cluster.into(), around.into())),
            credentials: value.credentials.map(Into::into),
            warnings: value.warnings,
        }
    }
}

impl From<domain::Rejection> for types::Rejection {
    fn from(value: domain::Rejection) -> Self {
        match value {
            domain::Rejection::MalformedBody(malformed) => Self::MalformedBody(malformed.into()),
            domain::Rejection::UnsupportedMediaType(sent) => Self::UnsupportedMediaType(sent),
            domain::Rejection::ValidationFailed(violations) => {
                Self::ValidationFailed(all(violations))
            }
            domain::Rejection::ApiServerInUse(owner) => Self::ApiServerInUse(owner),
            domain::Rejection::ClusterInUse(dependants) => Self::ClusterInUse(dependants),
            domain::Rejection::ClusterNotFound => Self::ClusterNotFound,
            domain::Rejection::Other(text) => Self::Other(text),
        }
    }
}

impl From<types::Rejection> for domain::Rejection {
    fn from(value: types::Rejection) -> Self {
        match value {
            types::Rejection::MalformedBody(malformed) => Self::MalformedBody(malformed.into()),
            types::Rejection::UnsupportedMediaType(sent) => Self::UnsupportedMediaType(sent),
            types::Rejection::ValidationFailed(violations) => {
                Self::ValidationFailed(all(violations))
            }
            types::Rejection::ApiServerInUse(owner) => Self::ApiServerInUse(owner),
            types::Rejection::ClusterInUse(dependants) => Self::ClusterInUse(dependants),
            types::Rejection::ClusterNotFound => Self::ClusterNotFound,
            types::Rejection::Other(text) => Self::Other(text),
        }
    }
}

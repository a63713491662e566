//! Ports of the local services: any free ones at first, the same ones from then on, because URLs of the
//! repository end up in the files that are committed to it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The ports of an earlier run; 0 where there was none or it is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxPorts {
    /// GitLab over HTTP.
    pub gitlab: u16,
    /// The Kubernetes API over HTTP.
    pub kubernetes: u16,
    /// The Kubernetes API over TLS.
    pub kubernetes_tls: u16,
}

impl SandboxPorts {
    /// Ports of an earlier run with these data, as far as they are free now.
    #[must_use]
    pub fn load(data: &Path) -> Self {
        let kept: Self = std::fs::read(file(data))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Self {
            gitlab: if_free(kept.gitlab),
            kubernetes: if_free(kept.kubernetes),
            kubernetes_tls: if_free(kept.kubernetes_tls),
        }
    }

    /// Keeps them for the next run.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn save(&self, data: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(data)?;
        Ok(std::fs::write(file(data), serde_json::to_vec(self)?)?)
    }
}

/// The local address with this port.
#[must_use]
pub fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn if_free(port: u16) -> u16 {
    if TcpListener::bind(local(port)).is_ok() {
        port
    } else {
        0
    }
}

fn file(data: &Path) -> PathBuf {
    data.join("ports.json")
}

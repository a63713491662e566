//! The data folder: what a server keeps between runs.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::options::{ADMIN, CallerIdentity, PolicyRule};
use crate::store::write_private;

mod certificates;
mod kubeconfig;

pub use certificates::ServerCertificates;

/// Where the key for service accounts stands among the tokens; no user can have this name.
const SIGNING_KEY: &str = "/service-accounts";

/// Something in the data folder cannot be read, written or made.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {path}: {reason}")]
pub struct DataError {
    /// File or folder.
    pub path: PathBuf,
    /// Fault.
    pub reason: String,
}

impl DataError {
    fn new(path: &Path, reason: impl ToString) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// The data folder.
#[derive(Debug, Clone)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// Opens the folder, making it where it is missing.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        fs::create_dir_all(path).map_err(|error| DataError::new(path, error))?;
        Ok(Self(path.to_owned()))
    }

    /// File of the objects.
    pub fn objects(&self) -> PathBuf {
        self.0.join("objects.json")
    }

    /// The identities with their tokens, the administrator first, and the key that signs those of service
    /// accounts. What is not given is made once and kept.
    pub fn identities(
        &self,
        given: &[CallerIdentity],
    ) -> Result<(Vec<CallerIdentity>, String), DataError> {
        let file = self.0.join("tokens.json");
        let mut tokens: BTreeMap<String, String> = read(&file)?
            .map(|bytes| {
                serde_json::from_slice(&bytes)
                    .map_err(|_| DataError::new(&file, "not a map of tokens"))
            })
            .transpose()?
            .unwrap_or_default();
        let admin = CallerIdentity {
            name: ADMIN.into(),
            token: None,
            rules: vec![PolicyRule::everything()],
        };
        let is_admin = |identity: &&CallerIdentity| identity.name == ADMIN;
        let admin = given
            .iter()
            .find(is_admin)
            .map_or(admin.clone(), |given| CallerIdentity {
                token: given.token.clone(),
                ..admin
            });
        let others = given.iter().filter(|identity| !is_admin(identity)).cloned();
        let mut identities: Vec<CallerIdentity> = std::iter::once(admin).chain(others).collect();
        for identity in &mut identities {
            let kept = tokens
                .entry(identity.name.clone())
                .or_insert_with(new_token);
            let token = identity.token.get_or_insert_with(|| kept.clone());
            kept.clone_from(token);
        }
        let key = tokens
            .entry(SIGNING_KEY.into())
            .or_insert_with(new_key)
            .clone();
        let content =
            serde_json::to_vec_pretty(&tokens).map_err(|error| DataError::new(&file, error))?;
        write_private(&file, &content).map_err(|error| DataError::new(&file, error))?;
        Ok((identities, key))
    }

    /// The certificates, made once and kept.
    pub fn certificates(&self) -> Result<ServerCertificates, DataError> {
        certificates::load_or_make(&self.0)
    }

    /// Writes a kubeconfig and answers its path.
    pub fn write_kubeconfig(
        &self,
        url: &str,
        ca_pem: &str,
        token: &str,
    ) -> Result<PathBuf, DataError> {
        let file = self.0.join("kubeconfig.yaml");
        let content =
            kubeconfig::render(url, ca_pem, token).map_err(|error| DataError::new(&file, error))?;
        write_private(&file, content.as_bytes()).map_err(|error| DataError::new(&file, error))?;
        Ok(file)
    }
}

/// Shorter than a block of SHA-256, as HMAC likes its keys.
fn new_key() -> String {
    Uuid::new_v4().simple().to_string()
}

fn new_token() -> String {
    format!(
        "sandbox-{}{}",
        Uuid::new_v4().simple(),
        Uuid::new_v4().simple()
    )
}

fn read(file: &Path) -> Result<Option<Vec<u8>>, DataError> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DataError::new(file, error)),
    }
}

//! Reading kubeconfigs by kubectl's rules.
//!
//! Source: <https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files>
//! and client-go's `ClientConfigLoadingRules.Load`: files of the list `KUBECONFIG` that are not there are skipped, the
//! first file to set a value wins, relative paths begin at the folder of their file.

use std::path::{Path, PathBuf};

use kube::config::Kubeconfig;

use crate::failure::CommandError;
use crate::settings::variable;
use crate::wording;

/// Reads one file, or those that kubectl would read.
///
/// # Errors
/// A file can't be read or is no kubeconfig, or there is none at all.
pub(crate) fn read(file: Option<&Path>) -> Result<Kubeconfig, CommandError> {
    if let Some(file) = file {
        return read_file(file);
    }
    let paths = default_paths();
    // A file that can't be looked at may be there: kubectl fails with it, and another file's context of this name would stand in for it.
    let may_exist = |path: &&PathBuf| path.try_exists().unwrap_or(true);
    let there: Vec<&PathBuf> = paths.iter().filter(may_exist).collect();
    if there.is_empty() {
        let looked: Vec<_> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        return Err(CommandError::usage(format!(
            "there is no kubeconfig: {} does not exist; name one with --kubeconfig or in KUBECONFIG",
            looked.join(", ")
        )));
    }
    let mut merged = Kubeconfig::default();
    for path in there {
        merged = merged
            .merge(read_file(path)?)
            .map_err(|error| unreadable(path, &error))?;
    }
    Ok(merged)
}

fn default_paths() -> Vec<PathBuf> {
    let listed = variable("KUBECONFIG");
    let listed = listed.iter().flat_map(std::env::split_paths);
    let listed: Vec<_> = listed.filter(|path| !path.as_os_str().is_empty()).collect();
    match listed.is_empty() {
        false => listed,
        true => vec![
            std::env::home_dir()
                .unwrap_or_default()
                .join(".kube/config"),
        ],
    }
}

fn read_file(path: &Path) -> Result<Kubeconfig, CommandError> {
    // An absolute path, so that those in the file become absolute as well.
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut kubeconfig =
        Kubeconfig::read_from(absolute).map_err(|error| unreadable(path, &error))?;
    // An empty one is none: a later file may name one.
    kubeconfig.current_context = kubeconfig
        .current_context
        .filter(|context| !context.is_empty());
    Ok(kubeconfig)
}

const NO_KUBECONFIG: &str =
    "it is no kubeconfig; `kubectl config view --kubeconfig` says where it is broken";

/// The text of a parser's error may quote the file: its kind is enough.
fn unreadable(path: &Path, error: &kube::config::KubeconfigError) -> CommandError {
    use kube::config::KubeconfigError;
    let why = match error {
        KubeconfigError::ReadConfig(error, _) => error.to_string(),
        KubeconfigError::KindMismatch => {
            "its kind is another one than that of the files before".to_owned()
        }
        KubeconfigError::ApiVersionMismatch => {
            "its apiVersion is another one than that of the files before".to_owned()
        }
        KubeconfigError::Parse(error) => match error.location() {
            Some(place) if place.line() > 0 => {
                format!(
                    "it is no kubeconfig: line {} is broken, and `kubectl config view --kubeconfig` says why",
                    place.line()
                )
            }
            _ => NO_KUBECONFIG.to_owned(),
        },
        _ => NO_KUBECONFIG.to_owned(),
    };
    CommandError::usage(format!(
        "can't read the kubeconfig {}: {why}",
        wording::shown(path)
    ))
}

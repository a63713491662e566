//! Kubeconfigs: merged as kubectl merges them, cut down to one context, with all they refer to inside.

mod flatten;
mod merge;
mod method;

use std::path::Path;

use kube::config::Kubeconfig;

use crate::failure::CommandError;

pub(crate) use flatten::SelectedContext;
pub(crate) use merge::read;
pub(crate) use method::{LoginMethod, method_of};

/// The kubeconfig to send for a context: of a file, or of the files that kubectl reads.
///
/// # Errors
/// A file or context can't be read, or it logs in by a program that only runs here.
pub(crate) fn text_for_service(
    file: Option<&Path>,
    context: Option<&str>,
) -> Result<String, CommandError> {
    let kubeconfig = read(file)?;
    let selected = select(&kubeconfig, context)?;
    if let LoginMethod::Program(what) = method_of(&selected.user) {
        return Err(CommandError::usage(format!(
            "context {} logs in with {what}, which the management cluster does not have: `nautes-clusters add {}` makes a \
             service account for it",
            selected.name, selected.name
        )));
    }
    selected.to_text()
}

/// Picks a context, by name or the current one.
///
/// # Errors
/// There is none of this name, or it names what is not there.
pub(crate) fn select(
    kubeconfig: &Kubeconfig,
    context: Option<&str>,
) -> Result<SelectedContext, CommandError> {
    SelectedContext::of(kubeconfig, context)
}

/// The context whose cluster has this API server; the current one first.
pub(crate) fn context_of_server(kubeconfig: &Kubeconfig, server: &str) -> Option<String> {
    let current = kubeconfig.current_context.iter().map(String::as_str);
    let all = kubeconfig
        .contexts
        .iter()
        .map(|context| context.name.as_str());
    let is_of_server = |name: &&str| {
        let selected = select(kubeconfig, Some(name)).ok();
        selected.is_some_and(|context| {
            context.server().trim_end_matches('/') == server.trim_end_matches('/')
        })
    };
    current.chain(all).find(is_of_server).map(str::to_owned)
}

//! Kubeconfigs: merged as kubectl merges them, cut down to one context, with all they refer to inside.

mod flatten;
mod merge;
mod method;

use std::path::Path;

use kube::config::Kubeconfig;

use crate::failure::CommandError;
use crate::wording::{self, shell_word};

pub(crate) use flatten::SelectedContext;
pub(crate) use merge::read;
pub(crate) use method::{LoginMethod, method_of};

/// Kubeconfig to send. No `Debug`, since it holds a login.
pub(crate) struct ServiceKubeconfig {
    /// The context alone, with all it refers to inside.
    pub(crate) text: String,
    /// Warning of a login that ends soon.
    pub(crate) warning: Option<String>,
}

/// The kubeconfig to send for a context: of a file, or of the files that kubectl reads. `name` is the cluster's.
///
/// # Errors
/// A file or context can't be read, it logs in by a program that only runs here, or its login has ended.
pub(crate) fn text_for_service(
    file: Option<&Path>,
    context: Option<&str>,
    name: &str,
) -> Result<ServiceKubeconfig, CommandError> {
    let kubeconfig = read(file)?;
    let selected = select(&kubeconfig, context)?;
    let logs_in =
        |what: &dyn std::fmt::Display| format!("context {} logs in with {what}", selected.name);
    let account = format!(
        "`nautes-clusters add {}{} --name {}` makes a service account for it",
        shell_word(&selected.name),
        arguments(None, file),
        shell_word(name)
    );
    let warning = match method_of(&selected) {
        LoginMethod::Program(what) => {
            let why = logs_in(&what);
            return Err(CommandError::usage(format!(
                "{why}, which the management cluster does not have: {account}"
            )));
        }
        LoginMethod::Session(session) if session.has_ended() => {
            let why = logs_in(&session);
            return Err(CommandError::usage(format!(
                "{why}: log in again, as you do for kubectl; {account}"
            )));
        }
        LoginMethod::Session(session) => Some(format!(
            "{}, and is not renewed in the management cluster: {account}",
            logs_in(&session)
        )),
        LoginMethod::Lasting | LoginMethod::Nothing => None,
    };
    let text = selected.to_text()?;
    Ok(ServiceKubeconfig { text, warning })
}

/// Arguments that name a context and a file in a command that somebody is advised to run, each behind a blank.
pub(crate) fn arguments(context: Option<&str>, file: Option<&Path>) -> String {
    let context = context.map(|context| format!(" --context {}", shell_word(context)));
    let file = file.map(|file| format!(" --kubeconfig {}", shell_word(&wording::shown(file))));
    context.into_iter().chain(file).collect()
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

/// The contexts in a line each, with their API servers; the current one has a star.
pub(crate) fn listed(kubeconfig: &Kubeconfig) -> String {
    let names = kubeconfig.contexts.iter();
    let names: Vec<&str> = names.map(|context| context.name.as_str()).collect();
    if names.is_empty() {
        return "  it has none".to_owned();
    }
    let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let line = |name: &&str| {
        let is_current = kubeconfig.current_context.as_deref() == Some(name);
        let mark = if is_current { '*' } else { ' ' };
        let selected = select(kubeconfig, Some(name)).ok();
        let server = selected.map_or_else(String::new, |context| context.server().to_owned());
        format!("{mark} {name:<width$}  {server}")
            .trim_end()
            .to_owned()
    };
    names.iter().map(line).collect::<Vec<_>>().join("\n")
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

//! Names that only a service or a kubeconfig knows, for the completions of a shell. A shell waits for them at every press of a
//! key: what does not come in time, or can't be read, is no candidate, and nothing is written beside the candidates.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use clap::{CommandFactory as _, Parser as _};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use crate::args::{Arguments, Command, GlobalArguments};
use crate::kubeconfig;
use crate::service::ServiceClient;
use crate::settings::file::ConfigFile;
use crate::settings::{Settings, token};
use crate::terminal::Terminal;

/// The variable by which a shell asks for candidates; its value names the shell.
pub(crate) const VARIABLE: &str = "NAUTES_COMPLETE";

/// Time for a list: a person who waits longer for the Tab key takes the keyboard for broken.
const PATIENCE: Duration = Duration::from_secs(2);

/// Arguments of the line that say where names come from; whether they have one value more is told by `=`.
const SOURCES: [&str; 5] = [
    "--server",
    "--service-context",
    "--config",
    "--token-file",
    "--gitlab",
];

/// Answers a shell that asks for candidates, and ends the process then. Has to be called before anything else.
pub(crate) fn answer_shell() {
    CompleteEnv::with_factory(Arguments::command)
        .var(VARIABLE)
        .complete();
}

/// Names of registered clusters.
pub(crate) fn clusters() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| candidates(cluster_names(), current))
}

/// Contexts of the kubeconfig.
pub(crate) fn contexts() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| candidates(context_names(), current))
}

/// Contexts of the settings.
pub(crate) fn service_contexts() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| candidates(service_context_names(), current))
}

fn candidates(names: Option<Vec<String>>, current: &OsStr) -> Vec<CompletionCandidate> {
    let begun = current.to_string_lossy().into_owned();
    let names = names.unwrap_or_default().into_iter();
    let names = names.filter(|name| name.starts_with(&begun));
    names.map(CompletionCandidate::new).collect()
}

fn cluster_names() -> Option<Vec<String>> {
    let (sender, receiver) = std::sync::mpsc::channel();
    // A credential helper may never answer, so that the whole of it has to be left alone in time.
    std::thread::spawn(move || sender.send(ask_for_clusters()).ok());
    receiver.recv_timeout(PATIENCE).ok()?
}

fn ask_for_clusters() -> Option<Vec<String>> {
    let settings = Settings::read(&global(&line())?).ok()?;
    // Certificates that nobody checks take a warning, and here nobody would read it.
    if settings.insecure || settings.sends_token_in_the_clear() {
        return None;
    }
    let token = token::find(&settings).ok()?;
    let service = ServiceClient::new(&settings, Some(token), Terminal::silent()).ok()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.ok()?.block_on(service.names()).ok()
}

fn context_names() -> Option<Vec<String>> {
    let file = value_of(&line(), "--kubeconfig");
    let kubeconfig = kubeconfig::read(file.as_deref().map(AsRef::as_ref)).ok()?;
    let contexts = kubeconfig.contexts.into_iter();
    Some(contexts.map(|context| context.name).collect())
}

fn service_context_names() -> Option<Vec<String>> {
    let global = global(&line())?;
    Some(ConfigFile::read(global.config.as_deref()).ok()?.names())
}

/// The words of the line that is completed: a shell hands them over behind `--`.
fn line() -> Vec<OsString> {
    let words = std::env::args_os().skip_while(|word| word != "--");
    words.skip(2).collect()
}

/// The arguments of every command, as far as they stand on the line and in the environment.
fn global(line: &[OsString]) -> Option<GlobalArguments> {
    let mut words: Vec<OsString> = vec!["nautes-clusters".into(), "get".into()];
    for name in SOURCES {
        if let Some(value) = value_of(line, name) {
            words.extend([name.into(), value]);
        }
    }
    let Arguments { global, command } = Arguments::try_parse_from(words).ok()?;
    matches!(command, Command::Get(_)).then_some(global)
}

/// The value of an argument, as the next word or behind `=`.
fn value_of(line: &[OsString], name: &str) -> Option<OsString> {
    let mut words = line.iter();
    while let Some(word) = words.next() {
        if word == name {
            return words.next().cloned();
        }
        let text = word.to_string_lossy();
        let value = text
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('='));
        if let Some(value) = value {
            return Some(value.into());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_the_line_say_where_names_come_from() {
        let line: Vec<OsString> = [
            "nautes-clusters",
            "--server=https://a",
            "delete",
            "--config",
            "c.toml",
            "--kubeconfig",
        ]
        .map(OsString::from)
        .into();
        let global = global(&line).unwrap();
        assert_eq!(global.server.as_deref(), Some("https://a"));
        assert_eq!(global.config.as_deref(), Some("c.toml".as_ref()));
        assert_eq!(value_of(&line, "--kubeconfig"), None);
        assert_eq!(value_of(&line, "--ser"), None);
    }
}

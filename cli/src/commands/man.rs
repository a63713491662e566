//! `man`: the manual page, with all commands and the exit codes.

use std::fmt::Write as _;

use clap::{Arg, Args, Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::args::Arguments;
use crate::exit;
use crate::failure::CommandError;
use crate::terminal::Terminal;

/// Arguments of `man`.
#[derive(Args)]
pub(crate) struct ManArguments {}

/// Prints the page: `nautes-clusters man | man -l -`.
///
/// # Errors
/// The page can't be written.
pub(crate) fn run(_: &ManArguments, terminal: &Terminal) -> Result<u8, CommandError> {
    let page =
        page().map_err(|error| CommandError::usage(format!("can't write the page: {error}")))?;
    terminal.print(&String::from_utf8_lossy(&page));
    Ok(exit::DONE)
}

fn page() -> std::io::Result<Vec<u8>> {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    commands(&command).to_writer(&mut page)?;
    codes().to_writer(&mut page)?;
    environment().to_writer(&mut page)?;
    man.render_extra_section(&mut page)?;
    Ok(page)
}

/// Every command with its options: a page of its own for each would have to be installed eleven times.
fn commands(command: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["COMMANDS"]);
    for command in command.get_subcommands() {
        let aliases: Vec<&str> = command.get_visible_aliases().collect();
        let mut usage = command.clone().render_usage().to_string();
        usage = usage.trim_start_matches("Usage: ").to_owned();
        if !aliases.is_empty() {
            write!(usage, " (also: {})", aliases.join(", ")).ok();
        }
        roff.control("TP", []);
        roff.text([bold(usage)]);
        roff.text([roman(
            command
                .get_about()
                .map(ToString::to_string)
                .unwrap_or_default(),
        )]);
        for option in command
            .get_arguments()
            .filter(|option| !option.is_global_set() && !option.is_hide_set())
        {
            let Some(help) = option.get_help() else {
                continue;
            };
            if option.get_id() == "help" {
                continue;
            }
            let short = option.get_short().map(|short| format!("-{short}, "));
            let name = short.unwrap_or_default() + &option.to_string();
            roff.control("RS", []);
            roff.control("TP", []);
            roff.text([bold(name)]);
            roff.text([roman(format!("{help}{}", values_of(option)))]);
            roff.control("RE", []);
        }
    }
    roff
}

/// The words that an option takes, and the one that it has by itself.
fn values_of(option: &Arg) -> String {
    let mut text = String::new();
    let words: Vec<String> = option
        .get_possible_values()
        .iter()
        .filter(|_| option.get_action().takes_values())
        .map(|value| value.get_name().to_owned())
        .collect();
    if !words.is_empty() {
        write!(text, " [{}]", words.join(", ")).ok();
    }
    let defaults: Vec<_> = option
        .get_default_values()
        .iter()
        .filter(|_| option.get_action().takes_values() && !option.is_hide_default_value_set())
        .map(|value| value.to_string_lossy())
        .collect();
    if !defaults.is_empty() {
        write!(text, " [default: {}]", defaults.join(", ")).ok();
    }
    text
}

fn codes() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in exit::MEANINGS {
        roff.control("TP", []);
        roff.text([bold(code.to_string())]);
        roff.text([roman(meaning)]);
    }
    roff
}

/// Variables of the environment that have an effect.
const VARIABLES: [(&str, &str); 19] = [
    (
        "NAUTES_SERVER",
        "URL of the service, where --server does not name it.",
    ),
    (
        "API_SERVER",
        "The same, where NAUTES_SERVER is not set: the variable of the original's command line.",
    ),
    (
        "NAUTES_TOKEN",
        "The GitLab token, where --token-file does not name a file with it.",
    ),
    (
        "GIT_TOKEN",
        "The same, where NAUTES_TOKEN is not set: the variable of the original's command line.",
    ),
    ("NAUTES_GITLAB", "URL of GitLab, as --gitlab."),
    ("NAUTES_CONFIG", "The settings, as --config."),
    (
        "NAUTES_CONTEXT",
        "The settings' context to use, as --service-context.",
    ),
    (
        "XDG_CONFIG_HOME",
        "The folder with nautes-clusters/config.toml, in place of ~/.config.",
    ),
    (
        "KUBECONFIG",
        "Kubeconfigs, separated by colons, in place of ~/.kube/config. Of a name that is in several the first file's counts.",
    ),
    (
        "SSL_CERT_FILE",
        "PEM certificates to trust in place of those of the system.",
    ),
    (
        "SSL_CERT_DIR",
        "Folders with such files, separated by colons, likewise. Of a folder the files count that `openssl rehash` names.",
    ),
    (
        "HTTPS_PROXY",
        "Proxy to what has an https URL, as is https_proxy: the service, GitLab, and clusters whose context names no proxy.",
    ),
    (
        "HTTP_PROXY",
        "Proxy to a service or GitLab with an http URL, as is http_proxy.",
    ),
    (
        "ALL_PROXY",
        "Proxy to service and GitLab where neither of the two is set, as is all_proxy.",
    ),
    (
        "NO_PROXY",
        "Hosts, domains and networks, separated by commas, at which service and GitLab are reached without a proxy, as is no_proxy.",
    ),
    ("NO_COLOR", "Where it is not empty, nothing has colours."),
    (
        "CLICOLOR_FORCE",
        "Where it is not empty, pipes have colours, too, unless NO_COLOR takes them away.",
    ),
    ("CLICOLOR", "Where it is 0, nothing has colours."),
    (
        "TERM",
        "Where it is dumb, nothing has colours, nothing moves, and nobody is asked.",
    ),
];

fn environment() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in VARIABLES {
        roff.control("TP", []);
        roff.text([bold(name)]);
        roff.text([roman(meaning)]);
    }
    roff
}

#[cfg(test)]
mod tests {
    use regex_lite::Regex;

    use super::VARIABLES;
    use crate::exit;

    /// Names in a source file that stand for variables which are read: of functions, attributes, and lists of such names.
    fn variables_read(source: &str) -> Vec<String> {
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        let read = r#"(?:variable\(|var_os\(|env::var\(|env = )"([A-Z_]+)""#;
        let listed = r#"\[("[A-Z]+_[A-Z_]+"(?:, "[A-Z]+_[A-Z_]+")*)\]"#;
        let mut names: Vec<String> = Regex::new(read)
            .unwrap()
            .captures_iter(source)
            .map(|found| found[1].to_owned())
            .collect();
        for list in Regex::new(listed).unwrap().captures_iter(source) {
            names.extend(list[1].split(", ").map(|name| name.replace('"', "")));
        }
        names
    }

    #[test]
    fn the_page_has_every_variable_that_is_read() {
        let page = String::from_utf8(super::page().unwrap()).unwrap();
        assert!(page.contains(".SH ENVIRONMENT\n"), "{page}");
        for (name, meaning) in VARIABLES {
            let first = meaning.split(['.', '\'', '-']).next().unwrap();
            let entry = format!(".TP\n\\fB{name}\\fR\n{first}");
            assert!(page.contains(&entry), "{entry}\n{page}");
        }
        let mut files = Vec::new();
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        crate::wording::tests::sources(&folder, &mut files);
        let read: Vec<String> = files.iter().flat_map(|file| variables_read(file)).collect();
        assert!(read.len() > 8, "{read:?}");
        for name in read {
            let is_told = VARIABLES.iter().any(|(told, _)| *told == name);
            assert!(is_told, "{name}");
        }
    }

    #[test]
    fn the_page_has_every_command_and_every_exit_code() {
        let page = String::from_utf8(super::page().unwrap()).unwrap();
        let meanings = crate::exit::MEANINGS;
        for code in [
            exit::DONE,
            exit::FAILED,
            exit::TROUBLE,
            exit::PANIC,
            exit::TIMEOUT,
            exit::INTERRUPTED,
            exit::CLOSED,
            exit::TERMINATED,
        ] {
            assert!(meanings.iter().any(|(known, _)| *known == code), "{code}");
        }
        for (code, meaning) in meanings {
            assert!(
                page.contains(&format!("\\fB{code}\\fR\n")),
                "{code}\n{page}"
            );
            let first = meaning.split(['.', '\'']).next().unwrap();
            assert!(
                page.contains(&first.replace('-', "\\-")),
                "{meaning}\n{page}"
            );
        }
        for command in [
            "add",
            "apply",
            "diff",
            "get",
            "status",
            "wait",
            "sync",
            "delete",
            "init",
            "doctor",
            "completion",
            "man",
        ] {
            assert!(
                page.contains(&format!("nautes\\-clusters {command}")),
                "{command}\n{page}"
            );
        }
        assert!(page.contains("NAUTES_TOKEN") && page.contains("\\-\\-remove\\-access"));
        for part in ["\\-f, \\-\\-filename", "[ready, removed]", "[default: 10m]"] {
            assert!(page.contains(part), "{part}\n{page}");
        }
    }
}

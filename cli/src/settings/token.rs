//! The caller's GitLab token: from a file, the environment, or what git uses for the same GitLab.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use url::Url;

use super::{Settings, variable};
use crate::failure::CommandError;

/// A GitLab token. No `Debug`, no `Display`.
#[derive(Clone, PartialEq)]
pub(crate) struct AccessToken(String);

impl AccessToken {
    /// The token itself, for the one header that carries it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Tells whether it is no word of an answer by chance. GitLab's have 20 letters and more.
    pub(crate) fn is_long(&self) -> bool {
        self.0.len() >= 16
    }

    /// Takes the token out of a text that somebody else wrote.
    pub(crate) fn hide_in(&self, text: &str) -> String {
        text.replace(&self.0, "…")
    }
}

/// Variables of the environment; the second is what the original's command line reads.
const VARIABLES: [&str; 2] = ["NAUTES_TOKEN", "GIT_TOKEN"];

/// Bytes of a token file: more than any token has, and a device ends there.
const LARGEST: u64 = 64 * 1024;

/// Finds the token: `--token-file`, the environment, the file that the settings name, git.
///
/// # Errors
/// There is none, and how to give one.
pub(crate) fn find(settings: &Settings) -> Result<AccessToken, CommandError> {
    if let Some(path) = &settings.token_file {
        return from_file(path);
    }
    for name in VARIABLES {
        if let Some(text) = variable(name) {
            return check(&text, name);
        }
    }
    if let Some(path) = &settings.stored_token_file {
        return from_file(path);
    }
    let Some(gitlab) = &settings.gitlab else {
        return Err(CommandError::usage(
            "no GitLab token: put one with scope api into NAUTES_TOKEN or a file (--token-file), or name your GitLab with \
             --gitlab, so that git is asked for the token it uses there",
        ));
    };
    match from_git(gitlab) {
        Some(text) => check(&text, "what git has stored for your GitLab"),
        None => Err(CommandError::usage(format!(
            "no GitLab token: NAUTES_TOKEN is not set, and git has none for {}; create a token with scope api and put it into \
             NAUTES_TOKEN, or store it with `git credential approve`",
            gitlab.host_str().unwrap_or_default()
        ))),
    }
}

fn from_file(path: &Path) -> Result<AccessToken, CommandError> {
    // The token itself may have been given in its place, so no path is shown that leads nowhere.
    let unreadable =
        |error: std::io::Error| CommandError::usage(format!("can't read the token file: {error}"));
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(LARGEST)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    check(&text, &format!("the token file {}", path.display()))
}

/// Refuses what can't be one, without showing it.
fn check(text: &str, source: &str) -> Result<AccessToken, CommandError> {
    let token = text.trim();
    let refused = |why: &str| Err(CommandError::usage(format!("{source} {why}")));
    if token.is_empty() {
        return refused("is empty");
    }
    if token.to_lowercase().starts_with("bearer ") {
        return refused("begins with `Bearer`: give the token alone");
    }
    if token
        .chars()
        .any(|char| char.is_whitespace() || !char.is_ascii_graphic())
    {
        return refused("has white space or other characters that no token has");
    }
    Ok(AccessToken(token.to_owned()))
}

/// Asks git's credential helpers, without letting them ask somebody.
fn from_git(gitlab: &Url) -> Option<String> {
    let mut git = Command::new("git")
        .args(["credential", "fill"])
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "")
        .env("SSH_ASKPASS", "")
        .env("GCM_INTERACTIVE", "never")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let request = credential_request(gitlab)?;
    git.stdin.take()?.write_all(request.as_bytes()).ok()?;
    let output = git.wait_with_output().ok()?;
    let output = String::from_utf8(output.stdout).ok()?;
    let password = output
        .lines()
        .find_map(|line| line.strip_prefix("password="))?;
    Some(password.to_owned())
}

/// The request in git's form: <https://git-scm.com/docs/git-credential#IOFMT>.
fn credential_request(gitlab: &Url) -> Option<String> {
    let host = gitlab.host_str()?;
    let host = gitlab
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Some(format!("protocol={}\nhost={host}\n\n", gitlab.scheme()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_no_token_is_refused_without_being_shown() {
        for text in ["", " \n", "Bearer canary", "canary canary", "canary\u{e9}"] {
            let Err(error) = check(text, "NAUTES_TOKEN") else {
                panic!("{text}");
            };
            assert!(error.to_string().starts_with("NAUTES_TOKEN "), "{error}");
            assert!(!error.to_string().contains("canary"), "{error}");
        }
        assert!(check("glpat-abc_1\n", "x").is_ok_and(|token| token.reveal() == "glpat-abc_1"));
    }

    #[test]
    fn git_is_asked_for_host_and_port() {
        let request = |url: &str| credential_request(&Url::parse(url).unwrap()).unwrap();
        assert_eq!(
            request("https://gitlab.example.com/gitlab"),
            "protocol=https\nhost=gitlab.example.com\n\n"
        );
        assert_eq!(request("http://a:8080"), "protocol=http\nhost=a:8080\n\n");
    }
}

//! Beginning of every command that talks to the service: settings, token, client.

use crate::args::GlobalArguments;
use crate::failure::CommandError;
use crate::service::ServiceClient;
use crate::settings::{Settings, token};
use crate::terminal::Terminal;

/// Reads the settings and the token, and makes a client of them.
///
/// # Errors
/// No server or no token is known, or a file can't be read.
pub(crate) fn connect(
    global: &GlobalArguments,
    terminal: &Terminal,
) -> Result<ServiceClient, CommandError> {
    let settings = Settings::read(global)?;
    let token = token::find(&settings)?;
    client(&settings, Some(token), terminal)
}

/// Makes a client, with a token or without.
///
/// # Errors
/// A certificate file can't be read.
pub(crate) fn client(
    settings: &Settings,
    token: Option<token::AccessToken>,
    terminal: &Terminal,
) -> Result<ServiceClient, CommandError> {
    if settings.insecure {
        terminal.warn(
            "the service's certificate is not checked: whoever is in between can read the token",
        );
    }
    if settings.sends_token_in_the_clear() && token.is_some() {
        terminal.warn(&format!(
            "{} is not https: whoever is in between can read the token",
            settings.server
        ));
    }
    ServiceClient::new(settings, token, *terminal)
}

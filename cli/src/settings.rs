//! Where the service is, and how to trust it: arguments first, then the environment, then the settings file.

pub(crate) mod file;
pub(crate) mod token;

use std::path::PathBuf;

use url::{Host, Url};

use crate::args::GlobalArguments;
use crate::failure::CommandError;
use file::{ConfigFile, ServiceContext};

/// Everything but the token itself.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The service, without a slash at the end.
    pub(crate) server: Url,
    /// GitLab, where it is known.
    pub(crate) gitlab: Option<Url>,
    /// A file with the token, given as an argument.
    pub(crate) token_file: Option<PathBuf>,
    /// A file with the token that the settings file names: the environment goes first.
    pub(crate) stored_token_file: Option<PathBuf>,
    /// Certificates to trust besides the system's.
    pub(crate) ca_file: Option<PathBuf>,
    /// Any certificate will do.
    pub(crate) insecure: bool,
}

impl Settings {
    /// Gathers them.
    ///
    /// # Errors
    /// No server is named, the settings file can't be read, or a URL is none.
    pub(crate) fn read(global: &GlobalArguments) -> Result<Self, CommandError> {
        if global.token.is_some() {
            return Err(CommandError::usage(
                "a token in an argument can be read by every process of this machine; put it into NAUTES_TOKEN or into a \
                 file (--token-file), and revoke this one",
            ));
        }
        // A variable that is set to nothing is not set, as everywhere.
        let config = global.config.as_deref();
        let config = config.filter(|path| !path.as_os_str().is_empty());
        let named = global.service_context.as_deref();
        let context = ConfigFile::read(config)?.context(named.filter(|name| !name.is_empty()))?;
        let server = global.server.clone().or_else(|| {
            // The second is what the original's command line reads.
            let variables = ["NAUTES_SERVER", "API_SERVER"];
            variables.iter().find_map(|name| variable(name))
        });
        let server = server.or_else(|| context.server.clone()).ok_or_else(|| {
            CommandError::usage(format!(
                "no service is named: give its URL with --server or in NAUTES_SERVER, or write it into {}:\n\n{}",
                file::path(config).display(),
                file::EXAMPLE.trim_end()
            ))
        })?;
        Self::new(&server, global, context)
    }

    fn new(
        server: &str,
        global: &GlobalArguments,
        context: ServiceContext,
    ) -> Result<Self, CommandError> {
        let gitlab = global.gitlab.clone().filter(|url| !url.is_empty());
        let gitlab = gitlab.or(context.gitlab);
        let gitlab = gitlab.map(|url| parse_url("GitLab", &url)).transpose()?;
        Ok(Self {
            server: parse_url("the service", server)?,
            gitlab,
            token_file: global.token_file.clone(),
            stored_token_file: context.token_file,
            ca_file: global.ca_file.clone().or(context.ca_file),
            insecure: global.insecure_skip_tls_verify || context.insecure_skip_tls_verify,
        })
    }

    /// Tells whether somebody else could read along.
    pub(crate) fn sends_token_in_the_clear(&self) -> bool {
        let is_here = match self.server.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        self.server.scheme() == "http" && !is_here
    }
}

/// A variable of the environment that is not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    let value = std::env::var(name).ok()?;
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn parse_url(what: &str, text: &str) -> Result<Url, CommandError> {
    let refused = |why: &str| {
        CommandError::usage(format!(
            "the URL of {what} {why}; give one such as https://clusters.example.com"
        ))
    };
    let mut url = Url::parse(text).map_err(|error| match text.contains("://") {
        true => refused(&format!("can't be read ({error})")),
        false => refused("does not begin with https://"),
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("has user information"));
    }
    if !["http", "https"].contains(&url.scheme()) || url.host().is_none() {
        return Err(refused("is neither http nor https"));
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    // The address of the clusters is what people copy.
    let path = path.trim_end_matches(api::CLUSTERS).to_owned();
    url.set_path(&path);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(server: &str) -> Settings {
        Settings {
            server: parse_url("the service", server).unwrap(),
            gitlab: None,
            token_file: None,
            stored_token_file: None,
            ca_file: None,
            insecure: false,
        }
    }

    #[test]
    fn a_token_goes_unencrypted_to_this_machine_alone() {
        for here in [
            "http://localhost:3000",
            "http://127.0.0.1",
            "http://[::1]:1",
            "https://a.example.com",
        ] {
            assert!(!settings(here).sends_token_in_the_clear(), "{here}");
        }
        assert!(settings("http://a.example.com").sends_token_in_the_clear());
    }

    #[test]
    fn a_url_is_an_origin_with_an_optional_prefix() {
        let server = |text: &str| settings(text).server.to_string();
        assert_eq!(server("https://a/api/v1/clusters/"), "https://a/");
        assert_eq!(server("https://a/prefix/?x=1#y"), "https://a/prefix");
        for refused in [
            "a.example.com",
            "ftp://a",
            "https://u:canary@a",
            "file:///a",
        ] {
            let error = parse_url("the service", refused).unwrap_err().to_string();
            assert!(error.contains("such as https://"), "{error}");
            assert!(!error.contains("canary"), "{error}");
        }
    }
}

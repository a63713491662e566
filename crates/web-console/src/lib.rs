//! The web console: HTML made on the server by pure functions.
//!
//! [`handle`] answers a request; whatever it has to ask goes through `service::runtime::Runtime`, to the functions
//! behind the gateway and, for logging in, to GitLab. Pages work without scripts; the one script brings what changes
//! by itself. A GitLab token is in a sealed cookie and nowhere else: no page, form or script ever holds it.

#![expect(
    clippy::result_large_err,
    reason = "a problem is shown at once, and is rarely carried further than one page"
)]

mod assets;
mod backend;
mod draft;
mod kind;
mod login;
mod origin;
mod pages;
mod reply;
mod routes;
mod seal;
mod session;
mod settings;
mod stream;
mod time;
mod visit;
mod yaml;

pub use reply::{Reply, Response};
pub use routes::{handle, unusable};
pub use settings::{ConsoleSettings, VARIABLES};
pub use stream::FragmentStream;

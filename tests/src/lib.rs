//! Support that the end-to-end tests share: a tenant of their own, and ways to ask and to look.

mod answer;
mod events;
pub mod host;
mod http_client;
mod log;
mod repository;
mod tenant;

pub use answer::Answer;
pub use events::{Event, Events};
pub use host::Host;
pub use http_client::http_client;
pub use log::Log;
pub use repository::Files;
pub use tenant::{Tenant, guide};

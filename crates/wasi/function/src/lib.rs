//! Runtime that all HTTP functions share: WASI and `spin:variables` behind the ports of the use cases. Compiles for
//! `wasm32-wasip2` only; everything worth testing lies in `service`.

mod body;
mod events;
mod exchange;
mod gateway;
mod runtime;
mod serve;
mod variables;

pub use body::{Answer, Body, read};
pub use events::watch_or_read;
pub use gateway::gateway;
pub use runtime::Wasi;
pub use serve::{call, serve};
pub use variables::{settings, variables};

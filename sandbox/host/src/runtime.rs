//! Components at run time: the engine, what they see of the host, and the instances that answer.

mod data;
mod engine;
mod expiration;
mod stdio;
mod variables;
mod worker;

pub(crate) use data::InstanceData;
pub(crate) use engine::{EngineSettings, engine, linker, tick};
pub(crate) use expiration::InstanceLimits;
pub(crate) use worker::{ComponentWorker, PreparedComponent};

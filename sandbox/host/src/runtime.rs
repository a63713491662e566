//! Components at run time: the engine, what they see of the host, and the instances that answer.

mod data;
mod engine;
mod expiration;
mod stdio;
mod variables;
mod worker;

pub(crate) use data::Data;
pub(crate) use engine::{Settings, engine, linker, tick};
pub(crate) use expiration::Limits;
pub(crate) use worker::{Prepared, Worker};

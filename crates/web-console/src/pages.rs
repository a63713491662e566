//! Pages: pure functions from the API's answers to HTML.

pub(crate) mod cluster;
pub(crate) mod clusters;
mod diff;
pub(crate) mod failure;
pub(crate) mod form;
mod layout;
pub(crate) mod login;
pub(crate) mod merge_requests;
pub(crate) mod parts;
pub(crate) mod remove;
pub(crate) mod review;

pub(crate) use clusters::Selection;
pub(crate) use layout::{Place, layout, plain};

//! The domain: what a cluster is, which requests make one, and which rules it obeys.
//!
//! Plain Rust without IO: the `validate` component, the functions and the tests all call it directly.

pub mod api_server;
mod body;
pub mod catalog;
mod categories;
mod check;
pub mod claim;
pub mod destination;
mod domain;
mod fields;
mod findings;
pub mod kubeconfig;
pub mod model;
pub mod name;
pub mod names;
mod neighbourhood;
mod placeholder_file;
pub mod render;
mod request;
pub mod resource;
pub mod rules;
pub mod selector;
mod settings;
mod tree;
pub mod verdict;
mod vocabulary;
pub mod yaml;

pub use body::quote::{quoted, shortened};
pub use categories::categories;
pub use check::{check, check_removal, inspect, survey};
pub use fields::{nearest, snake_case};
pub use model::{
    Category, Cluster, ClusterResource, ClusterType, Component, File, Settings, Surroundings,
    Usage, WorkerType,
};
pub use settings::{SettingError, check_settings};
pub use verdict::{
    Checked, Credentials, Login, Malformed, Neighbours, References, Rejection, SaveRequest,
    Violation,
};

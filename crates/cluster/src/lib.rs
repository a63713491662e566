//! The domain: what a cluster is, which requests make one, and which rules it obeys.
//!
//! Plain Rust without IO: the `validate` component, the functions and the tests all call it directly.

pub mod catalog;
pub mod model;

pub mod verdict;
pub mod yaml;

pub use model::{
    Category, Cluster, ClusterResource, ClusterType, Component, File, Settings, Surroundings,
    Usage, WorkerType,
};
pub use verdict::{
    Checked, Credentials, Login, Malformed, Neighbours, References, Rejection, SaveRequest,
    Violation,
};

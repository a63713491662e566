//! The use cases against a GitLab and a Kubernetes API in memory: every call in its order, every failure,
//! every point at which the process may end.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, and so may its helpers"
)]

mod approving;
mod counting;
mod crashes;
mod crowd;
mod destinations;
mod foreign_answers;
mod gitlab_errors;
mod gitlab_service;
mod gitlab_table;
mod history;
mod installing;
mod kubernetes_errors;
mod kubernetes_matrix;
mod kubernetes_service;
mod limits;
mod native;
mod owning;
mod proposing;
mod proposing_races;
mod queries;
mod races;
mod readiness;
mod reasons;
mod records;
mod removing;
mod repairs;
mod runtime;
mod saving;
mod setting;
mod simulated;
mod stand_ins;
mod validity;
mod watching;
mod watching_streams;

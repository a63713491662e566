//! The use cases over HTTP and TLS against a Kubernetes API server: the sandbox's, or the one that
//! `NAUTES_TEST_KUBERNETES_URL`, `NAUTES_TEST_KUBERNETES_TOKEN` and `NAUTES_TEST_KUBERNETES_CA_FILE` name (1.20 or
//! later; cluster-admin; an API server with etcd is enough). What needs Argo CD or a garbage collector says so in
//! its name and runs against the sandbox's alone.
//!
//! Definitions that are missing are installed from `crds/` and `deploy/crds/` and stay. Everything else is in
//! namespaces of its own for every test, under names of its own, and is removed in the end.

mod argo_cd;
mod client;
mod creating;
mod definitions;
mod garbage_collector;
#[path = "../../crates/service/tests/scenarios/native.rs"]
#[expect(dead_code, reason = "nobody counts here")]
mod native;
mod removing;
mod saving;
mod server;
mod tenant;
mod watching;

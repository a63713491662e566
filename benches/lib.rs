//! Measurements live in `registration.rs`: `cargo bench`.

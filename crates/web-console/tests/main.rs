//! The console as a browser without scripts meets it, before functions that answer what each test says.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

#[path = "main/assets.rs"]
mod assets;
#[path = "main/browser.rs"]
mod browser;
#[path = "main/failures.rs"]
mod failures;
#[path = "main/form.rs"]
mod form;
#[path = "main/list.rs"]
mod list;
#[path = "main/login.rs"]
mod login;
#[path = "main/pages.rs"]
mod pages;
#[path = "main/removal.rs"]
mod removal;
#[path = "main/session.rs"]
mod session;

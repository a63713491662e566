//! Sets of field paths: what server-side apply says managers own (`managedFields[].fieldsV1`).

mod encoding;
mod path;
mod set;

pub use encoding::{decode, encode};
pub use path::{Element, Path};
pub use set::FieldSet;

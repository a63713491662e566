//! The host under real components: see `../fixtures` for what they do.

mod answers;
mod support;

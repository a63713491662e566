//! The types of the WIT contract (`nautes:clusters/types`), generated once for all components, and the
//! conversions between them and the domain's own. The contract's records and the domain's structs have
//! the same fields, so every conversion is total.

mod generated {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "contract",
        generate_unused_types: true,
        generate_all,
    });
}

pub use generated::nautes::clusters::types;

mod clusters;
mod rendering;
mod validation;

/// Converts every element.
fn all<A, B: From<A>>(items: Vec<A>) -> Vec<B> {
    items.into_iter().map(B::from).collect()
}

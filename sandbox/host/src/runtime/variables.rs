//! `spin:variables/variables@3.0.0`: `get: async func(name: string) -> result<string, error>`.
//!
//! The function is defined with dynamic values: generated bindings would bring unsafe code into
//! this crate for a single function.

use super::data::InstanceData;
use crate::manifest::is_variable_name;
use wasmtime::component::{Linker, Val};

const INTERFACE: &str = "spin:variables/variables@3.0.0";

pub(super) fn add_to_linker(linker: &mut Linker<InstanceData>) -> wasmtime::Result<()> {
    linker
        .instance(INTERFACE)?
        .func_new_concurrent("get", |accessor, _, arguments, results| {
            Box::pin(async move {
                let ([Val::String(name)], [result]) = (arguments, results) else {
                    wasmtime::bail!("`get` takes one string and returns one result");
                };
                *result = accessor.with(|mut store| lookup(store.get(), name));
                Ok(())
            })
        })
}

fn lookup(data: &InstanceData, name: &str) -> Val {
    match data.variables.get(name) {
        Some(value) => Val::Result(Ok(Some(Box::new(Val::String(value.clone()))))),
        None if is_variable_name(name) => error(
            "undefined",
            format!("the component has no variable `{name}`"),
        ),
        None => error(
            "invalid-name",
            format!("`{name}` is not in lower_snake_case"),
        ),
    }
}

fn error(case: &str, message: String) -> Val {
    let message = Some(Box::new(Val::String(message)));
    Val::Result(Err(Some(Box::new(Val::Variant(case.to_owned(), message)))))
}

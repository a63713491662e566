//! The contract as Markdown.

use super::WitContract;
use super::notation::{item, name, own_types, signature};
use std::fmt::{Result, Write};
use wit_parser::{Docs, Interface, Resolve, TypeDef, TypeDefKind, World};

const HEAD: &str = "\
# The WIT contract

Written by `BLESS=1 cargo test -p wit-docs` from `wit/`; a test keeps it in step. CONTRIBUTING.md says how the contract
may change. It is read with `wit-parser`, and `.ci/wasm-tools` reads it and every component with `wasm-tools`
(`component wit wit`, `component wit wit/deps/clusters`, `validate` of the components, `component wit` of `validate.wasm` and
`render_resource.wasm`).
";

pub(super) fn page(contract: &WitContract) -> String {
    let mut page = String::from(HEAD);
    // Writing to a string can't fail.
    write_page(&mut page, contract).ok();
    page
}

fn write_page(page: &mut String, contract: &WitContract) -> Result {
    for package in contract.packages() {
        writeln!(page, "\n# Package `{}`", package.name)?;
        write_docs(page, &package.docs)?;
        for (name, interface) in contract.interfaces_of(package) {
            write_interface(page, &contract.resolve, name, interface)?;
        }
        if !package.worlds.is_empty() {
            writeln!(page, "\n## Worlds")?;
        }
        contract
            .worlds_of(package)
            .try_for_each(|(name, world)| write_world(page, &contract.resolve, name, world))?;
    }
    Ok(())
}

fn write_interface(
    page: &mut String,
    resolve: &Resolve,
    name: &str,
    interface: &Interface,
) -> Result {
    writeln!(page, "\n## Interface `{name}`")?;
    write_docs(page, &interface.docs)?;
    for function in interface.functions.values() {
        writeln!(page, "\n### `{}`", function.name)?;
        writeln!(page, "\n```wit\n{}\n```", signature(resolve, function))?;
        write_docs(page, &function.docs)?;
    }
    own_types(resolve, interface)
        .try_for_each(|(name, definition)| write_type(page, resolve, name, definition))
}

fn write_type(page: &mut String, resolve: &Resolve, it: &str, definition: &TypeDef) -> Result {
    writeln!(page, "\n### {} `{it}`", definition.kind.as_str())?;
    write_docs(page, &definition.docs)?;
    match &definition.kind {
        TypeDefKind::Record(record) => {
            writeln!(page, "\n| field | type | |\n|---|---|---|")?;
            record.fields.iter().try_for_each(|field| {
                let docs = in_a_cell(&field.docs);
                writeln!(
                    page,
                    "| `{}` | `{}` | {docs} |",
                    field.name,
                    name(resolve, &field.ty)
                )
            })
        }
        TypeDefKind::Variant(variant) => {
            writeln!(page, "\n| case | payload | |\n|---|---|---|")?;
            variant.cases.iter().try_for_each(|case| {
                let payload = case.ty.as_ref();
                let payload = payload.map(|it| format!("`{}`", name(resolve, it)));
                let (payload, docs) = (payload.unwrap_or_default(), in_a_cell(&case.docs));
                writeln!(page, "| `{}` | {payload} | {docs} |", case.name)
            })
        }
        TypeDefKind::Enum(it) => {
            writeln!(page, "\n| case | |\n|---|---|")?;
            it.cases.iter().try_for_each(|case| {
                writeln!(page, "| `{}` | {} |", case.name, in_a_cell(&case.docs))
            })
        }
        _ => Ok(()),
    }
}

fn write_world(page: &mut String, resolve: &Resolve, name: &str, world: &World) -> Result {
    writeln!(page, "\n### `{name}`")?;
    write_docs(page, &world.docs)?;
    let names = |items: &wit_parser::IndexMap<_, _>| -> Vec<String> {
        let names = items.values().filter_map(|it| item(resolve, it));
        names.map(|name| format!("`{name}`")).collect()
    };
    for (verb, items) in [
        ("Imports", names(&world.imports)),
        ("Exports", names(&world.exports)),
    ] {
        if !items.is_empty() {
            writeln!(page, "\n{verb} {}.", items.join(", "))?;
        }
    }
    Ok(())
}

fn write_docs(page: &mut String, docs: &Docs) -> Result {
    docs.contents
        .as_ref()
        .map_or(Ok(()), |text| writeln!(page, "\n{}", text.trim()))
}

fn in_a_cell(docs: &Docs) -> String {
    let text = docs.contents.as_deref().unwrap_or_default();
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

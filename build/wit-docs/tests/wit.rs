//! `wit/` is a package that others can build on: it resolves, it is documented, it says since when.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::Path;

use wit_docs::WitContract;
use wit_parser::Stability;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn contract() -> WitContract {
    WitContract::read(&root().join("wit")).unwrap()
}

#[test]
fn every_item_says_since_when_it_is_there() {
    let contract = contract();
    let versions = contract.versions();
    assert_eq!(versions.len(), 3, "{versions:?}");
    let version = versions.first().cloned().unwrap_or_default();
    assert!(versions.iter().all(|it| *it == version), "{versions:?}");
    let items = contract.items();
    assert!(items.len() > 30, "{} items", items.len());
    for item in items {
        let Stability::Stable { since, .. } = item.stability else {
            panic!("{} has no @since", item.name);
        };
        assert!(since.to_string() <= version, "{} is of {since}", item.name);
    }
}

#[test]
fn every_item_is_documented() {
    for item in contract().items() {
        assert!(!item.docs.is_empty(), "{} has no doc line", item.name);
    }
}

#[test]
fn the_page_is_up_to_date() {
    let path = root().join("docs/wit.md");
    let page = contract().markdown();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/wit.md is not what wit/ says: run `BLESS=1 cargo test -p wit-docs`"
    );
}

#[test]
fn a_folder_that_is_no_package_is_refused_with_the_reason() {
    let folder = std::env::temp_dir().join(format!("wit-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("a.wit"),
        "package a:b;\ninterface c {\n  d: func(e: f);\n}\n",
    )
    .unwrap();
    let error = WitContract::read(&folder)
        .err()
        .map(|error| format!("{error:#}"));
    std::fs::remove_dir_all(&folder).unwrap();
    let error = error.unwrap();
    assert!(error.contains("name `f` does not exist"), "{error}");
}

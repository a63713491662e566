//! The trees of the five clusters, whole.

use std::fmt::Write;

use domain::WorkerType::{Deployment, Pipeline};
use domain::render::Tree;

use crate::fixtures::{five, host, physical, settings, virtual_on_host};
use crate::repository::Repository;
use crate::states::bare;

fn show(tree: &Tree) -> String {
    let mut text = String::new();
    for (path, content) in &tree.files {
        let content = std::str::from_utf8(content).unwrap();
        writeln!(text, "=== {path}\n{content}").unwrap();
    }
    writeln!(
        text,
        "=== absent: {:#?}\n=== folders: {:#?}",
        tree.absent, tree.folders
    )
    .unwrap();
    text
}

#[test]
fn trees_of_the_five_clusters() {
    let repository = Repository::of(settings(), &five());
    insta::assert_snapshot!("host", show(&repository.render(&host()).unwrap()));
    for cluster in [
        physical(Deployment),
        physical(Pipeline),
        virtual_on_host(Deployment),
        virtual_on_host(Pipeline),
    ] {
        let tree = repository.render(&cluster).unwrap();
        insta::assert_snapshot!(cluster.name.clone(), show(&tree));
    }
}

#[test]
fn without_optional_settings() {
    let repository = Repository::of(bare(), &five());
    for cluster in [host(), physical(Pipeline), virtual_on_host(Pipeline)] {
        let tree = repository.render(&cluster).unwrap();
        insta::assert_snapshot!(format!("bare-{}", cluster.name), show(&tree));
    }
}

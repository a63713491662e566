//! Every request that the guides of the original print registers in a fresh tenant.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by it")]

use std::fs;
use std::path::{Path, PathBuf};

use cluster::{Checked, File, Neighbours, SaveRequest, Settings, check, resource};

fn requests() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/requests");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .flat_map(|version| fs::read_dir(version.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files
}

fn settings() -> Settings {
    Settings {
        tenant: "tenant1".to_owned(),
        nautes_namespace: "nautes".to_owned(),
        ..Settings::default()
    }
}

fn save(file: &Path, neighbours: &Neighbours) -> Checked {
    let name = file.file_stem().unwrap().to_str().unwrap();
    let request = SaveRequest {
        name: name.to_owned(),
        content_type: Some("application/json".to_owned()),
        body: fs::read(file).unwrap(),
    };
    match check(&request, neighbours, &settings()) {
        Ok(checked) => checked,
        Err(rejection) => panic!("{}: {rejection:?}", file.display()),
    }
}

fn resource_file(checked: &Checked) -> File {
    let text = resource::to_yaml(&checked.cluster, "nautes").unwrap();
    File {
        path: resource::path(&checked.cluster.name),
        content: text.into_bytes(),
    }
}

#[test]
fn every_request_of_the_guides_is_accepted() {
    let requests = requests();
    assert_eq!(requests.len(), 13);
    for file in &requests {
        let mut neighbours = Neighbours {
            // The certificates of the examples are valid then.
            now: 1_800_000_000,
            ..Neighbours::default()
        };
        if file.to_str().unwrap().contains("virtual") {
            let host = match file.parent().unwrap().ends_with("v0.2") {
                true => "cluster-host-demo.json",
                false => "cluster-host.json",
            };
            let host = save(&file.with_file_name(host), &neighbours);
            neighbours.resource_files.push(resource_file(&host));
        }
        let checked = save(file, &neighbours);
        println!("{}\n{:#?}", file.display(), checked.warnings);
        println!(
            "{}",
            String::from_utf8(resource_file(&checked).content).unwrap()
        );
    }
}

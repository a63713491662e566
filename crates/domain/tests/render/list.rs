//! The list of all clusters' files, made from their folder.

use domain::render::{FolderListing, OverwrittenList, RenderError, list_from_folder};

use crate::objects::documents;

fn listing(list: &str, files: &[&str]) -> FolderListing {
    FolderListing {
        kustomization: Some(list.as_bytes().to_vec()),
        files: files.iter().map(|file| (*file).to_owned()).collect(),
        overwritten: Vec::new(),
    }
}

fn overwriting(list: &str, files: &[&str], pairs: &[(&str, &str)]) -> FolderListing {
    let pair = |(base, theirs): &(&str, &str)| OverwrittenList {
        base: base.as_bytes().to_vec(),
        theirs: theirs.as_bytes().to_vec(),
    };
    FolderListing {
        overwritten: pairs.iter().map(pair).collect(),
        ..listing(list, files)
    }
}

/// The entries of the list made from a folder.
fn entries(listing: &FolderListing) -> Vec<String> {
    let list = String::from_utf8(list_from_folder(listing).unwrap()).unwrap();
    let entries = documents(&list)[0]["resources"].clone();
    let mut entries: Vec<String> = serde_json::from_value(entries).unwrap();
    entries.sort();
    entries
}

const URL: &str = "https://example.com/a.yaml";

#[test]
fn the_files_of_the_folder_have_entries_and_no_others() {
    let list = "resources:\n- a.yaml\n- gone.yaml\n- more/gone.yaml\n- more/there.yaml\n- ../base\n- https://example.com/a.yaml\n";
    let files = [
        "kustomization.yaml",
        "b.yaml",
        "a.yaml",
        "more/there.yaml",
        "more/unlisted.yaml",
    ];
    assert_eq!(
        entries(&listing(list, &files)),
        ["../base", "a.yaml", "b.yaml", URL, "more/there.yaml"]
    );
}

#[test]
fn without_a_list_there_is_one() {
    let folder = FolderListing {
        files: vec!["a.yaml".to_owned()],
        ..FolderListing::default()
    };
    let list = String::from_utf8(list_from_folder(&folder).unwrap()).unwrap();
    assert!(
        list.contains("kind: Kustomization\nresources:\n- a.yaml\n"),
        "{list}"
    );
}

#[test]
fn a_list_that_is_right_stays_as_it_is_written() {
    for list in [
        "# mine\nresources: [b.yaml, a.yaml]\n",
        "resources:\n  - ./b.yaml # by hand\n  - 'a.yaml'\n",
    ] {
        let folder = listing(list, &["a.yaml", "b.yaml"]);
        assert_eq!(list_from_folder(&folder).unwrap(), list.as_bytes());
    }
}

#[test]
fn what_is_no_clusters_file_gets_no_entry() {
    let list = "resources: []\npatches:\n- path: patch.yaml\n";
    let files = [
        "patch.yaml",
        "README.md",
        ".hidden.yaml",
        "Upper.yaml",
        "values.json",
    ];
    assert_eq!(entries(&listing(list, &files)), [""; 0]);
    // Unless somebody has given it one.
    let list = "resources: [values.json, Upper.yaml]\n";
    assert_eq!(
        entries(&listing(list, &files)),
        ["Upper.yaml", "patch.yaml", "values.json"]
    );
}

#[test]
fn what_was_overwritten_comes_back_and_what_had_gone_goes() {
    let base = "resources: [a.yaml, old/]\n";
    let theirs = "resources: [a.yaml, https://example.com/a.yaml, theirs.yaml]\n";
    let now = "resources: [a.yaml, old/, own.yaml]\n";
    let files = ["a.yaml", "own.yaml"];
    assert_eq!(
        entries(&overwriting(now, &files, &[(base, theirs)])),
        ["a.yaml", URL, "own.yaml"]
    );
}

#[test]
fn of_entries_that_are_files_the_files_decide() {
    let (with, without) = ("resources: [more/a.yaml]\n", "resources: []\n");
    for (files, now, pair, expected) in [
        (vec![], without, (without, with), vec![]),
        (
            vec!["more/a.yaml"],
            without,
            (without, with),
            vec!["more/a.yaml"],
        ),
        (
            vec!["more/a.yaml"],
            with,
            (with, without),
            vec!["more/a.yaml"],
        ),
        (vec![], with, (with, without), vec![]),
    ] {
        assert_eq!(entries(&overwriting(now, &files, &[pair])), expected);
    }
}

#[test]
fn what_a_later_commit_took_away_stays_away() {
    let (with, without) = (
        "resources: [https://example.com/a.yaml]\n",
        "resources: []\n",
    );
    for (pairs, expected) in [
        ([(without, with), (with, without)], vec![]),
        ([(with, without), (without, with)], vec![URL]),
    ] {
        assert_eq!(entries(&overwriting(without, &[], &pairs)), expected);
    }
}

#[test]
fn other_keys_are_theirs_where_nobody_has_changed_them_since() {
    let (base, theirs) = (
        "namespace: a\nresources: []\n",
        "namespace: b\nresources: []\n",
    );
    for (now, expected) in [
        ("namespace: a\nresources: []\n", "namespace: b\n"),
        ("namespace: c\nresources: []\n", "namespace: c\n"),
    ] {
        let list = list_from_folder(&overwriting(now, &["x.yaml"], &[(base, theirs)])).unwrap();
        let list = String::from_utf8(list).unwrap();
        assert!(list.contains(expected), "{list}");
    }
}

#[test]
fn a_list_that_nobody_can_read_is_not_replaced() {
    let error = list_from_folder(&listing("resources: [", &["a.yaml"]));
    assert!(matches!(error, Err(RenderError::UnreadableFile { .. })));
    // One that was overwritten says nothing.
    let folder = overwriting("resources: []\n", &["a.yaml"], &[("- a", "resources: [")]);
    assert_eq!(entries(&folder), ["a.yaml"]);
}

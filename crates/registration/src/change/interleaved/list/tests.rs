use super::*;

fn text(entries: &[&str]) -> String {
    let lines: String = entries.iter().map(|it| format!("- {it}.yaml\n")).collect();
    let empty = if entries.is_empty() { " []" } else { "" };
    format!("kind: Kustomization\nresources:{empty}\n{lines}")
}

fn merged(base: &[&str], theirs: &[&str], now: &[&str], files: &[&str]) -> String {
    let path = |it: &&str| format!("{}/{it}.yaml", paths::RESOURCE_FILES);
    let list = List {
        path: paths::KUSTOMIZATION.to_owned(),
        base: text(base).into_bytes(),
        theirs: text(theirs).into_bytes(),
        files: theirs.iter().map(path).collect(),
        repaired: BTreeMap::new(),
    };
    let files: Vec<String> = files.iter().map(path).collect();
    let is_there = |file: &str| Some(files.iter().any(|it| it == file));
    String::from_utf8(list.merged(text(now).as_bytes(), is_there)).unwrap()
}

#[test]
fn what_came_comes_back_and_what_went_goes() {
    let cases: [[&[&str]; 4]; 7] = [
        [&["a"], &["a", "p"], &["a", "w"], &["a", "p", "w"]],
        [&[], &["p"], &["w"], &["p", "w"]],
        [&["a", "x"], &["a"], &["a", "w", "x"], &["a", "w"]],
        // The entry's neighbour went.
        [&["a", "x"], &["a"], &["a", "x", "y"], &["a", "y"]],
        [&["x"], &[], &["x", "y"], &["y"]],
        // Taken back since, and added again since.
        [&["a"], &["a", "p"], &["a"], &["a"]],
        [&["a", "x"], &["a"], &["a", "x"], &["a", "x"]],
    ];
    for [base, theirs, now, wanted] in cases {
        let mut lines: Vec<&str> = wanted.to_vec();
        lines.sort_unstable();
        let merged = merged(base, theirs, now, wanted);
        let mut found: Vec<&str> = merged
            .lines()
            .filter_map(|line| line.strip_prefix("- ")?.strip_suffix(".yaml"))
            .collect();
        found.sort_unstable();
        assert_eq!(found, lines, "{base:?} {theirs:?} {now:?}: {merged}");
        assert!(
            merged.starts_with("kind: Kustomization\nresources:\n"),
            "{merged}"
        );
    }
}

#[test]
fn entries_whose_files_did_not_change_since_follow_the_foreign_commit() {
    for (base, theirs, wanted) in [
        (text(&[]), text(&["p"]), true),
        (text(&["p"]), text(&[]), false),
    ] {
        for is_there in [None, Some(false), Some(true)] {
            let list = List {
                path: paths::KUSTOMIZATION.to_owned(),
                base: base.clone().into_bytes(),
                theirs: theirs.clone().into_bytes(),
                files: (is_there == Some(true))
                    .then(|| format!("{}/p.yaml", paths::RESOURCE_FILES))
                    .into_iter()
                    .collect(),
                repaired: BTreeMap::new(),
            };
            assert_eq!(list.moved().len(), 1);
            let merged = String::from_utf8(list.merged(base.as_bytes(), |_| is_there)).unwrap();
            assert_eq!(
                merged.contains("- p.yaml"),
                wanted,
                "{is_there:?}: {merged}"
            );
        }
    }
}

#[test]
fn an_entry_that_was_repaired_follows_its_file_alone() {
    for (base, now, was_there, is_there, wanted) in [
        // Brought back: its file has gone meanwhile, or is there.
        (&["a"][..], &["a", "p"][..], true, false, false),
        (&["a"], &["a", "p"], true, true, true),
        // Taken away: its file has come back meanwhile, or has not.
        (&["a", "p"], &["a"], false, true, true),
        (&["a", "p"], &["a"], false, false, false),
    ] {
        let file = format!("{}/p.yaml", paths::RESOURCE_FILES);
        let list = List {
            path: paths::KUSTOMIZATION.to_owned(),
            base: text(base).into_bytes(),
            theirs: text(base).into_bytes(),
            files: BTreeSet::new(),
            repaired: [(file.clone(), was_there)].into(),
        };
        let now = text(now).into_bytes();
        assert_eq!(list.in_doubt(&now), [file]);
        let merged = String::from_utf8(list.merged(&now, |_| Some(is_there))).unwrap();
        assert_eq!(merged.contains("- p.yaml"), wanted, "{merged}");
        assert!(merged.contains("- a.yaml"), "{merged}");
    }
}

#[test]
fn a_repair_is_remembered_with_whether_the_file_was_there() {
    let path = |it: &str| format!("{}/{it}.yaml", paths::RESOURCE_FILES);
    let list = List {
        path: paths::KUSTOMIZATION.to_owned(),
        base: text(&["a", "x"]).into_bytes(),
        theirs: text(&["a", "p"]).into_bytes(),
        files: [path("p")].into(),
        repaired: [(path("q"), true)].into(),
    };
    let all = [(path("p"), true), (path("q"), true), (path("x"), false)];
    assert_eq!(list.repairs(), all.into());
}

#[test]
fn other_lines_are_theirs_unless_somebody_changed_them_since() {
    let list = List {
        path: paths::KUSTOMIZATION.to_owned(),
        base: text(&["a"]).into_bytes(),
        theirs: (text(&["a"]) + "namePrefix: p-\n").into_bytes(),
        files: BTreeSet::new(),
        repaired: BTreeMap::new(),
    };
    let merged = |now: &str| String::from_utf8(list.merged(now.as_bytes(), |_| None)).unwrap();
    let both = text(&["a", "w"]) + "namePrefix: p-\n";
    assert_eq!(merged(&text(&["a", "w"])), both);
    let other = text(&["a"]) + "namePrefix: q-\n";
    assert_eq!(merged(&other), other);
}

#[test]
fn files_are_known_of_plain_entries_alone() {
    let of = |path: &str, entry: &str| {
        let list = List {
            path: path.to_owned(),
            base: Vec::new(),
            theirs: Vec::new(),
            files: BTreeSet::new(),
            repaired: BTreeMap::new(),
        };
        list.file_of(entry)
    };
    let folder = paths::RESOURCE_FILES;
    let file = |name: &str| Some(format!("{folder}/{name}"));
    assert_eq!(of(paths::KUSTOMIZATION, "- a.yaml"), file("a.yaml"));
    assert_eq!(of(paths::KUSTOMIZATION, "- b/a.yaml"), file("b/a.yaml"));
    assert_eq!(
        of(paths::HOST_APPLICATION_SET, "   - cluster: h"),
        file("h.yaml")
    );
    for entry in [
        "- ../a.yaml",
        "- https://x/a.yaml",
        "- folder",
        "- path: a.yaml",
        "- ./a.yaml",
    ] {
        assert_eq!(of(paths::KUSTOMIZATION, entry), None, "{entry}");
    }
    assert_eq!(of(paths::HOST_APPLICATION_SET, "- git: x"), None);
}

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
        repaired: BTreeSet::new(),
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
fn an_older_list_of_somebody_else_undoes_nothing_whose_file_tells_otherwise() {
    for (base, theirs) in [(&[][..], &["p"][..]), (&["p"], &[])] {
        for is_there in [None, Some(false), Some(true)] {
            let list = List {
                path: paths::KUSTOMIZATION.to_owned(),
                base: text(base).into_bytes(),
                theirs: text(theirs).into_bytes(),
                repaired: BTreeSet::new(),
            };
            assert_eq!(list.in_doubt().len(), 1);
            let merged = list.merged(text(base).as_bytes(), |_| is_there);
            let merged = String::from_utf8(merged).unwrap();
            let wanted = is_there.unwrap_or(!theirs.is_empty());
            assert_eq!(
                merged.contains("- p.yaml"),
                wanted,
                "{is_there:?}: {merged}"
            );
        }
    }
}

#[test]
fn an_entry_without_a_file_of_its_own_follows_the_foreign_commit() {
    let list = List {
        path: paths::KUSTOMIZATION.to_owned(),
        base: b"resources:\n- https://x/old\n".to_vec(),
        theirs: b"resources:\n- https://x/new\n".to_vec(),
        repaired: BTreeSet::new(),
    };
    assert!(list.in_doubt().is_empty());
    let merged = list.merged(b"resources:\n- https://x/old\n- w.yaml\n", |_| None);
    let merged = String::from_utf8(merged).unwrap();
    assert_eq!(merged, "resources:\n- w.yaml\n- https://x/new\n");
}

#[test]
fn an_entry_that_was_repaired_follows_its_file_alone() {
    for (base, now) in [
        // Brought back.
        (&["a"][..], &["a", "p"][..]),
        // Taken away.
        (&["a", "p"], &["a"]),
    ] {
        for is_there in [false, true] {
            let file = format!("{}/p.yaml", paths::RESOURCE_FILES);
            let list = List {
                path: paths::KUSTOMIZATION.to_owned(),
                base: text(base).into_bytes(),
                theirs: text(base).into_bytes(),
                repaired: [file.clone()].into(),
            };
            assert_eq!(list.in_doubt(), [file].into());
            let merged = list.merged(text(now).as_bytes(), |_| Some(is_there));
            let merged = String::from_utf8(merged).unwrap();
            assert_eq!(merged.contains("- p.yaml"), is_there, "{merged}");
            assert!(merged.contains("- a.yaml"), "{merged}");
        }
    }
}

#[test]
fn other_lines_are_theirs_unless_somebody_changed_them_since() {
    let list = List {
        path: paths::KUSTOMIZATION.to_owned(),
        base: text(&["a"]).into_bytes(),
        theirs: (text(&["a"]) + "namePrefix: p-\n").into_bytes(),
        repaired: BTreeSet::new(),
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
            repaired: BTreeSet::new(),
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

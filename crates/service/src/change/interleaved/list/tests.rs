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
    // A comment goes with the first commit of a function, which is no change of somebody else.
    let list = List {
        base: ("# ours\n".to_owned() + &text(&["a"])).into_bytes(),
        ..list
    };
    let merged = list.merged(text(&["a", "w"]).as_bytes(), |_| None);
    assert_eq!(String::from_utf8(merged).unwrap(), both);
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
    assert_eq!(
        of(paths::HOST_APPLICATION_SET, "- zone: x\n  cluster: 'h'"),
        file("h.yaml")
    );
    assert_eq!(of(paths::HOST_APPLICATION_SET, "- git: x"), None);
}

#[test]
fn a_list_in_another_style_loses_nothing_and_stays_one_list() {
    let indented = |entries: &[&str]| text(entries).replace("- ", "  - ");
    let flow = |entries: &[&str]| {
        let entries: Vec<String> = entries.iter().map(|it| format!("{it}.yaml")).collect();
        format!("kind: Kustomization\nresources: [{}]\n", entries.join(", "))
    };
    let quoted = |entries: &[&str]| {
        text(entries)
            .replace("- ", "- '")
            .replace(".yaml", ".yaml'")
    };
    let plain = |entries: &[&str]| text(entries);
    type Style<'a> = &'a dyn Fn(&[&str]) -> String;
    let styles: [Style<'_>; 4] = [&indented, &flow, &quoted, &plain];
    for base in styles {
        for theirs in styles {
            let list = List {
                path: paths::KUSTOMIZATION.to_owned(),
                base: base(&["a", "x"]).into_bytes(),
                theirs: theirs(&["a", "p"]).into_bytes(),
                repaired: BTreeSet::new(),
            };
            // Not all of the list is in doubt because somebody has written it anew.
            let in_doubt: Vec<String> = list.in_doubt().into_iter().collect();
            let file = |name: &str| format!("{}/{name}.yaml", paths::RESOURCE_FILES);
            assert_eq!(in_doubt, [file("p"), file("x")]);
            let is_there = |path: &str| Some(path != file("x"));
            let merged = list.merged(text(&["a", "w", "x"]).as_bytes(), is_there);
            let merged = String::from_utf8(merged).unwrap();
            assert_eq!(lines(merged.as_bytes()).join("\n") + "\n", merged);
            let mut found: Vec<&str> = merged.lines().skip(2).collect();
            found.sort_unstable();
            assert_eq!(found, ["- a.yaml", "- p.yaml", "- w.yaml"], "{merged}");
        }
    }
}

#[test]
fn what_needs_no_repair_stays_as_it_was_written() {
    let now = b"resources:\n  - a.yaml # mine\n  - 'p.yaml'\n";
    let list = List {
        path: paths::KUSTOMIZATION.to_owned(),
        base: b"resources:\n- a.yaml\n".to_vec(),
        theirs: b"resources:\n- p.yaml\n- a.yaml\n".to_vec(),
        repaired: BTreeSet::new(),
    };
    assert_eq!(list.merged(now, |_| Some(true)), now);
}

fn set(elements: &[&str]) -> Vec<u8> {
    let elements: String = elements
        .iter()
        .map(|it| format!("      - {it}\n"))
        .collect();
    format!("spec:\n  generators:\n  - list:\n      elements:\n{elements}  template: t\n")
        .into_bytes()
}

#[test]
fn an_element_of_several_lines_comes_goes_and_changes_as_a_whole() {
    let (old, new) = (
        "cluster: h2\n        zone: a",
        "cluster: h2\n        zone: b",
    );
    for (base, theirs, now, is_there, wanted) in [
        (
            &["cluster: h1"][..],
            &["cluster: h1", new][..],
            &["cluster: h1", "cluster: h3"][..],
            true,
            &["cluster: h1", "cluster: h3", new][..],
        ),
        (
            &["cluster: h1", old],
            &["cluster: h1"],
            &["cluster: h1", old, "cluster: h3"],
            false,
            &["cluster: h1", "cluster: h3"],
        ),
        (
            &["cluster: h1", old],
            &["cluster: h1", new],
            &["cluster: h1", old, "cluster: h3"],
            true,
            &["cluster: h1", "cluster: h3", new],
        ),
    ] {
        let list = List {
            path: paths::HOST_APPLICATION_SET.to_owned(),
            base: set(base),
            theirs: set(theirs),
            repaired: BTreeSet::new(),
        };
        let file = format!("{}/h2.yaml", paths::RESOURCE_FILES);
        assert_eq!(list.in_doubt(), [file].into());
        let merged = list.merged(&set(now), |_| Some(is_there));
        let (merged, wanted) = (String::from_utf8(merged), String::from_utf8(set(wanted)));
        assert_eq!(merged, wanted);
    }
}

#[test]
fn a_list_that_has_gone_comes_back_without_what_has_gone_since() {
    let list = List {
        path: paths::HOST_APPLICATION_SET.to_owned(),
        base: set(&["cluster: h1"]),
        theirs: set(&["cluster: h1", "cluster: h2", "cluster: h3"]),
        repaired: BTreeSet::new(),
    };
    let is_there = |file: &str| Some(!file.ends_with("/h2.yaml"));
    let left = String::from_utf8(list.theirs_still_there(is_there)).unwrap();
    assert_eq!(left.into_bytes(), set(&["cluster: h1", "cluster: h3"]));
    assert_eq!(list.theirs_still_there(|_| Some(true)), list.theirs);
}

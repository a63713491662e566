use super::*;

fn text(content: &str) -> String {
    lines(content.as_bytes()).join("\n") + "\n"
}

#[test]
fn every_style_of_a_list_has_the_same_lines() {
    let same = "kind: Kustomization\nresources:\n- a.yaml\n- b/c.yaml\nnamePrefix: p-\n";
    for other in [
        same,
        "kind: Kustomization\nresources:\n  - a.yaml\n  - b/c.yaml\nnamePrefix: p-\n",
        "kind: Kustomization\nresources:\n    -  \"a.yaml\"\n    - 'b/c.yaml' # mine\nnamePrefix: p-",
        "kind: Kustomization\r\nresources: \r\n- a.yaml\r\n- b/c.yaml\r\nnamePrefix: p-\r\n",
        "kind: Kustomization\nresources: [a.yaml, \"b/c.yaml\"]\nnamePrefix: p-\n",
    ] {
        assert_eq!(text(other), same, "{other}");
    }
}

#[test]
fn lists_in_lists_are_aligned_each() {
    let aligned = "spec:\n  generators:\n  - list:\n      elements:\n      - cluster: h1\n      - cluster: h2\n  template: {}\n";
    let indented = "spec:\n  generators:\n    - list:\n        elements:\n          - cluster: h1\n          - cluster: h2\n  template: {}\n";
    assert_eq!(text(aligned), aligned);
    assert_eq!(text(indented), aligned);
    let found = lines(aligned.as_bytes());
    let entries: Vec<&str> = found
        .iter()
        .filter(|line| is_entry(line))
        .map(|it| key(it))
        .collect();
    assert_eq!(entries, ["- cluster: h1", "- cluster: h2"]);
}

#[test]
fn what_is_not_understood_stays() {
    for other in [
        "resources: []\n",
        "resources: [a: b]\n",
        "a: \"x: [y]\"\n",
        "# resources: [a.yaml]\n",
        "- https://x/?ref=\"1 #2\"\n",
        "- \"1\"\n",
        "- \"true\"\n",
        "resources: [a, b]\n",
        "- 'a: b'\n",
        "patches:\n- path: a.yaml\n  target:\n    kind: Cluster\n",
        "text: |\n  - a\n",
    ] {
        assert_eq!(text(other), other);
    }
    assert_eq!(lines(&[0xff]), ["\u{fffd}"]);
}

#[test]
fn an_entry_has_all_that_belongs_to_it() {
    let found = lines(b"elements:\n- cluster: h1\n  zones:\n  - a\n- cluster: h2\n# end\n");
    let joined = "- cluster: h1\n  zones:\n  - a";
    assert_eq!(found, ["elements:", joined, "- cluster: h2", "# end"]);
    let moved = beside("    - cluster: h2", joined);
    assert_eq!(moved, "    - cluster: h1\n      zones:\n      - a");
    assert_eq!(beside("- cluster: h2", &moved), joined);
}

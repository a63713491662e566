//! Reading what `cargo tree --prefix depth --format {p} --edges normal,no-proc-macro` prints.

use anyhow::Context as _;
use auditable_serde::{DependencyKind, Package, Source, VersionInfo};
use semver::Version;
use std::collections::{BTreeMap, BTreeSet};

/// A package, by name and version, and what it depends on.
type Packages<'a> = BTreeMap<(&'a str, Version), (Source, BTreeSet<(&'a str, Version)>)>;

/// The format's number of data that knows macros for what they are.
const FORMAT: u32 = 1;

/// Every package that is linked, sorted by name and version. The first line is the root.
///
/// # Errors
/// A line is none of cargo's.
pub fn parse(tree: &str) -> anyhow::Result<VersionInfo> {
    let mut packages = Packages::new();
    let mut above: Vec<(&str, Version)> = Vec::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let (depth, name, version, source) =
            entry(line).with_context(|| format!("no line of `cargo tree`: {line}"))?;
        above.truncate(depth);
        if let Some(parent) = above.last()
            && let Some((_, dependencies)) = packages.get_mut(parent)
        {
            dependencies.insert((name, version.clone()));
        }
        let package = (name, version);
        packages
            .entry(package.clone())
            .or_insert_with(|| (source, BTreeSet::new()));
        above.push(package);
    }
    let root = above.first().context("`cargo tree` printed nothing")?;
    let index: BTreeMap<_, usize> = packages.keys().zip(0..).collect();
    let listed = packages.iter().map(|(package, (source, dependencies))| {
        let (name, version) = package;
        Package {
            name: (*name).to_owned(),
            version: version.clone(),
            source: source.clone(),
            kind: DependencyKind::Runtime,
            dependencies: dependencies
                .iter()
                .filter_map(|it| index.get(it).copied())
                .collect(),
            root: package == root,
        }
    });
    Ok(VersionInfo {
        packages: listed.collect(),
        format: FORMAT,
    })
}

/// `2serde v1.0.0` or `1ours v0.1.0 (/its/folder)`, then perhaps ` (*)` where its dependencies were listed before.
fn entry(line: &str) -> Option<(usize, &str, Version, Source)> {
    let name = line.find(|it: char| !it.is_ascii_digit())?;
    let (depth, rest) = line.split_at_checked(name)?;
    let rest = rest.strip_suffix(" (*)").unwrap_or(rest);
    let (name, rest) = rest.split_once(" v")?;
    let (version, origin) = rest.split_once(' ').unwrap_or((rest, ""));
    let source = match origin {
        "" => Source::CratesIo,
        git if git.contains("://") => Source::Git,
        _ => Source::Local,
    };
    Some((depth.parse().ok()?, name, version.parse().ok()?, source))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use auditable_serde::{Source, VersionInfo};

    const TREE: &str = "0save v0.1.0 (/a folder/save)\n1json v1.0.2\n2memory v2.0.0\n1url v2.5.0\n2json v1.0.2 (*)\n2memory v1.0.0\n";

    #[test]
    fn a_tree_becomes_a_list_whose_indices_lead_to_the_dependencies() {
        let info = parse(TREE).unwrap();
        let names: Vec<String> = info
            .packages
            .iter()
            .map(|it| format!("{} {}", it.name, it.version))
            .collect();
        assert_eq!(
            names,
            [
                "json 1.0.2",
                "memory 1.0.0",
                "memory 2.0.0",
                "save 0.1.0",
                "url 2.5.0"
            ]
        );
        let dependencies = |n: usize| info.packages[n].dependencies.clone();
        assert_eq!(dependencies(0), [2]);
        assert_eq!(dependencies(3), [0, 4]);
        assert_eq!(dependencies(4), [0, 1]);
        let roots: Vec<bool> = info.packages.iter().map(|it| it.root).collect();
        assert_eq!(roots, [false, false, false, true, false]);
        assert_eq!(info.packages[3].source, Source::Local);
        assert_eq!(info.packages[0].source, Source::CratesIo);
    }

    #[test]
    fn readers_of_the_format_take_it() {
        let info = parse(TREE).unwrap();
        let json = serde_json::to_string(&info).unwrap();
        assert_eq!(json.parse::<VersionInfo>().unwrap(), info);
    }

    #[test]
    fn anything_else_is_refused() {
        for tree in ["", "error: no such package\n", "0save\n"] {
            assert!(parse(tree).is_err(), "{tree}");
        }
    }
}

//! The service's texts in words of the command line: it speaks of requests and parameters of a query, people here have commands
//! and flags. Documents (`-o json`) keep the service's own words.

use std::path::Path;
use std::sync::LazyLock;

use api::Problem;
use regex_lite::Regex;

/// Bytes of a path, beyond which it is taken for a text: nobody's are so long.
const LONGEST_PATH: usize = 512;

/// Phrases of the service, each with what does the same here; in this order, since later ones are parts of earlier
/// ones.
///
/// Source: the texts of `crates/service/src` and `crates/domain/src`, which a test below goes through.
const PHRASES: [(&str, &str); 28] = [
    // The parameters of a query, with the verb before them.
    (
        r"send delivery=commit or delivery=merge-request",
        "give --delivery commit or --delivery merge-request",
    ),
    (r"\bsend it with delivery=", "run it with delivery="),
    (r"\bsend delivery=", "give delivery="),
    (r"\bsend adopt=true\b", "give --adopt"),
    (r"\bdelivery=(commit|merge-request)\b", "--delivery $1"),
    (r"\badopt=true\b", "--adopt"),
    (r"\bforce=true\b", "--force"),
    (
        r"\bsend the request without force\b",
        "run the command without --force",
    ),
    (
        r"\bsend the request without sync=true\b",
        "use `nautes-clusters apply`",
    ),
    (r"\bwithout sync=true\b", "with `nautes-clusters apply`"),
    (r"\bsync=true\b", "`nautes-clusters sync`"),
    (r"\bdry_run=true\b", "`nautes-clusters diff`"),
    (
        r"\bsend GET \S+\?watch=true\b",
        "give --watch to `nautes-clusters status`",
    ),
    // Methods.
    (
        r"\bsend DELETE of (\S+) to have it removed\b",
        "`nautes-clusters delete $1` removes it",
    ),
    (
        r"\bwhen DELETE of (\S+) answers 404\b",
        "when `nautes-clusters wait $1 --for removed` has ended",
    ),
    // The token, which is in no header here.
    (
        r"\bsend (a GitLab token with scope api) as Authorization: Bearer <token>(, or alone as PRIVATE-TOKEN)?",
        "put $1 into NAUTES_TOKEN",
    ),
    // The request itself.
    (
        r"\bsend the request that registers it, with its kubeconfig\b",
        "register it with `nautes-clusters apply` and its kubeconfig",
    ),
    (
        r"\bsend the same request again\b",
        "run the same command again",
    ),
    (r"\bsend the request\b", "run the command"),
    (r"\bsend it again\b", "run the command again"),
    (r"\brepeat the request\b", "run the command again"),
    (r"\bchange that in the request\b", "change that in the file"),
    // Body and path of the request.
    (
        r"\bthe body names cluster (.+), the path (.+)",
        "the file names cluster $1, the command $2",
    ),
    (
        r"\bsend the same name in both, or in the path only\b",
        "give the same name in both, or leave it out of the file",
    ),
    (
        r"\bis a parameter of the URL, and in the body nobody reads it\b",
        "is an argument of the command, and in the file nobody reads it",
    ),
    (
        r"\bsend it behind the path, as \S+=\S+, or leave it out\b",
        "give it to the command, whose --help names its arguments, or leave it out",
    ),
    (r"\bthe body\b", "the file"),
    // The value of a field.
    (r"^send ", "give "),
];

static RULES: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let rules = PHRASES.iter();
    rules
        .filter_map(|(said, here)| Some((Regex::new(said).ok()?, *here)))
        .collect()
});

/// One text of the service.
pub(crate) fn of_command_line(text: &str) -> String {
    let mut text = text.to_owned();
    for (said, here) in RULES.iter() {
        if said.is_match(&text) {
            text = said.replace_all(&text, *here).into_owned();
        }
    }
    text
}

/// A path as it may be shown. A kubeconfig or token that was given in its place may not.
pub(crate) fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    match text.len() > LONGEST_PATH || text.contains(['\n', '\r', '{']) {
        true => "a text in the place of a path".to_owned(),
        false => text,
    }
}

/// A text as a shell takes it for one word.
pub(crate) fn shell_word(text: &str) -> String {
    let is_plain = |char: char| char.is_alphanumeric() || "_@%+=:,./-".contains(char);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// The texts of a problem, and the fields that are arguments here.
pub(crate) fn problem_of_command_line(problem: &Problem) -> Problem {
    let mut problem = problem.clone();
    problem.detail = of_command_line(&problem.detail);
    problem.hint = problem.hint.as_deref().map(of_command_line);
    for violation in &mut problem.violations {
        violation.message = of_command_line(&violation.message);
        violation.hint = violation.hint.as_deref().map(of_command_line);
        if let Some(parameter) = violation.field.strip_prefix('?') {
            violation.field = match parameter {
                "field_selector" => "--selector".to_owned(),
                parameter => format!("--{parameter}"),
            };
        }
    }
    problem
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    #[test]
    fn a_text_in_the_place_of_a_path_is_not_shown() {
        for text in ["a: canary\n", "{\"a\": \"canary\"}", &"canary".repeat(100)] {
            assert_eq!(shown(Path::new(text)), "a text in the place of a path");
        }
        assert_eq!(shown(Path::new("/a b/c.yaml")), "/a b/c.yaml");
    }

    #[test]
    fn a_shell_takes_a_word_for_one() {
        for (text, word) in [
            ("gke_project_zone", "gke_project_zone"),
            ("a b", "'a b'"),
            ("it's $HOME", "'it'\\''s $HOME'"),
            ("", "''"),
        ] {
            assert_eq!(shell_word(text), word);
        }
    }

    #[test]
    fn every_phrase_is_a_pattern() {
        assert_eq!(RULES.len(), PHRASES.len());
    }

    #[test]
    fn requests_become_commands() {
        for (said, here) in [
            (
                "the branch is protected; ask a maintainer for the right to push, or have the change proposed with delivery=merge-request; nothing was written",
                "the branch is protected; ask a maintainer for the right to push, or have the change proposed with --delivery merge-request; nothing was written",
            ),
            (
                "Secret argocd/a was not written by this service and is taken over, as adopt=true asks",
                "Secret argocd/a was not written by this service and is taken over, as --adopt asks",
            ),
            (
                "send adopt=true with the kubeconfig, and it is taken over",
                "give --adopt with the kubeconfig, and it is taken over",
            ),
            (
                "send the request without force, or have somebody who may push to main send it with delivery=commit; x",
                "run the command without --force, or have somebody who may push to main run it with --delivery commit; x",
            ),
            (
                "send delivery=commit for the first change, or make a first commit in GitLab",
                "give --delivery commit for the first change, or make a first commit in GitLab",
            ),
            (
                "have them approved first: send the request without sync=true, and again when it is merged",
                "have them approved first: use `nautes-clusters apply`, and again when it is merged",
            ),
            (
                "send the kubeconfig that was approved, or another one without sync=true",
                "give the kubeconfig that was approved, or another one with `nautes-clusters apply`",
            ),
            (
                "it is cluster a's; send DELETE of a to have it removed; nothing was written",
                "it is cluster a's; `nautes-clusters delete a` removes it; nothing was written",
            ),
            (
                "send the request again when DELETE of a answers 404; nothing was written",
                "run the command again when `nautes-clusters wait a --for removed` has ended; nothing was written",
            ),
            (
                "it is not known; send a GitLab token with scope api as Authorization: Bearer <token>, or alone as PRIVATE-TOKEN",
                "it is not known; put a GitLab token with scope api into NAUTES_TOKEN",
            ),
            (
                "the body names cluster `wrong`, the path `Wrong_One`",
                "the file names cluster `wrong`, the command `Wrong_One`",
            ),
            (
                "send it behind the path, as ?force=…, or leave it out",
                "give it to the command, whose --help names its arguments, or leave it out",
            ),
            (
                "the body is larger than 262144 bytes; a cluster needs a few thousand",
                "the file is larger than 262144 bytes; a cluster needs a few thousand",
            ),
            (
                "send `pipeline` or `deployment`",
                "give `pipeline` or `deployment`",
            ),
            (
                "usage=worker is no text of a request",
                "usage=worker is no text of a request",
            ),
        ] {
            assert_eq!(of_command_line(said), here);
        }
    }

    /// The texts of a source file in which a parameter of the query or a method stands.
    fn spelled(source: &str, spelling: &Regex) -> Vec<String> {
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        // A text goes on behind a backslash at the end of its line.
        let joined = Regex::new(r"\\\n\s*").unwrap().replace_all(source, "");
        let text = Regex::new(r#""((?:[^"\\]|\\.)*)""#).unwrap();
        let without_comments = Regex::new(r"(?m)^\s*//.*$").unwrap();
        let joined = without_comments.replace_all(&joined, "").into_owned();
        text.captures_iter(&joined)
            .map(|found| found[1].to_owned())
            .filter(|text| text.contains(' ') && spelling.is_match(text))
            .collect()
    }

    /// The texts of all source files below a folder.
    pub(crate) fn sources(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn no_text_of_the_service_comes_through_in_the_spelling_of_http() {
        let spelling = Regex::new(
            r"\b(dry_run|force|adopt|delivery|sync|watch)=|\b(GET|POST|DELETE|PUT) (of|/|\{)|Authorization:|\bsend (the|the same) request\b|\bsend it again\b|\bthe (body|path)\b",
        )
        .unwrap();
        // What is written into merge requests, is said of answers that the command line never asks for, or goes on with the
        // words for the next request of this line.
        let elsewhere = [
            "Nothing is installed before",
            "once more has it uninstalled",
            "{key}=true",
            "send GET {CLUSTERS}",
            // Rules as the documentation lists them.
            "the same as in the path",
            "Cluster, where the body is a manifest",
        ];
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
        let mut files = Vec::new();
        for folder in ["service/src", "domain/src"] {
            sources(&crates.join(folder), &mut files);
        }
        let texts: Vec<String> = files
            .iter()
            .flat_map(|file| spelled(file, &spelling))
            .collect();
        assert!(texts.len() > 15, "{texts:#?}");
        let said = texts
            .iter()
            .filter(|text| !elsewhere.iter().any(|other| text.contains(other)));
        for text in said {
            let here = of_command_line(text);
            assert!(!spelling.is_match(&here), "{text}\n{here}");
        }
    }

    #[test]
    fn no_text_of_the_command_line_speaks_of_requests_that_are_sent_again() {
        let spelling = Regex::new(r"\bsend (it|the request|the same request) again\b").unwrap();
        let mut files = Vec::new();
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut files,
        );
        assert!(files.len() > 60, "only {} files", files.len());
        // The list of the service's phrases has them, and so have problems of tests.
        let is_own =
            |file: &&String| !file.contains("const PHRASES") && !file.starts_with("use super");
        let own = files.iter().filter(is_own);
        let said: Vec<String> = own.flat_map(|file| spelled(file, &spelling)).collect();
        assert_eq!(said, Vec::<String>::new());
    }
}

//! Our reader of kubeconfigs against Kubernetes' own: what we accept, Go's client has to be able to use, and what we refuse
//! although it can is on a list with the reason. For the files of the cases, and for generated and mutated ones.
//!
//! `tests/kubeconfig/run` builds Go's side and runs this; it is no part of `cargo test`, which needs no Go.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

#[path = "../support/case_files.rs"]
mod case_files;
mod files;
mod generated;
mod reader;
mod slips;
mod stricter;

use std::collections::BTreeMap;

use domain::kubeconfig;
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use files::plain;
use reader::Reader;

/// In the lifetime of the certificates of the cases.
const NOW: u64 = 1_800_000_000;

/// Two answers to one file.
struct Compared {
    /// True where Go's client can use the file, and where we accept it.
    answers: [bool; 2],
    /// Disagreement between the two answers that no known reason explains, if there is one.
    difference: Option<String>,
}

/// `None` where there is nothing to hand to Go's client.
fn compare(reader: &mut Reader, text: &str) -> Option<Compared> {
    let content = plain(text)?;
    let theirs = reader.read(&content);
    let loaded = reader.loaded.clone();
    let ours = kubeconfig::credentials(text, NOW);
    let answers = [theirs.is_none(), ours.is_ok()];
    if let Ok(read) = &ours
        && let Some(reason) = reader.read(files::of_credentials(&read.credentials).as_bytes())
        && !stricter::is_unknown(read, &reason)
    {
        let difference = Some(format!("Go refuses what we store: {reason}"));
        return Some(Compared {
            answers,
            difference,
        });
    }
    let difference = match (ours, theirs) {
        (Ok(read), Some(reason))
            if !stricter::is_mended(&read, &reason, &content)
                && !stricter::is_unknown(&read, &reason) =>
        {
            Some(format!("we accept what Go refuses: {reason}"))
        }
        (Err(mut errors), None) => {
            // Beside one that has a reason stands none that has not.
            let file = stricter::File::new(&content, loaded);
            errors.retain(|error| file.reason(error).is_none());
            (!errors.is_empty())
                .then(|| format!("Go reads what we refuse, and the list has no reason: {errors:?}"))
        }
        _ => None,
    };
    Some(Compared {
        answers,
        difference,
    })
}

#[test]
fn the_files_of_the_cases() {
    let mut reader = Reader::start();
    let (mut accepted, mut differences) = (0, Vec::new());
    for (case, text) in files::of_cases() {
        accepted += usize::from(kubeconfig::credentials(&text, NOW).is_ok());
        if let Some(difference) = compare(&mut reader, &text).and_then(|it| it.difference) {
            differences.push(format!("{case}: {difference}"));
        }
    }
    assert!(accepted > 20, "only {accepted} were accepted");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn generated_and_mutated_files() {
    let (total, seen) = hold(generated::file());
    let [[refused, mended], [stricter, accepted]] = seen;
    assert!(
        accepted > total / 20 && refused > total / 5 && mended + stricter > total / 50,
        "{seen:?}"
    );
}

#[test]
fn certificates_and_keys_of_every_kind() {
    let (total, seen) = hold(generated::login());
    let [[refused, _], [_, accepted]] = seen;
    assert!(accepted > total / 10 && refused > total / 5, "{seen:?}");
}

/// Each key is taken with its own certificate, and refused with every other one where that can be told.
#[test]
fn every_pair_of_certificate_and_key() {
    let mut reader = Reader::start();
    let pairs = files::pairs();
    for (at, pair) in pairs.iter().enumerate() {
        for (owner, other) in pairs.iter().enumerate() {
            for key in &other.keys {
                let text = generated::with_login(&pair.certificate, key);
                let theirs = reader.read(text.as_bytes());
                let ours = kubeconfig::credentials(&text, NOW);
                let kinds = format!("{}, {}: {theirs:?} {ours:?}", pair.kind, other.kind);
                match (ours, theirs) {
                    (Ok(read), None) => {
                        assert_eq!(at, owner, "{kinds}");
                        let is_known = !["RSA of three primes", "P-384", "P-521", "Ed25519"]
                            .contains(&pair.kind.as_str());
                        assert_eq!(read.warnings.is_empty(), is_known, "{kinds}");
                    }
                    (Ok(read), Some(reason)) => {
                        assert_ne!(at, owner, "{kinds}");
                        assert!(stricter::is_unknown(&read, &reason), "{kinds}");
                    }
                    (Err(_), theirs) => assert!(at != owner && theirs.is_some(), "{kinds}"),
                }
            }
        }
    }
}

/// Go takes any password. So do we, but for those that nobody has.
#[test]
fn passwords() {
    let mut reader = Reader::start();
    let told = [
        "****",
        "${x}",
        "$(cat p)",
        "{{ .p }}",
        "<password>",
        "<no value>",
        "[MASKED]",
        "%PASSWORD%",
        "$PASSWORD",
        "CHANGE-ME",
        "REDACTED",
        "...",
    ];
    let chosen = [
        "[abc]", "<3k>", "<p>", "abc...", "abc…", "$VAR", "%a%", "a<p>", "$abc", "p*****",
    ];
    for (password, is_told) in [(&told[..], true), (&chosen[..], false)]
        .into_iter()
        .flat_map(|(passwords, is_told)| passwords.iter().map(move |it| (*it, is_told)))
    {
        let text = generated::with_user(json!({"username": "a", "password": password}));
        assert_eq!(reader.read(text.as_bytes()), None, "{password}");
        let ours = kubeconfig::credentials(&text, NOW);
        assert_eq!(ours.is_err(), is_told, "{password}: {ours:?}");
    }
}

/// Fails for every file that the two take differently. Tells how many there were and how often who took them: by what Go says,
/// and then by what we say. Both have to say yes and no often enough, and to the same files, for it to mean something.
fn hold(files: impl Strategy<Value = String>) -> (u32, [[u32; 2]; 2]) {
    let mut reader = Reader::start();
    let config = Config::default();
    let total = config.cases;
    // The same files each time: who looks for new differences asks for more of them.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let mut seen = [[0_u32; 2]; 2];
    let mut differences: BTreeMap<String, String> = BTreeMap::new();
    for _ in 0..total {
        let text = files.new_tree(&mut runner).unwrap().current();
        let Some(compared) = compare(&mut reader, &text) else {
            continue;
        };
        let [theirs, ours] = compared.answers;
        seen[usize::from(theirs)][usize::from(ours)] += 1;
        if let Some(difference) = compared.difference {
            let shortest = differences
                .entry(difference)
                .or_insert_with(|| text.clone());
            if text.len() < shortest.len() {
                *shortest = text;
            }
        }
    }
    let [[refused, mended], [stricter, accepted]] = seen;
    println!(
        "{total} files: {accepted} accepted and loaded, {refused} refused by both, {mended} accepted and mended, \
         {stricter} refused although Go loads them"
    );
    for (difference, text) in &differences {
        println!("{difference}\n{text:?}\n");
    }
    assert!(
        differences.is_empty(),
        "{} kinds of differences",
        differences.len()
    );
    (total, seen)
}

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

mod files;
mod generated;
mod reader;
mod stricter;

use std::cell::RefCell;

use domain::kubeconfig;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use files::plain;
use reader::Reader;

/// In the lifetime of the certificates of the cases.
const NOW: u64 = 1_800_000_000;

/// What is wrong with the two answers to one file, if anything. The file itself is in `proptest`'s report.
fn difference(reader: &mut Reader, text: &str) -> Result<(), String> {
    let Some(bytes) = plain(text) else {
        return Ok(());
    };
    let theirs = reader.read(&bytes);
    match (kubeconfig::credentials(text, NOW), theirs) {
        (Ok(read), Some(reason)) if !stricter::is_mended(&read, &reason) => {
            Err(format!("we accept what Go refuses: {reason}"))
        }
        (Err(errors), None) if !errors.iter().any(|error| stricter::reason(error).is_some()) => {
            Err(format!(
                "Go reads what we refuse, and the list has no reason: {errors:?}"
            ))
        }
        _ => Ok(()),
    }
}

#[test]
fn the_files_of_the_cases() {
    let mut reader = Reader::start();
    let (mut accepted, mut differences) = (0, Vec::new());
    for (case, text) in files::of_cases() {
        accepted += usize::from(kubeconfig::credentials(&text, NOW).is_ok());
        if let Err(difference) = difference(&mut reader, &text) {
            differences.push(format!("{case}: {difference}"));
        }
    }
    assert!(accepted > 20, "only {accepted} were accepted");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Both sides have to say yes and no often enough for the comparison to mean something.
#[test]
fn generated_and_mutated_files() {
    let reader = RefCell::new(Reader::start());
    let seen = RefCell::new([0_u32; 2]);
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let total = config.cases;
    // The same files each time: who looks for new differences asks for more of them.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let outcome = TestRunner::new_with_rng(config, rng).run(&generated::file(), |text| {
        let is_accepted = kubeconfig::credentials(&text, NOW).is_ok();
        seen.borrow_mut()[usize::from(is_accepted)] += 1;
        difference(&mut reader.borrow_mut(), &text).map_err(TestCaseError::fail)
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let [refused, accepted] = seen.into_inner();
    println!("{accepted} accepted, {refused} refused");
    assert!(
        accepted > total / 20 && refused > total / 5,
        "{accepted} accepted, {refused} refused"
    );
}

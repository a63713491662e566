//! Faults of this program: a panic ends it with a code of its own, and says where it was.
//!
//! A hook, since the programs of a release don't unwind: they would be aborted, and a shell would tell of a signal.

use std::io::Write as _;
use std::panic::{Location, PanicHookInfo};

use crate::exit;

/// Has every panic, of whichever thread, end the process with [`exit::PANIC`].
pub(crate) fn end_at_panic() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let terminal = console::Term::stderr();
        // A question or a spinner has hidden it.
        if terminal.is_term() {
            terminal.show_cursor().ok();
        }
        // Nobody is left to be told.
        writeln!(std::io::stderr(), "{}", text_of(info.location())).ok();
        std::process::exit(i32::from(exit::PANIC));
    }));
}

/// Text about a fault: its place, and nothing of the panic's own message, which may quote a file or an answer.
fn text_of(place: Option<&Location<'_>>) -> String {
    let place = place.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    format!(
        "error: a fault of this program, version {}, at {place}; please report it with the command, but without tokens and kubeconfigs; \
         what was asked of the service may go on: `nautes-clusters get` shows it",
        env!("CARGO_PKG_VERSION")
    )
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const CHILD: &str = "FAULT_IN_A_PROCESS_OF_ITS_OWN";

    #[test]
    fn a_fault_says_where_it_is_and_nothing_of_what_it_met() {
        if std::env::var_os(CHILD).is_some() {
            end_at_panic();
            panic!("canary-of-the-fault");
        }
        let name = "fault::tests::a_fault_says_where_it_is_and_nothing_of_what_it_met";
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", name, "--nocapture"]).env(CHILD, "1");
        let ended = child.output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        let shown = String::from_utf8(ended.stdout).unwrap();
        assert_eq!(ended.status.code(), Some(101), "{said}");
        let words = format!(
            "error: a fault of this program, version {}, at ",
            env!("CARGO_PKG_VERSION")
        );
        assert!(
            said.starts_with(&words) && said.contains("src/fault.rs:"),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
        // The process has ended there, and not the test.
        assert!(!shown.contains("test result"), "{shown}");
        assert!(
            !format!("{said}{shown}").contains("canary"),
            "{said}{shown}"
        );
    }
}

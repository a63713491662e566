//! Exit codes. The manual page lists them.

/// Done; `diff`: no differences.
pub(crate) const DONE: u8 = 0;

/// A request was refused, a component failed, a check of `doctor` failed; `diff`: there are differences.
pub(crate) const FAILED: u8 = 1;

/// The command line, a file or a setting can't be used; `diff`: anything but a comparison.
pub(crate) const TROUBLE: u8 = 2;

/// The time is up, as `timeout` of coreutils says it.
pub(crate) const TIMEOUT: u8 = 124;

/// Ctrl-C: 128 and the number of the signal, as shells say it.
pub(crate) const INTERRUPTED: u8 = 130;

/// SIGTERM, as a CI ends a job: 128 and the number of the signal.
pub(crate) const TERMINATED: u8 = 143;

/// A fault of this program, as Rust's runtime says it where it unwinds: [`crate::fault`] sees to it everywhere.
pub(crate) const PANIC: u8 = 101;

/// Nobody reads the results any more: 128 and the number of SIGPIPE, as shells say it.
pub(crate) const CLOSED: u8 = 141;

/// Meaning of each code, for the manual page.
pub(crate) const MEANINGS: [(u8, &str); 8] = [
    (DONE, "Done. For diff: no differences."),
    (
        FAILED,
        "A request was refused, a component failed, or a check of doctor failed. For diff: there are differences.",
    ),
    (
        TROUBLE,
        "The command line, a file or a setting can't be used, or the results can't be written. For diff: any trouble.",
    ),
    (PANIC, "A fault of this program."),
    (TIMEOUT, "The time given with --timeout is up."),
    (INTERRUPTED, "Ctrl-C. What goes on in the cluster is said."),
    (CLOSED, "Whoever read the results has closed the pipe."),
    (TERMINATED, "SIGTERM. As for Ctrl-C."),
];

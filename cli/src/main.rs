//! `nautes-clusters`: registers clusters, shows how far they are, and removes them.
//!
//! Results go to the standard output, everything else to the standard error. A token or kubeconfig is read from the
//! environment, a file or git's credential helper, and is in no argument, no output and no message.

mod access;
mod args;
mod cluster;
mod commands;
mod completion;
mod connectivity;
mod doctor;
mod documents;
mod exit;
mod failure;
mod interrupt;
mod kubeconfig;
mod output;
mod progress;
mod question;
mod report;
mod service;
mod session;
mod settings;
mod terminal;
mod wording;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Arguments;
use crate::failure::CommandError;
use crate::terminal::Terminal;

fn main() -> ExitCode {
    completion::answer_shell();
    let arguments = Arguments::parse();
    let terminal = Terminal::detect(arguments.global.quiet);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal.error(&format!("can't start: {error}"));
            return ExitCode::from(exit::TROUBLE);
        }
    };
    let code = runtime.block_on(run(arguments, &terminal));
    // A thread that waits for a key would keep the process alive.
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// Carries out the command, or says what goes on without it when somebody presses Ctrl-C.
async fn run(arguments: Arguments, terminal: &Terminal) -> u8 {
    let format = arguments.command.format();
    let outcome = tokio::select! {
        // In this order: who has seen the first word of a command may press Ctrl-C already.
        biased;
        interrupted = interrupt::wait() => Err(interrupted),
        outcome = commands::run(arguments, terminal) => outcome,
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            if matches!(error, CommandError::Interrupted(_)) && terminal.is_interactive {
                // A question or a spinner has hidden the cursor, and its line is not ended.
                console::Term::stderr().show_cursor().ok();
                terminal.raw("");
            }
            report::print_failure(&error, None, format, terminal);
            error.exit_code()
        }
    }
}

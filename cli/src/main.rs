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
mod fault;
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

use std::future::poll_fn;
use std::pin::pin;
use std::process::ExitCode;
use std::task::Poll;
use std::time::Duration;

use clap::Parser as _;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::args::Arguments;
use crate::failure::CommandError;
use crate::terminal::Terminal;

fn main() -> ExitCode {
    fault::end_at_panic();
    completion::answer_shell();
    // The help has colours, too.
    terminal::settle_colours();
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
    let code = runtime.block_on(run(arguments, terminal, runtime.handle().clone()));
    // A thread that waits for a key would keep the process alive.
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// How long a command that is left may take to clear its lines. One that waits for a file or a key never does.
const LEAVING: Duration = Duration::from_millis(500);

/// Carries out the command, or says what goes on without it when somebody presses Ctrl-C, or ends the process by SIGTERM.
///
/// The command has a thread of its own: while it reads a pipe or a terminal, a signal has to be noticed.
async fn run(arguments: Arguments, terminal: Terminal, runtime: Handle) -> u8 {
    let format = arguments.command.format();
    let mut interrupted = pin!(interrupt::wait());
    // Before the command says anything: who has seen its first word may press Ctrl-C already.
    poll_fn(|context| Poll::Ready(interrupted.as_mut().poll(context).is_ready())).await;
    let (leave, left) = oneshot::channel::<()>();
    let (end, mut ended) = oneshot::channel();
    std::thread::spawn(move || {
        let outcome = runtime.block_on(async {
            tokio::select! {
                biased;
                _ = left => None,
                outcome = commands::run(arguments, &terminal) => Some(outcome),
            }
        });
        end.send(outcome).ok();
    });
    let outcome = tokio::select! {
        biased;
        interrupted = interrupted => {
            leave.send(()).ok();
            tokio::time::timeout(LEAVING, &mut ended).await.ok();
            Err(interrupted)
        }
        outcome = &mut ended => match outcome {
            Ok(Some(outcome)) => outcome,
            // A thread that ends without an outcome has panicked, which has ended the process.
            Ok(None) | Err(_) => return exit::PANIC,
        },
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            if matches!(error, CommandError::Interrupted(..)) && terminal.is_interactive {
                // A question or a spinner has hidden the cursor, and its line is not ended.
                console::Term::stderr().show_cursor().ok();
                terminal.raw("");
            }
            report::print_failure(&error, None, format, &terminal);
            error.exit_code()
        }
    }
}

//! `cargo run`: see `--help`.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use sandbox::options::LogForm;
use sandbox::{Origin, RunningSandbox, SandboxOptions, banner, command, request_log};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

#[tokio::main]
async fn main() -> ExitCode {
    let options = SandboxOptions::parse();
    let asked = std::env::var("RUST_LOG").ok();
    let filter = asked.and_then(|levels| levels.parse().ok());
    let filter = filter.unwrap_or_else(|| Targets::new().with_default(LevelFilter::WARN));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match options.log {
        LogForm::Json => lines.json().flatten_event(true).boxed(),
        // Colours are for eyes: in a file they are noise.
        LogForm::Lines => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .init();
    match run(&options).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", request_log::failed(options.log, &error));
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &SandboxOptions) -> anyhow::Result<ExitCode> {
    if !options.command.is_empty() && options.builds() {
        command::build_command_line()?;
    }
    let sandbox = RunningSandbox::start(options).await?;
    let code = match options.command.as_slice() {
        [] => {
            println!(
                "{}",
                banner::text(&Origin::of_program(), options, &sandbox.ready)
            );
            stop_signal().await?;
            if !options.quiet {
                eprintln!("{}", request_log::stopping(options.log));
            }
            ExitCode::SUCCESS
        }
        command => command::run(command, &sandbox.ready).await?,
    };
    // A watch that is open may take seconds to end.
    tokio::select! {
        () = sandbox.shutdown() => {}
        again = stop_signal() => again?,
    }
    if let Some(path) = &options.ready_file {
        // A ready file of a sandbox that does not run would mislead.
        std::fs::remove_file(path).ok();
    }
    Ok(code)
}

#[cfg(unix)]
async fn stop_signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => Ok(interrupt?),
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> anyhow::Result<()> {
    Ok(tokio::signal::ctrl_c().await?)
}

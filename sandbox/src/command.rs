//! `cargo run -- -- COMMAND`: a command beside the sandbox, with server and token of the command line set, and the sandbox for as
//! long as it runs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus};
use std::time::Duration;

use anyhow::Context as _;
use tokio::process::{Child, Command};
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::origin::Origin;
use crate::ready::ReadyReport;

/// The command line's program.
const PROGRAM: &str = "nautes-clusters";

/// Arguments of cargo that build the command line. Not by `-p`, and the sandbox along with it: with other features or debug
/// information of what both have, nearly everything would be compiled anew (`.ci/one-build`).
pub const BUILD: [&str; 5] = ["build", "--bin", "sandbox", "--bin", PROGRAM];

/// Builds the command line, where this program was built in a workspace.
///
/// # Errors
/// It can't be built.
pub fn build_command_line() -> anyhow::Result<()> {
    let folder = folder()?;
    let Origin::Workspace(root) = Origin::of_program() else {
        return Ok(());
    };
    if !folder.starts_with(&root) {
        return Ok(());
    }
    let mut build = sandbox_host::build::program("CARGO", "cargo");
    build.args(BUILD).arg("--quiet").current_dir(root);
    if folder.ends_with("release") {
        build.arg("--release");
    }
    let status = build.status().context("cargo can't be started")?;
    anyhow::ensure!(status.success(), "the command line can't be built");
    Ok(())
}

/// The folder of this program, where the command line is as well: in a build, and in a release.
fn folder() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("this program's folder is not known")?;
    Ok(own.parent().map(Path::to_owned).unwrap_or_default())
}

/// How long a command that was asked to end may take: what `docker stop` gives one. An interactive shell never ends by SIGTERM.
const GRACE: Duration = Duration::from_secs(10);

/// Runs the command until it ends, and returns its exit code. Ctrl-C is the command's; a request to end is handed on to it.
///
/// # Errors
/// It can't be started.
pub async fn run(command: &[String], ready: &ReadyReport) -> anyhow::Result<ExitCode> {
    let [program, arguments @ ..] = command else {
        anyhow::bail!("there is no command");
    };
    // Before the command runs: a signal that comes while it starts must not end the sandbox alone.
    let mut requests = EndRequests::listen()?;
    let mut child = Command::new(program)
        .args(arguments)
        .envs(environment(ready, &folder()?)?)
        .spawn()
        .with_context(|| format!("{program} can't be started"))?;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status?,
            // The terminal sends it to the command as well, which knows what to do.
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            signal = requests.next() => {
                requests.hand_on(&child, signal);
                if let Ok(status) = tokio::time::timeout(GRACE, child.wait()).await {
                    break status?;
                }
                child.start_kill()?;
            }
        }
    };
    Ok(ExitCode::from(exit_code(status)))
}

/// The exit code as a shell has it: 128 and the number of the signal for a command that one ended.
fn exit_code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    let code = status.code().or_else(|| signal.map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// Requests to end that reach this process alone: `kill`, a service manager, a terminal that is closed.
#[cfg(unix)]
struct EndRequests {
    terminate: Signal,
    hang_up: Signal,
}

#[cfg(unix)]
impl EndRequests {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for one.
    async fn next(&mut self) -> rustix::process::Signal {
        tokio::select! {
            _ = self.terminate.recv() => rustix::process::Signal::TERM,
            _ = self.hang_up.recv() => rustix::process::Signal::HUP,
        }
    }

    /// Sends the same to the command.
    fn hand_on(&self, child: &Child, signal: rustix::process::Signal) {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id.and_then(rustix::process::Pid::from_raw) {
            // It may have ended by itself this very moment.
            rustix::process::kill_process(id, signal).ok();
        }
    }
}

/// Elsewhere a process is ended without being asked.
#[cfg(not(unix))]
struct EndRequests;

#[cfg(not(unix))]
impl EndRequests {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        std::future::pending().await
    }

    fn hand_on(&self, _: &Child, (): ()) {}
}

/// Environment variables that the command line and kubectl look for.
fn environment(
    ready: &ReadyReport,
    folder: &Path,
) -> anyhow::Result<Vec<(&'static str, OsString)>> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders)
        .with_context(|| format!("{PROGRAM} can't be put on the path"))?;
    let mut variables = vec![
        ("PATH", path),
        ("NAUTES_GITLAB", ready.gitlab.clone().into()),
    ];
    let token = ready.tokens.get("maintainer");
    let others = [
        ("NAUTES_SERVER", ready.api.as_ref()),
        ("NAUTES_TOKEN", token),
        ("KUBECONFIG", ready.kubeconfig.as_ref()),
    ];
    let set = others.into_iter();
    variables.extend(set.filter_map(|(name, value)| Some((name, value?.into()))));
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ready::sample as ready;

    #[tokio::test]
    async fn a_command_has_server_and_token_and_its_own_code() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("seen");
        let script = format!(
            "echo $NAUTES_SERVER $NAUTES_TOKEN $NAUTES_GITLAB $KUBECONFIG >{}; exit 7",
            file.display()
        );
        let command = ["sh".to_owned(), "-c".to_owned(), script];
        let code = run(&command, &ready()).await.unwrap();
        assert_eq!(code, ExitCode::from(7));
        assert_eq!(
            std::fs::read_to_string(file).unwrap(),
            "http://127.0.0.1:3000 t0 http://127.0.0.1:1 /k.yaml\n"
        );
        let killed = ["sh".to_owned(), "-c".to_owned(), "kill -KILL $$".to_owned()];
        assert_eq!(run(&killed, &ready()).await.unwrap(), ExitCode::from(137));
        let missing = run(&["no-such-program".to_owned()], &ready()).await;
        let error = missing.unwrap_err().to_string();
        assert_eq!(error, "no-such-program can't be started");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_request_to_end_is_the_commands_which_ends_as_it_likes() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("waits");
        let script = format!(
            "trap 'exit 7' TERM; >{}; while :; do sleep 0.05; done",
            file.display()
        );
        let command = ["sh".to_owned(), "-c".to_owned(), script];
        let running = tokio::spawn(async move { run(&command, &ready()).await });
        while !file.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // This process is the sandbox's here, and listens since before the command ran.
        let own = rustix::process::getpid();
        rustix::process::kill_process(own, rustix::process::Signal::TERM).unwrap();
        let code = tokio::time::timeout(GRACE / 2, running).await;
        assert_eq!(code.unwrap().unwrap().unwrap(), ExitCode::from(7));
    }
}

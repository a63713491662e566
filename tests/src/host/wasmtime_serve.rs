//! `wasmtime serve` with a self-contained component, as docs/hosts.md describes it.

use super::Variable;
use crate::log::Log;
use build::{self_contained, workspace};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// A process of its own. Ends when this is dropped.
pub struct WasmtimeServe {
    url: String,
    process: Child,
}

impl WasmtimeServe {
    /// Serves a component of `target/composed` on a free port, with settings from the environment.
    /// `NAUTES_WASMTIME` is the path of wasmtime, else the one on `PATH` is taken.
    ///
    /// # Panics
    /// When it does not start; its output tells why.
    pub async fn start(component: &str, variables: &[Variable<'_>], log: &Log) -> Self {
        Self::serve(&compiled(component), variables, log).await
    }

    /// Serves another component that needs nothing composed in.
    ///
    /// # Panics
    /// When it does not start; its output tells why.
    pub async fn start_file(component: &Path, variables: &[Variable<'_>], log: &Log) -> Self {
        let folder = component.parent().expect("a file in a folder");
        let name = component.file_stem().expect("a file").to_string_lossy();
        Self::serve(&compile(folder, &name), variables, log).await
    }

    async fn serve(compiled: &Path, variables: &[Variable<'_>], log: &Log) -> Self {
        let output = log.file();
        let environment = variables
            .iter()
            .map(|(name, value)| (format!("NAUTES_{}", name.to_uppercase()), value));
        let mut command = Command::new(wasmtime());
        command
            .arg("serve")
            .args(["-Sp3", "-Scli", "-Sinherit-env", "-Wcomponent-model-async"])
            .args(["--addr", "127.0.0.1:0", "--no-logging-prefix"])
            .arg("--allow-precompiled")
            .arg(compiled)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output);
        let mut serve = Self {
            url: String::new(),
            process: command.spawn().unwrap(),
        };
        while serve.url.is_empty() {
            serve.url = address(&log.text()).unwrap_or_default();
            let ended = serve.process.try_wait().unwrap();
            assert!(ended.is_none(), "wasmtime ended: {}", log.text());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        serve
    }

    /// Where it answers, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for WasmtimeServe {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Line that wasmtime prints when it listens.
const BANNER: &str = "Serving HTTP on";

/// The component's lines, without wasmtime's own.
pub(super) fn named_lines(output: &str) -> String {
    let lines = output.lines().filter(|line| !line.starts_with(BANNER));
    lines
        .map(|line| format!("{}: {line}\n", self_contained::APPLICATION))
        .collect()
}

/// Written piece by piece: half of the line would be another address.
fn address(output: &str) -> Option<String> {
    let mut lines = output.split_inclusive('\n');
    let line = lines.find(|line| line.starts_with(BANNER) && line.ends_with('\n'))?;
    let url = line
        .split_whitespace()
        .find(|word| word.starts_with("http://"))?;
    Some(url.trim_end_matches('/').to_owned())
}

fn wasmtime() -> OsString {
    std::env::var_os("NAUTES_WASMTIME").unwrap_or_else(|| "wasmtime".into())
}

/// Compiled ahead, once per component and run of the tests.
fn compiled(component: &str) -> PathBuf {
    static COMPILED: LazyLock<Mutex<BTreeMap<String, PathBuf>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let path = compiled.entry(component.to_owned()).or_insert_with(|| {
        let folder = workspace().join("target/composed");
        build::cargo::everything(workspace(), &mut build::cargo::print_lines).unwrap();
        self_contained::compose_all(&build::cargo::output(workspace()), &folder).unwrap();
        compile(&folder, component)
    });
    path.clone()
}

fn compile(folder: &Path, component: &str) -> PathBuf {
    let path = folder.join(format!("{component}.cwasm"));
    // Renamed when it is whole: another run of the tests may have the old one mapped.
    let new = folder.join(format!("{component}.{}.new", std::process::id()));
    let output = Command::new(wasmtime())
        .args(["compile", "-Wcomponent-model-async"])
        .arg(folder.join(format!("{component}.wasm")))
        .arg("-o")
        .arg(&new)
        .output()
        .expect("wasmtime can't be run: set NAUTES_WASMTIME");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    std::fs::rename(&new, &path).unwrap();
    path
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn half_a_line_is_no_address() {
        let line = "Serving HTTP on http://127.0.0.1:34567/\n";
        let url = Some("http://127.0.0.1:34567".to_owned());
        assert_eq!(address(line), url);
        assert_eq!(address(&format!("a line\n{line}more")), url);
        for (end, _) in line.char_indices() {
            assert_eq!(address(&line[..end]), None);
        }
    }
}

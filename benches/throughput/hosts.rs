//! The hosts that are at hand, each with the application and with `hello`.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use build::{cargo, self_contained};
use sandbox::options::workspace;
use tests::host::{Variable, WasmtimeServe, sandbox};
use tests::{Log, Tenant};

/// A host that runs both.
pub struct RunningHost {
    /// For the table.
    pub name: &'static str,
    hello: HostServer,
    application: HostServer,
}

enum HostServer {
    Sandbox(sandbox_host::ComponentHost),
    WasmtimeServe(WasmtimeServe),
    Spin(SpinProcess),
}

impl RunningHost {
    /// URL of `hello`.
    pub fn hello(&self) -> &str {
        self.hello.url()
    }

    /// URL of the application.
    pub fn application(&self) -> &str {
        self.application.url()
    }
}

impl HostServer {
    fn url(&self) -> &str {
        match self {
            Self::Sandbox(host) => host.url(),
            Self::WasmtimeServe(host) => host.url(),
            Self::Spin(spin) => &spin.url,
        }
    }
}

/// Starts all of them.
pub async fn all(tenant: &Tenant) -> Vec<RunningHost> {
    cargo::package(workspace(), "hello", &mut cargo::print_lines).expect("hello is built");
    let hello = workspace().join("benches/hello/spin.toml");
    let application = workspace().join("spin.toml");
    let (variables, log) = (tenant.variables(), Log::default());
    let mut all = vec![RunningHost {
        name: "the sandbox's",
        hello: HostServer::Sandbox(sandbox(&hello, &[], &log).await),
        application: HostServer::Sandbox(sandbox(&application, &variables, &log).await),
    }];
    if std::env::var_os("NAUTES_WASMTIME").is_some() {
        let file = cargo::output(workspace()).join(cargo::file_name("hello"));
        let whole = self_contained::APPLICATION;
        // Each in a file of its own: the address is looked for in it.
        let hello = WasmtimeServe::start_file(&file, &[], &Log::default()).await;
        let application = WasmtimeServe::start(whole, &variables, &Log::default()).await;
        all.push(RunningHost {
            name: "`wasmtime serve`",
            hello: HostServer::WasmtimeServe(hello),
            application: HostServer::WasmtimeServe(application),
        });
    }
    if let Some(program) = std::env::var_os("NAUTES_SPIN").map(PathBuf::from) {
        all.push(RunningHost {
            name: "Spin",
            hello: HostServer::Spin(SpinProcess::up(&program, &hello, &[]).await),
            application: HostServer::Spin(
                SpinProcess::up(&program, &application, &variables).await,
            ),
        });
    }
    all
}

/// `spin up`. Ends when this is dropped.
struct SpinProcess {
    url: String,
    process: Child,
}

impl SpinProcess {
    async fn up(program: &Path, manifest: &Path, variables: &[Variable<'_>]) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("an address");
        drop(free);
        let variables = variables
            .iter()
            .map(|(name, value)| (format!("SPIN_VARIABLE_{}", name.to_uppercase()), value));
        let process = Command::new(program)
            .args(["up", "--from"])
            .arg(manifest)
            .args(["--listen", &address.to_string()])
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("NAUTES_SPIN is a program");
        let mut spin = Self {
            url: format!("http://{address}"),
            process,
        };
        while tokio::net::TcpStream::connect(address).await.is_err() {
            let ended = spin.process.try_wait().expect("a process");
            assert!(ended.is_none(), "spin up ended: {ended:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        spin
    }
}

impl Drop for SpinProcess {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

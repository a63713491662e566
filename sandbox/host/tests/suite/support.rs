//! Support that the tests share: built components, manifests, a collector of log lines.

use bytes::Bytes;
use http::{Request, Response};
use sandbox_host::{
    ComponentCompiler, ComponentHost, HostOptions, LogLine, LogSource, SpinManifest, build,
};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use tempfile::TempDir;

/// A manifest with one component that answers everything; what follows belongs to its table.
pub const ONE: &str = r#"
spin_manifest_version = 2
[application]
name = "fixture"

[variables]
greeting = { default = "hello" }
token = { default = "t0ken", secret = true }

[[trigger.http]]
route = "/..."
component = "service"

[component.service.dependencies]
"fixture:library/arithmetic" = { path = "LIBRARY" }

[component.service]
source = "SERVICE"
"#;

/// An application in a folder of its own.
pub struct TestApplication {
    pub options: HostOptions,
    pub folder: TempDir,
    lines: Arc<Mutex<Vec<LogLine>>>,
}

impl TestApplication {
    /// `SERVICE` and `LIBRARY` in the manifest stand for the built components.
    pub fn new(manifest: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spin.toml");
        let FixtureComponents {
            service, library, ..
        } = components();
        let manifest = manifest.replace("SERVICE", service.to_str().unwrap());
        std::fs::write(
            &path,
            manifest.replace("LIBRARY", library.to_str().unwrap()),
        )
        .unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        static COMPILER: LazyLock<ComponentCompiler> = LazyLock::new(ComponentCompiler::default);
        let mut options = HostOptions::new(path, "127.0.0.1:0".parse().unwrap());
        options.compiler = COMPILER.clone();
        options.log = Arc::new(move |line| sink.lock().unwrap().push(line));
        Self {
            options,
            folder,
            lines,
        }
    }

    /// The application of [`ONE`] with more in the component's table.
    pub fn one(more: &str) -> Self {
        Self::new(&format!("{ONE}{more}"))
    }

    pub async fn start(&self) -> ComponentHost {
        ComponentHost::start(self.options.clone()).await.unwrap()
    }

    /// The message of a start that fails, with its causes.
    pub async fn refusal(&self) -> String {
        match ComponentHost::start(self.options.clone()).await {
            Ok(_) => panic!("the application started"),
            Err(error) => format!("{error:#}"),
        }
    }

    /// The lines of one kind, each after the id of its component.
    pub fn lines(&self, source: LogSource) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        let wanted = lines.iter().filter(|line| line.source == source);
        wanted
            .map(|line| format!("{}: {}", line.component, line.text))
            .collect()
    }
}

/// Calls a component directly.
pub async fn call(host: &ComponentHost, component: &str, path: &str) -> (u16, String) {
    let request = Request::get(format!("http://test{path}"))
        .body(Bytes::new())
        .unwrap();
    let response = host.handle(component, request).await.unwrap();
    (response.status().as_u16(), text(&response))
}

/// Calls the component of [`ONE`].
pub async fn get(host: &ComponentHost, path: &str) -> (u16, String) {
    call(host, "service", path).await
}

pub fn text(response: &Response<Bytes>) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// The files of the built fixtures, and of the adapter for variables.
#[derive(Clone)]
pub struct FixtureComponents {
    pub service: PathBuf,
    pub library: PathBuf,
    pub env_variables: PathBuf,
}

/// Built once per run of the tests.
pub fn components() -> FixtureComponents {
    static BUILT: OnceLock<FixtureComponents> = OnceLock::new();
    BUILT.get_or_init(make).clone()
}

fn make() -> FixtureComponents {
    let packages = ["fixture-service", "fixture-library", "env-variables"];
    let [service, library, env_variables] = packages.map(source);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spin.toml");
    let tables = packages.map(|package| {
        format!(
            "[component.{package}]\nsource = {:?}\n\
             build.command = \"cargo build --release --target wasm32-wasip2 -p {package}\"\n",
            source(package)
        )
    });
    let head = "spin_manifest_version = 2\ntrigger = {}\n[application]\nname = \"fixtures\"\n";
    std::fs::write(&path, format!("{head}{}", tables.concat())).unwrap();
    let manifest = SpinManifest::load(&path).unwrap();
    build::components(&workspace(), &manifest, &mut build::print_lines).unwrap();
    FixtureComponents {
        service,
        library,
        env_variables,
    }
}

fn source(package: &str) -> PathBuf {
    let file = format!("{}.wasm", package.replace('-', "_"));
    workspace().join("target/wasm32-wasip2/release").join(file)
}

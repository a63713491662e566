//! What the tests share: built components, manifests, a collector of log lines.

use bytes::Bytes;
use http::{Request, Response};
use sandbox_host::{Host, LogLine, Manifest, Options, Source, build};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use tempfile::TempDir;

/// A manifest with one component that answers everything. `{extra}` follows in its table.
pub const ONE: &str = r#"
spin_manifest_version = 2
[application]
name = "fixture"

[[trigger.http]]
route = "/..."
component = "service"

[component.service]
source = "SERVICE"
[component.service.dependencies]
"fixture:library/arithmetic" = { path = "LIBRARY" }
"#;

/// An application in a folder of its own.
pub struct App {
    pub options: Options,
    lines: Arc<Mutex<Vec<LogLine>>>,
    _folder: TempDir,
}

impl App {
    /// `SERVICE` and `LIBRARY` in the manifest stand for the built components.
    pub fn new(manifest: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spin.toml");
        let [service, library] = components();
        let manifest = manifest.replace("SERVICE", service.to_str().unwrap());
        std::fs::write(
            &path,
            manifest.replace("LIBRARY", library.to_str().unwrap()),
        )
        .unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let mut options = Options::new(path, "127.0.0.1:0".parse().unwrap());
        options.log = Arc::new(move |line| sink.lock().unwrap().push(line));
        Self {
            options,
            lines,
            _folder: folder,
        }
    }

    pub async fn start(&self) -> Host {
        Host::start(self.options.clone()).await.unwrap()
    }

    /// The message of a start that fails, with its causes.
    pub async fn refusal(&self) -> String {
        match Host::start(self.options.clone()).await {
            Ok(_) => panic!("the application started"),
            Err(error) => format!("{error:#}"),
        }
    }

    pub fn lines(&self, source: Source) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        lines
            .iter()
            .filter(|line| line.source == source)
            .map(|line| line.text.clone())
            .collect()
    }

    pub fn all_lines(&self) -> Vec<LogLine> {
        self.lines.lock().unwrap().clone()
    }
}

/// Calls a component directly.
pub async fn call(host: &Host, component: &str, path: &str) -> (u16, String) {
    let request = Request::get(format!("http://test{path}"))
        .body(Bytes::new())
        .unwrap();
    let response = host.handle(component, request).await.unwrap();
    (response.status().as_u16(), text(&response))
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

/// The service and the library, built once per run of the tests.
pub fn components() -> [PathBuf; 2] {
    static BUILT: OnceLock<[PathBuf; 2]> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let release = workspace().join("target/wasm32-wasip2/release");
        let paths = ["fixture_service.wasm", "fixture_library.wasm"].map(|file| release.join(file));
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("spin.toml");
        std::fs::write(&manifest, build_manifest(&paths)).unwrap();
        let manifest = Manifest::load(&manifest).unwrap();
        build::components(&workspace(), &manifest, &mut |line| println!("{line}")).unwrap();
        paths
    });
    built.clone()
}

fn build_manifest([service, library]: &[PathBuf; 2]) -> String {
    let component = |name: &str, path: &Path| {
        format!(
            "[component.{name}]\nsource = \"{}\"\nbuild.command = \"cargo build --release --target wasm32-wasip2 -p fixture-{name}\"\n",
            path.display()
        )
    };
    format!(
        "spin_manifest_version = 2\ntrigger = {{}}\n[application]\nname = \"fixtures\"\n{}{}",
        component("service", service),
        component("library", library)
    )
}

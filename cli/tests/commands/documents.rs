//! The pages, as a reader follows them: every command that can run here is run, in the order of its page, against a sandbox of the
//! page's own. `documents/blocks.rs` says how a block is marked that can't.

mod blocks;
mod printed;

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tests::Tenant;

use crate::support::{CommandLine, WORKER, command_line, kubeconfig, tenant};
use blocks::{Block, Form};

/// Long enough for a busy machine to see a removal under way.
const STEP: Duration = Duration::from_millis(400);

/// Addresses that the pages name, in place of the reader's own.
const SERVERS: [&str; 2] = ["http://127.0.0.1:3000", "https://clusters.example.com"];

/// GitLab as the pages name it, in a URL for git.
const GITLAB: &str = "https://oauth2:$NAUTES_TOKEN@gitlab.example.com/";

/// The first commit that a page's own search for those of `build` lists.
const NEWEST: &str = "$(git log --grep='^Cluster: build$' --format=%H -1)";

/// `diff` says by 1 that there is something, as it is documented: that ends no page. A refusal that curl is given does.
const PRELUDE: &str = "set -euo pipefail
curl() { command curl --fail-with-body \"$@\"; }
nautes-clusters() { command nautes-clusters \"$@\" || { code=$?; [ \"${1-} $code\" = 'diff 1' ]; }; }
";

/// Environment of a reader's git: an author, no editor, no pager.
const READER: [(&str, &str); 6] = [
    ("GIT_AUTHOR_NAME", "Reader"),
    ("GIT_AUTHOR_EMAIL", "reader@example.com"),
    ("GIT_COMMITTER_NAME", "Reader"),
    ("GIT_COMMITTER_EMAIL", "reader@example.com"),
    ("GIT_EDITOR", "true"),
    ("GIT_PAGER", "cat"),
];

/// A page that is being followed.
struct Page {
    path: &'static str,
    tenant: Tenant,
    cli: CommandLine,
    /// Exports so far: a reader stays in one shell.
    exports: String,
}

impl Page {
    async fn open(path: &'static str) -> Self {
        let tenant = tenant(STEP).await;
        let cli = command_line(&tenant);
        lay_out(&cli);
        let user = json!({"token": tenant.kubernetes.token()});
        let server = tenant.kubernetes.url_tls();
        let config = kubeconfig("management", server, tenant.kubernetes.ca_pem(), &user);
        let config = cli.write("kubeconfig", &config);
        let binary = Path::new(env!("CARGO_BIN_EXE_nautes-clusters"));
        let folder = binary.parent().unwrap().display();
        let programs = format!("{folder}:{}", std::env::var("PATH").unwrap());
        let cli = READER
            .iter()
            .fold(cli, |cli, (name, value)| cli.with(name, value))
            .with("KUBECONFIG", config.to_str().unwrap())
            .with("PATH", &programs);
        Self {
            path,
            tenant,
            cli,
            exports: String::new(),
        }
    }

    /// The reader's own values in the places of the page's.
    fn filled_in(&self, text: &str) -> String {
        let token = &self.tenant.gitlab.tokens().maintainer;
        let text = text.replace("NAUTES_TOKEN=…", &format!("NAUTES_TOKEN={token}"));
        let gitlab = self.tenant.gitlab.url();
        let gitlab = gitlab.replacen("://", "://oauth2:$NAUTES_TOKEN@", 1);
        let text = text.replace(GITLAB, &format!("{gitlab}/"));
        let text = text.replace("revert COMMIT", &format!("revert {NEWEST}"));
        SERVERS.iter().fold(text, |text, server| {
            text.replace(server, self.tenant.host.url())
        })
    }

    /// Runs a script and returns what a terminal shows.
    fn run(&mut self, line: usize, script: &str) -> String {
        let script = self.filled_in(script);
        let place = format!("{}:{line}", self.path);
        assert!(
            !script.contains('…'),
            "{place}: what stands for … in\n{script}"
        );
        let whole = format!("{PRELUDE}{}{script}", self.exports);
        let screen = self
            .cli
            .program_on_terminal("bash", &["-c", &whole], (500, 200));
        let (code, window) = screen.finish_with_yes();
        assert_eq!(code, 0, "{place}:\n{script}\n{window}");
        let exports = script.lines().filter(|line| line.starts_with("export "));
        self.exports.extend(exports.map(|line| format!("{line}\n")));
        window
    }

    /// Follows a block. `before` is what the one before has shown.
    fn follow(&mut self, block: &Block, before: Option<String>) -> Option<String> {
        let place = format!("{}:{}", self.path, block.line);
        match block.form {
            Form::Script => Some(self.run(block.line, &block.text)),
            Form::Session => {
                for exchange in printed::exchanges(&block.text) {
                    let shown = self.run(block.line, exchange.command);
                    let missing = printed::missing(&exchange.printed, &shown);
                    assert_eq!(missing, None, "{place}: {}\n{shown}", exchange.command);
                }
                None
            }
            Form::Json => {
                let page: Value = serde_json::from_str(&block.text).ok()?;
                let shown = before?.replace('\n', "");
                let answer: Value = serde_json::from_str(&shown).expect(&shown);
                assert_eq!(printed::difference(&page, &answer, ""), None, "{place}");
                None
            }
            Form::Data => None,
        }
    }
}

/// The folder of a clone, as far as commands name it, and what the pages call the reader's own.
fn lay_out(cli: &CommandLine) {
    for name in ["deploy", "tests"] {
        std::os::unix::fs::symlink(workspace().join(name), cli.home.path().join(name)).unwrap();
    }
    let guide: Value = serde_json::from_str(&tests::guide("v0.4", "cluster-host")).unwrap();
    let encoded = guide["kubeconfig"].as_str().unwrap();
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded);
    let config = String::from_utf8(bytes.unwrap()).unwrap();
    cli.write("clusters/admin.conf", &config);
    let worker = tests::guide("v0.4", WORKER);
    // JSON is YAML.
    cli.write("my-worker.yaml", &worker);
    cli.write("build.json", &worker);
    let other = worker.replace("8.217.50.114.nip.io", "other.example.com");
    assert_ne!(other, worker);
    cli.write("changed/build.json", &other);
}

/// Edits the manifest that `init` has written, as a reader does.
fn edit_manifest(cli: &CommandLine) {
    let path = cli.home.path().join("clusters/build.yaml");
    let Ok(text) = std::fs::read_to_string(&path) else {
        return;
    };
    std::fs::write(
        path,
        text.replace("name: physical-worker\n", "name: build\n"),
    )
    .unwrap();
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A program that a block needs and this machine has not.
fn lacking(block: &Block) -> Option<&'static str> {
    let is_used = |program: &&str| block.text.split_whitespace().any(|word| word == *program);
    ["kubectl", "curl"]
        .into_iter()
        .filter(|it| is_used(it))
        .find(|program| {
            let found = std::process::Command::new(program).arg("--help").output();
            found.is_err()
        })
}

/// The blocks of a page, of which so many at least have to be run.
fn read_page(path: &str, at_least: usize) -> Vec<Block> {
    let text = std::fs::read_to_string(workspace().join(path)).unwrap();
    let blocks = blocks::read(&text).unwrap_or_else(|faults| panic!("{path}: {faults:#?}"));
    let run = blocks.iter().filter(|block| block.is_run()).count();
    assert!(run >= at_least, "{path}: {run} blocks are run");
    blocks
}

async fn follow(path: &'static str, at_least: usize) {
    let blocks = read_page(path, at_least);
    if !blocks.iter().any(Block::is_run) {
        return;
    }
    let page = Page::open(path).await;
    let followed = tokio::task::spawn_blocking(move || follow_all(page, &blocks));
    // The sandbox stops in the runtime.
    drop(followed.await.unwrap());
}

fn follow_all(mut page: Page, blocks: &[Block]) -> Page {
    let mut shown = None;
    for block in blocks {
        shown = match lacking(block) {
            _ if block.excuse.is_some() => None,
            Some(program) => {
                let place = format!("{}:{}", page.path, block.line);
                eprintln!("SKIPPED: {place} needs {program}, which is not here");
                None
            }
            None => page.follow(block, shown),
        };
        edit_manifest(&page.cli);
    }
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readme_runs() {
    follow("README.md", 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_command_line_runs() {
    follow("docs/cli.md", 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_deployment_runs() {
    follow("docs/deploy.md", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_api_runs() {
    follow("docs/api.md", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_settings_runs() {
    follow("docs/settings.md", 1).await;
}

/// The page undoes a change that its reader made before.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_operating_undoes_a_change() {
    let blocks = read_page("docs/operating.md", 2);
    let mut page = Page::open("docs/operating.md").await;
    let followed = tokio::task::spawn_blocking(move || {
        page.run(0, "nautes-clusters apply -f build.json --wait");
        let before = page.tenant.files();
        page.run(0, "nautes-clusters apply -f changed/build.json --wait");
        assert_ne!(page.tenant.files(), before);
        let page = follow_all(page, &blocks);
        assert_eq!(page.tenant.files(), before);
        page
    });
    drop(followed.await.unwrap());
}

/// Pages whose blocks are data, or need what is not here: a block that somebody adds is run, or says why not.
#[tokio::test(flavor = "multi_thread")]
async fn the_other_pages_run() {
    for path in [
        "CONTRIBUTING.md",
        "docs/console.md",
        "docs/hosts.md",
        "docs/observability.md",
        "docs/performance.md",
        "docs/security.md",
        "docs/compatibility.md",
        "docs/wit.md",
    ] {
        follow(path, 0).await;
    }
}

#[test]
fn no_page_is_left_out() {
    let text = include_str!("documents.rs");
    let folder = std::fs::read_dir(workspace().join("docs")).unwrap();
    for entry in folder.map_while(Result::ok) {
        let name = entry.file_name().into_string().unwrap();
        let is_left_out = name.ends_with(".md") && !text.contains(&format!("\"docs/{name}\""));
        assert!(!is_left_out, "docs/{name}");
    }
}

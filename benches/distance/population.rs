//! Many registered clusters: one is registered by the functions, and its files are multiplied with Git's
//! own `fast-import`.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use tests::{Files, Tenant, guide};

const SEED: &str = "seed-cluster";
const SEED_ADDRESS: &str = "10.255.255.1";
const LIST: &str = "nautes/overlays/production/clusters/kustomization.yaml";
/// Clusters per commit.
const BATCH: usize = 100;

/// A request for a cluster with this API server.
pub fn body(api_server: &str) -> String {
    guide("v0.4", "physical-worker-deployment").replace("https://8.217.50.114:6443", api_server)
}

fn server(address: &str) -> String {
    format!("https://{address}:6443")
}

/// Registers so many clusters; the resource file of each by its number.
pub async fn register(tenant: &Tenant, clusters: usize) -> impl Fn(usize) -> String {
    tenant.save(SEED, body(&server(SEED_ADDRESS))).await.ok();
    let mut files = tenant.files();
    let claim = domain::claim::path(&server(SEED_ADDRESS));
    files.retain(|path, _| path.contains(SEED) || *path == claim);
    assert!(files.len() > 20, "{:?}", files.keys());
    let own = format!("nautes/overlays/production/clusters/{SEED}.yaml");
    let own = String::from_utf8_lossy(&files[&own]).into_owned();
    let repository = tenant.repository().to_owned();
    let import = move || import(&repository, &files, clusters - 1);
    tokio::task::spawn_blocking(import)
        .await
        .expect("the import");
    move |number| of(&own, number)
}

/// The seed's text for another cluster.
fn of(text: &str, number: usize) -> String {
    let text = text.replace(SEED, &name(number));
    text.replace(SEED_ADDRESS, &address(number))
}

fn import(repository: &Path, files: &Files, clusters: usize) {
    let mut git = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("git");
    let stream = git.stdin.take().expect("its input");
    write(BufWriter::new(stream), files, clusters).expect("git reads it");
    assert!(git.wait().expect("git").success());
}

fn write(mut stream: impl Write, files: &Files, clusters: usize) -> std::io::Result<()> {
    let numbers: Vec<usize> = (0..clusters).collect();
    for (index, batch) in numbers.chunks(BATCH).enumerate() {
        let message = format!("Register {} clusters", batch.len());
        writeln!(stream, "commit refs/heads/main")?;
        writeln!(
            stream,
            "committer Bench <bench@example.com> {} +0000",
            1_700_000_000 + index
        )?;
        writeln!(stream, "data {}\n{message}", message.len())?;
        if index == 0 {
            writeln!(stream, "from refs/heads/main^0")?;
        }
        for number in batch {
            let address = address(*number);
            let of = |text: &str| of(text, *number);
            for (path, content) in files {
                let text = String::from_utf8_lossy(content);
                let path = if path.contains(SEED) {
                    of(path)
                } else {
                    domain::claim::path(&server(&address))
                };
                file(&mut stream, &path, &of(&text))?;
            }
        }
        let last = batch.last().copied().unwrap_or_default();
        file(&mut stream, LIST, &list(last + 1))?;
    }
    stream.flush()
}

fn file(stream: &mut impl Write, path: &str, content: &str) -> std::io::Result<()> {
    writeln!(
        stream,
        "M 100644 inline {path}\ndata {}\n{content}",
        content.len()
    )
}

pub fn name(number: usize) -> String {
    format!("cluster-{number:05}")
}

fn address(number: usize) -> String {
    format!("10.{}.{}.1", number / 250, number % 250)
}

fn list(clusters: usize) -> String {
    let entries: String = (0..clusters)
        .map(|it| format!("- {}.yaml\n", name(it)))
        .collect();
    format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{entries}- {SEED}.yaml\n"
    )
}

//! Work of the Nautes API server for a save, by the `git` program: clone the templates, clone the tenant's
//! repository, write the cluster's files, commit, push.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sandbox_gitlab::{GitLab, GitLabOptions, InitialContent};
use tempfile::TempDir;
use tests::{Files, Tenant};

/// The templates' server, and what is written.
pub struct TemplateClones {
    templates: GitLab,
    /// Of a cluster that was saved before, whose name this is.
    files: Files,
    saved: String,
    name: String,
    folder: TempDir,
}

impl TemplateClones {
    /// The templates are as many files of the same size as a cluster has.
    pub async fn prepare(tenant: &Tenant, latency: Duration) -> Self {
        let folder = TempDir::new().expect("a folder");
        let options = GitLabOptions {
            initial: InitialContent::Seeded,
            ..GitLabOptions::new(folder.path().join("templates.server"))
        };
        let templates = GitLab::start(options).await.expect("a server");
        let saved = format!("new-{}-0", latency.as_millis());
        let files = read(tenant.repository(), &saved);
        let texts: Vec<(String, String)> = files
            .iter()
            .map(|(path, content)| (path.clone(), String::from_utf8_lossy(content).into_owned()))
            .collect();
        let texts: Vec<(&str, Option<&str>)> = texts
            .iter()
            .map(|(path, text)| (path.as_str(), Some(text.as_str())))
            .collect();
        let writer = templates.writer();
        writer
            .commit("main", "Templates", &texts)
            .expect("a commit");
        templates.set_latency(latency);
        Self {
            templates,
            files,
            saved,
            name: format!("cloned-{}", latency.as_millis()),
            folder,
        }
    }

    /// One save; its requests and how long it took.
    pub async fn save(self, tenant: &Tenant) -> (usize, Duration) {
        let urls = [&self.templates, &tenant.gitlab].map(|gitlab| {
            let token = &gitlab.tokens().maintainer;
            gitlab
                .clone_url()
                .replace("://", &format!("://oauth2:{token}@"))
        });
        tenant.gitlab.clear_calls();
        self.templates.clear_calls();
        let (folder, files) = (self.folder.path().to_owned(), self.files);
        let names = [self.saved, self.name];
        let work = move || clone_and_push(&folder, &urls, &files, &names);
        let took = tokio::task::spawn_blocking(work).await.expect("git");
        let requests = tenant.gitlab.calls().len() + self.templates.calls().len();
        (requests, took)
    }
}

/// The files of one cluster.
fn read(repository: &Path, name: &str) -> Files {
    let show = |arguments: &[&str]| {
        let output = Command::new("git")
            .arg("-C")
            .arg(repository)
            .args(arguments)
            .output();
        output.expect("git").stdout
    };
    let paths = show(&["ls-tree", "-r", "--name-only", "main"]);
    String::from_utf8_lossy(&paths)
        .lines()
        .filter(|path| path.contains(name))
        .map(|path| (path.to_owned(), show(&["show", &format!("main:{path}")])))
        .collect()
}

fn clone_and_push(
    folder: &Path,
    [templates, tenant]: &[String; 2],
    files: &Files,
    [saved, name]: &[String; 2],
) -> Duration {
    let started = Instant::now();
    git(folder, &["clone", "-q", templates, "templates"]);
    git(folder, &["clone", "-q", tenant, "tenant"]);
    let clone: PathBuf = folder.join("tenant");
    for (path, content) in files {
        let path = clone.join(path.replace(saved.as_str(), name));
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }
    git(&clone, &["add", "-A"]);
    git(&clone, &["commit", "-q", "-m", "Save a cluster"]);
    git(&clone, &["push", "-q", "origin", "HEAD:main"]);
    started.elapsed()
}

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_AUTHOR_NAME", "Bench"),
            ("GIT_AUTHOR_EMAIL", "bench@example.com"),
            ("GIT_COMMITTER_NAME", "Bench"),
            ("GIT_COMMITTER_EMAIL", "bench@example.com"),
        ])
        .output()
        .expect("git");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

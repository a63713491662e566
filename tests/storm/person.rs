//! A person with a clone, who edits the same list as the functions and pushes, with the `git` program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use sandbox_gitlab::GitLab;
use tempfile::TempDir;

pub const LIST: &str = "nautes/overlays/production/clusters/kustomization.yaml";
const FOLDER: &str = "nautes/overlays/production/clusters";
/// Edits at the least, whenever the storm ends.
const LEAST: usize = 12;
/// Edits at the most.
const MOST: usize = 60;
/// Pushes of one edit that may come too late, as most do among sixteen busy clients, before the person
/// finds a quiet moment.
const LATE: usize = 3;
/// Tries of one edit.
const TRIES: usize = 200;

pub struct Person {
    url: String,
    folder: TempDir,
    window: Window,
}

/// The window between GitLab's check of a commit and its reading of the branch. Commits pass through it,
/// unless a person pushes in it.
pub type Window = Arc<RwLock<()>>;

/// Result of a person's work.
#[derive(Debug, Default)]
pub struct Work {
    /// Numbers of the edits that are to be there: each a file of its own and a listed one.
    pub kept: Vec<usize>,
    /// Pushes that came too late or failed.
    pub refused: usize,
}

impl Work {
    /// Path and content of every file.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let listed = self.kept.iter().map(|n| (listed(*n), content(*n)));
        let own = self.kept.iter().map(|n| (own(*n), content(*n)));
        listed.chain(own).collect()
    }

    /// Entries of the list.
    pub fn entries(&self) -> Vec<String> {
        self.kept.iter().map(|number| entry(*number)).collect()
    }
}

fn entry(number: usize) -> String {
    format!("extra/item-{number:03}.yaml")
}

fn listed(number: usize) -> String {
    format!("{FOLDER}/{}", entry(number))
}

fn own(number: usize) -> String {
    format!("notes/{number:03}.md")
}

fn content(number: usize) -> Vec<u8> {
    format!("# {number}\n").into_bytes()
}

impl Person {
    pub fn new(gitlab: &GitLab, window: Window) -> Self {
        let token = &gitlab.tokens().maintainer;
        let url = gitlab
            .clone_url()
            .replace("://", &format!("://oauth2:{token}@"));
        Self {
            url,
            folder: TempDir::new().unwrap(),
            window,
        }
    }

    /// Edits and pushes until the storm is over. Blocks.
    pub fn work(self, over: &AtomicBool) -> Work {
        let clone = self.folder.path().join("clone");
        // A failing server is asked again.
        while !run(self.folder.path(), &["clone", "-q", &self.url, "clone"])
            .status
            .success()
        {
            std::fs::remove_dir_all(&clone).ok();
        }
        let mut work = Work::default();
        for number in 0..MOST {
            if number >= LEAST && over.load(Ordering::Relaxed) {
                break;
            }
            // Every fourth edit takes the one before the last one back.
            let back = (number % 4 == 3).then(|| number - 2);
            let edit = Edit {
                clone: clone.clone(),
                number,
                back,
            };
            work.refused += edit.push(&self.window);
            work.kept.retain(|kept| Some(*kept) != back);
            work.kept.push(number);
            std::thread::sleep(Duration::from_millis(50));
        }
        work
    }
}

struct Edit {
    clone: PathBuf,
    number: usize,
    back: Option<usize>,
}

impl Edit {
    /// Until it is there; returns how often it was refused.
    fn push(&self, window: &Window) -> usize {
        self.commit();
        for refused in 0..TRIES {
            // Commits that GitLab has checked wait until the push is there, and undo it then.
            let quiet = (refused >= LATE).then(|| window.write().unwrap());
            if quiet.is_some() {
                self.catch_up();
            }
            if run(&self.clone, &["push", "-q", "origin", "HEAD:main"])
                .status
                .success()
            {
                return refused;
            }
            drop(quiet);
            self.catch_up();
        }
        panic!("edit {} was refused {TRIES} times", self.number);
    }

    /// The edit on top of what is there now.
    fn catch_up(&self) {
        if run(&self.clone, &["pull", "-q", "--rebase", "origin", "main"])
            .status
            .success()
            && self.is_as_meant()
        {
            return;
        }
        // A conflict, or a list in which an entry had been missing for a moment when the edit was made: once more
        // from the beginning.
        run(&self.clone, &["rebase", "--abort"]);
        run(&self.clone, &["fetch", "-q", "origin"]);
        run(&self.clone, &["reset", "-q", "--hard", "origin/main"]);
        self.commit();
    }

    /// The new entry is there once, and the one taken back is not.
    fn is_as_meant(&self) -> bool {
        let text = std::fs::read_to_string(self.clone.join(LIST)).unwrap();
        let count = |number| {
            let line = format!("- {}", entry(number));
            text.lines().filter(|it| *it == line).count()
        };
        count(self.number) == 1 && self.back.is_none_or(|back| count(back) == 0)
    }

    fn commit(&self) {
        for path in [listed(self.number), own(self.number)] {
            let path = self.clone.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content(self.number)).unwrap();
        }
        let list = self.clone.join(LIST);
        let text = std::fs::read_to_string(&list).unwrap();
        let mine = format!("- {}", entry(self.number));
        let back = self.back.map(|number| format!("- {}", entry(number)));
        let mut lines: Vec<&str> = text
            .lines()
            .filter(|line| *line != mine && Some(*line) != back.as_deref())
            .collect();
        let head = lines.iter().position(|line| *line == "resources:").unwrap();
        lines.insert(head + 1, &mine);
        std::fs::write(&list, lines.join("\n") + "\n").unwrap();
        if let Some(number) = self.back {
            for path in [listed(number), own(number)] {
                std::fs::remove_file(self.clone.join(path)).ok();
            }
        }
        run(&self.clone, &["add", "-A"]);
        // Nothing to commit where a push was carried out and its answer lost.
        run(
            &self.clone,
            &["commit", "-q", "-m", &format!("Edit {}", self.number)],
        );
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_EDITOR", "true"),
            ("GIT_AUTHOR_NAME", "A Person"),
            ("GIT_AUTHOR_EMAIL", "person@example.com"),
            ("GIT_COMMITTER_NAME", "A Person"),
            ("GIT_COMMITTER_EMAIL", "person@example.com"),
        ])
        .output()
        .unwrap()
}

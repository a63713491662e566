//! Reading manifests from the Git repository.

use std::path::PathBuf;
use std::process::Stdio;

use sandbox_kubernetes::object;
use serde_json::Value;
use tokio::process::Command;

/// Folders below folders that a kustomization may lead through.
const DEPTH: usize = 8;

/// A bare repository, read by the `git` program.
#[derive(Debug, Clone)]
pub struct BareRepository(PathBuf);

impl BareRepository {
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The commit of a revision; empty means HEAD.
    pub async fn resolve(&self, revision: &str) -> Result<String, String> {
        let revision = if revision.is_empty() {
            "HEAD"
        } else {
            revision
        };
        let commit = format!("{revision}^{{commit}}");
        let text = self
            .git(&[
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &commit,
            ])
            .await;
        text.map(|text| text.trim().to_owned())
            .map_err(|_| format!("unable to resolve '{revision}' to a commit SHA"))
    }

    /// The objects of a folder: those of its files, or those its kustomization lists.
    pub async fn manifests(&self, commit: &str, folder: &str) -> Result<Vec<Value>, String> {
        let mut objects = Vec::new();
        let mut folders = vec![(folder.trim_matches('/').to_owned(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let files = self.files(commit, &folder).await?;
            let Some(kustomization) = files.iter().find(|file| is_kustomization(file)) else {
                for file in files.iter().filter(|file| is_manifest(file)) {
                    objects.extend(self.read(commit, &path(&folder, file)).await?);
                }
                continue;
            };
            let kustomization = self.read(commit, &path(&folder, kustomization)).await?;
            for entry in kustomization
                .iter()
                .flat_map(|one| object::list(one, "/resources"))
                .filter_map(Value::as_str)
            {
                match path_of(&folder, entry) {
                    Some(file) if is_manifest(entry) => {
                        objects.extend(self.read(commit, &file).await?)
                    }
                    Some(below) if depth < DEPTH => folders.push((below, depth + 1)),
                    _ => {}
                }
            }
        }
        Ok(objects)
    }

    async fn files(&self, commit: &str, folder: &str) -> Result<Vec<String>, String> {
        let tree = format!("{commit}:{folder}");
        let listed = self
            .git(&["ls-tree", "--name-only", "--end-of-options", &tree])
            .await;
        let listed = listed.map_err(|_| format!("{folder}: app path does not exist"))?;
        Ok(listed.lines().map(str::to_owned).collect())
    }

    async fn read(&self, commit: &str, file: &str) -> Result<Vec<Value>, String> {
        let text = self
            .git(&["show", "--end-of-options", &format!("{commit}:{file}")])
            .await;
        let text = text.map_err(|_| format!("{file}: no such file"))?;
        let documents: Vec<Value> = serde_saphyr::from_multiple(&text)
            .map_err(|_| format!("Failed to unmarshal {file:?}: not valid YAML"))?;
        Ok(documents
            .into_iter()
            .filter(|document| document.get("kind").is_some())
            .collect())
    }

    async fn git(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(&self.0)
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let output = command.output().await.map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("git ended with {}", output.status));
        }
        String::from_utf8(output.stdout).map_err(|error| error.to_string())
    }
}

fn is_manifest(file: &str) -> bool {
    [".yaml", ".yml", ".json"]
        .iter()
        .any(|ending| file.ends_with(ending))
}

fn is_kustomization(file: &str) -> bool {
    matches!(
        file,
        "kustomization.yaml" | "kustomization.yml" | "Kustomization"
    )
}

fn path(folder: &str, file: &str) -> String {
    if folder.is_empty() {
        file.to_owned()
    } else {
        format!("{folder}/{file}")
    }
}

/// The path of a kustomization's entry inside the repository; none for what lies elsewhere.
fn path_of(folder: &str, entry: &str) -> Option<String> {
    if entry.contains("://") {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in entry.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn entries_stay_inside_the_repository() {
        assert_eq!(path_of("a/b", "./c.yaml").as_deref(), Some("a/b/c.yaml"));
        assert_eq!(path_of("a/b", "../c").as_deref(), Some("a/c"));
        assert_eq!(path_of("a", "../../c"), None);
        assert_eq!(path_of("a", "https://example.com/x.yaml"), None);
    }
}

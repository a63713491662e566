//! Reading files, folders and the standard input.

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::CommandError;
use crate::wording;

/// A text with its origin. No `Debug`: it may hold a kubeconfig.
pub(crate) struct SourceFile {
    /// Path as the user names it.
    pub(crate) path: String,
    /// The folder that relative paths in it begin at.
    pub(crate) folder: PathBuf,
    /// The file's name without its end; `None` for the standard input and other pipes.
    pub(crate) stem: Option<String>,
    /// JSON, by its name, or by its beginning where it has none.
    pub(crate) is_json: bool,
    /// Content.
    pub(crate) text: String,
}

impl SourceFile {
    /// The line of a place, from 1.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        before.matches('\n').count() + 1
    }
}

/// More than any file of clusters: a large one is another file by mistake.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Reads everything that the arguments name, folders in the order of the names in them.
///
/// # Errors
/// A file can't be read, or a folder has none.
pub(super) fn read_all(
    paths: &[PathBuf],
    recursive: bool,
) -> Result<Vec<SourceFile>, CommandError> {
    let mut sources = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" || open_file(path) == Some(OpenFile::StandardInput) {
            sources.push(standard_input()?);
        } else if path.is_dir() {
            let files = files_of(path, recursive).map_err(|error| unreadable(path, &error))?;
            if files.is_empty() {
                return Err(CommandError::usage(format!(
                    "{} has no .yaml, .yml or .json file",
                    path.display()
                )));
            }
            for file in files {
                sources.push(read_file(&file)?);
            }
        } else {
            sources.push(read_file(path)?);
        }
    }
    Ok(sources)
}

fn standard_input() -> Result<SourceFile, CommandError> {
    if std::io::stdin().is_terminal() {
        // Nobody would know what it waits for.
        writeln!(
            anstream::stderr(),
            "reading clusters from the terminal, until Ctrl-D"
        )
        .ok();
    }
    let bytes = read_up_to(std::io::stdin()).map_err(|error| unreadable(Path::new("-"), &error))?;
    require_size(Path::new("the standard input"), &bytes)?;
    nameless("standard input".to_owned(), bytes)
}

/// A text without a name: paths in it begin at the working directory, as for kubectl.
fn nameless(path: String, bytes: Vec<u8>) -> Result<SourceFile, CommandError> {
    Ok(SourceFile {
        folder: PathBuf::new(),
        stem: None,
        is_json: bytes.trim_ascii_start().starts_with(b"{"),
        text: text_of(&path, bytes)?,
        path,
    })
}

/// Path that stands for a file which is open already: its name is none of what is read.
#[derive(Debug, PartialEq)]
enum OpenFile {
    /// This process's standard input.
    StandardInput,
    /// Another one, such as the `/dev/fd/63` that a shell makes of `<(command)`.
    Other,
}

/// Looks at a path alone, since the links behind it lead to wherever the pipe or file is.
fn open_file(path: &Path) -> Option<OpenFile> {
    let path = path.to_str()?;
    let own = ["/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"];
    let number = own.iter().find_map(|folder| path.strip_prefix(folder));
    let is_of_process = || {
        let parts = path
            .strip_prefix("/proc/")
            .and_then(|rest| rest.split_once("/fd/"));
        parts.is_some_and(|(process, _)| process.bytes().all(|byte| byte.is_ascii_digit()))
    };
    match number {
        _ if path == "/dev/stdin" => Some(OpenFile::StandardInput),
        Some("0") => Some(OpenFile::StandardInput),
        Some(_) => Some(OpenFile::Other),
        None => is_of_process().then_some(OpenFile::Other),
    }
}

fn read_file(path: &Path) -> Result<SourceFile, CommandError> {
    let file = std::fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    // A device or pipe has no length that could be asked for.
    let bytes = read_up_to(file).map_err(|error| unreadable(path, &error))?;
    require_size(path, &bytes)?;
    if open_file(path).is_some() {
        return nameless(path.display().to_string(), bytes);
    }
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    Ok(SourceFile {
        path: path.display().to_string(),
        folder: path.parent().map(Path::to_owned).unwrap_or_default(),
        stem,
        is_json: path.extension().is_some_and(|end| end == "json"),
        text: text_of(&path.display().to_string(), bytes)?,
    })
}

/// Reads one byte more than there may be at most.
fn read_up_to(source: impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn require_size(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    match u64::try_from(bytes.len()) {
        Ok(length) if length <= LARGEST => Ok(()),
        _ => Err(CommandError::usage(format!(
            "{} is larger than {} MiB: it is no file of clusters",
            path.display(),
            LARGEST / 1024 / 1024
        ))),
    }
}

fn text_of(path: &str, bytes: Vec<u8>) -> Result<String, CommandError> {
    String::from_utf8(bytes).map_err(|_| {
        CommandError::usage(format!(
            "{path} is not UTF-8: save it as UTF-8, without UTF-16"
        ))
    })
}

/// Files of a folder in the order of their names. Links to folders are not followed, as kubectl follows none: one that leads
/// upwards has no end.
fn files_of(folder: &Path, recursive: bool) -> std::io::Result<Vec<PathBuf>> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        entries.push((entry.path(), entry.file_type()?.is_dir()));
    }
    entries.sort();
    let mut files = Vec::new();
    for (path, is_own_folder) in entries {
        if is_own_folder {
            if recursive {
                files.extend(files_of(&path, true)?);
            }
        } else if path
            .extension()
            .is_some_and(|end| end == "yaml" || end == "yml" || end == "json")
            && !path.is_dir()
        {
            files.push(path);
        }
    }
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::usage(format!("can't read {}: {error}", wording::shown(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_file_has_no_name_of_its_own() {
        let kind = |path: &str| open_file(Path::new(path));
        for path in ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
            assert_eq!(kind(path), Some(OpenFile::StandardInput), "{path}");
        }
        for path in ["/dev/fd/63", "/proc/self/fd/11", "/proc/4711/fd/0"] {
            assert_eq!(kind(path), Some(OpenFile::Other), "{path}");
        }
        for path in [
            "/dev/shm/a.yaml",
            "/proc/self/environ",
            "clusters/fd/0",
            "stdin",
        ] {
            assert_eq!(kind(path), None, "{path}");
        }
    }
}

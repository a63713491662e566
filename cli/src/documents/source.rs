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
    /// The file's name without its end; `None` for the standard input.
    pub(crate) stem: Option<String>,
    /// JSON, by its name.
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
        if path.as_os_str() == "-" {
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
    Ok(SourceFile {
        path: "standard input".to_owned(),
        folder: PathBuf::new(),
        stem: None,
        is_json: bytes.trim_ascii_start().starts_with(b"{"),
        text: text_of("standard input", bytes)?,
    })
}

fn read_file(path: &Path) -> Result<SourceFile, CommandError> {
    let file = std::fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    // A device or pipe has no length that could be asked for.
    let bytes = read_up_to(file).map_err(|error| unreadable(path, &error))?;
    require_size(path, &bytes)?;
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

fn files_of(folder: &Path, recursive: bool) -> std::io::Result<Vec<PathBuf>> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        entries.push(entry?.path());
    }
    entries.sort();
    let mut files = Vec::new();
    for path in entries {
        if path.is_dir() {
            if recursive {
                files.extend(files_of(&path, true)?);
            }
        } else if path
            .extension()
            .is_some_and(|end| end == "yaml" || end == "yml" || end == "json")
        {
            files.push(path);
        }
    }
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::usage(format!("can't read {}: {error}", wording::shown(path)))
}

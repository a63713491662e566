//! Log of the functions, kept for the tests to search.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::sync::Arc;
use tempfile::TempPath;

/// Lines in a file, so that another process can write them itself: what it wrote before it answered is
/// there when the answer is. Clones share the file.
#[derive(Clone, Debug)]
pub struct Log(Arc<TempPath>);

impl Default for Log {
    fn default() -> Self {
        Self(Arc::new(
            tempfile::NamedTempFile::new().unwrap().into_temp_path(),
        ))
    }
}

impl Log {
    /// Everything until now.
    ///
    /// # Panics
    /// When the file can't be read.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&*self.0).unwrap()).into_owned()
    }

    pub(crate) fn push(&self, line: &str) {
        // One write per line: lines of several threads do not mix.
        self.file()
            .write_all(format!("{line}\n").as_bytes())
            .unwrap();
    }

    pub(crate) fn file(&self) -> File {
        OpenOptions::new().append(true).open(&*self.0).unwrap()
    }
}

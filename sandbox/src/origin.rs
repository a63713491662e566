//! Where the sandbox comes from: the workspace that it was built in, or a release.

use std::path::{Path, PathBuf};

use crate::options::workspace;

/// Name of the folder of data among those of the user's other programs.
const OF_USER: &str = "nautes-clusters/sandbox";

/// Folder that the application is found in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The workspace: its components are built before every start, and data are kept below `target/`.
    Workspace(PathBuf),
    /// A release, which has its components: nothing is built, and nothing is written into it.
    Release(PathBuf),
}

impl Origin {
    /// The origin of the program that runs.
    #[must_use]
    pub fn of_program() -> Self {
        Self::of(&std::env::current_exe().unwrap_or_default(), workspace())
    }

    /// A program in the folder `bin` of a release belongs to that, also on the machine that made it. Any other belongs to the
    /// workspace that it was built in, as long as that is there.
    fn of(program: &Path, workspace: &Path) -> Self {
        let folder = program.parent().unwrap_or(program);
        let above = folder.parent().unwrap_or(folder);
        let has_application = folder.ends_with("bin") && above.join("spin.toml").is_file();
        if !has_application && workspace.is_dir() {
            Self::Workspace(workspace.to_owned())
        } else {
            Self::Release(above.to_owned())
        }
    }

    /// The application's manifest.
    #[must_use]
    pub fn manifest(&self) -> PathBuf {
        let (Self::Workspace(root) | Self::Release(root)) = self;
        root.join("spin.toml")
    }

    /// Where data are kept between runs.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        match self {
            Self::Workspace(root) => root.join("target/sandbox"),
            Self::Release(_) => {
                let given = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
                // A relative one counts for nothing, as its specification says.
                let given = given.filter(|path| path.is_absolute());
                let home = || Some(std::env::home_dir()?.join(".local/share"));
                let folder = given.or_else(home).unwrap_or_else(std::env::temp_dir);
                folder.join(OF_USER)
            }
        }
    }

    /// Where compiled components are kept; in the workspace the tests use them, too.
    #[must_use]
    pub fn compiled(&self, data: &Path) -> PathBuf {
        match self {
            Self::Workspace(root) => root.join("target/compiled"),
            Self::Release(_) => data.join("compiled"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_a_release_finds_what_lies_beside_it() {
        let folder = tempfile::TempDir::new().unwrap();
        let root = folder.path();
        let workspace = root.join("workspace");
        std::fs::create_dir_all(&workspace).unwrap();
        let program = root.join("release/bin/sandbox");
        std::fs::create_dir_all(root.join("release/bin")).unwrap();
        let before = Origin::of(&program, &workspace);
        assert_eq!(before, Origin::Workspace(workspace.clone()));
        std::fs::write(root.join("release/spin.toml"), "").unwrap();
        let origin = Origin::of(&program, &workspace);
        assert_eq!(origin, Origin::Release(root.join("release")));
        assert_eq!(origin.manifest(), root.join("release/spin.toml"));
        assert!(!origin.data().starts_with(root), "{origin:?}");
        assert_eq!(origin.compiled(root), root.join("compiled"));
    }

    #[test]
    fn without_its_workspace_a_program_is_no_part_of_it() {
        let folder = tempfile::TempDir::new().unwrap();
        let gone = folder.path().join("workspace");
        let built = gone.join("target/debug/sandbox");
        let origin = Origin::of(&built, &gone);
        assert_eq!(origin, Origin::Release(gone.join("target")));
        let origin = Origin::of(&built, folder.path());
        assert_eq!(origin, Origin::Workspace(folder.path().to_owned()));
        let data = folder.path().join("target/sandbox");
        assert_eq!(origin.data(), data);
        let compiled = folder.path().join("target/compiled");
        assert_eq!(origin.compiled(&data), compiled);
    }
}

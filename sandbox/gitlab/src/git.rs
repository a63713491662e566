//! The bare repository: refs, history, trees. Everything here blocks.

mod diff;
mod edit;
mod history;
mod listing;
mod merging;
mod paths;
mod refs;
mod seed;
mod store;

pub(crate) use diff::{ChangedFile, between, stats};
pub(crate) use edit::{EditError, EditableTree, PathContent};
pub(crate) use history::{CommitFilter, commits, last_commit, reaches};
pub(crate) use listing::{ListingEntry, list};
pub(crate) use merging::{merge_base, merged_tree};
pub(crate) use paths::clean;
pub(crate) use refs::{
    RefError, branch_head, branches, compare_and_swap, default_branch, is_empty, is_full_id,
    resolve, set_default_branch, valid_branch_name,
};
pub(crate) use store::{OpenError, RepositoryStore};

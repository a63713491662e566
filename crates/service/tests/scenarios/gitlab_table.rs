//! Every row of GitLab's error tables that a caller can meet, in both ways of delivery: the exact calls, the answer,
//! what it says about writes, and what was written.

mod commit_rows;
mod door_rows;
mod merge_request_rows;
mod outcome_rows;
mod place_rows;
pub mod row;

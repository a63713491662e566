//! Settings from `spin:variables`.

use std::collections::BTreeMap;

use futures::future::join_all;
use service::problem::{self, Problem};
use service::settings::{Settings, VARIABLES};
use spin_sdk::variables;

/// Reads the application's variables. Read anew for every request: a host may rotate them.
///
/// # Errors
/// `MISCONFIGURED` naming the variable.
pub async fn settings() -> Result<Settings, Problem> {
    let found = variables(&VARIABLES).await?;
    Settings::from_variables(found).map_err(|error| problem::misconfigured(&error))
}

/// Reads variables by name; those that are not declared are left out.
///
/// # Errors
/// `MISCONFIGURED` naming the variable.
pub async fn variables(names: &[&str]) -> Result<BTreeMap<String, String>, Problem> {
    let values = join_all(names.iter().map(variables::get)).await;
    let mut found = BTreeMap::new();
    for (name, value) in names.iter().zip(values) {
        match value {
            Ok(value) => {
                found.insert((*name).to_owned(), value);
            }
            Err(variables::Error::Undefined(_)) => {}
            Err(_) => {
                return Err(problem::misconfigured(&format!(
                    "variable {name} can't be read"
                )));
            }
        }
    }
    Ok(found)
}

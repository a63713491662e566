//! `[[trigger.http]]`

use super::TriggerRoute;
use serde::Deserialize;

/// The triggers of an application. Only HTTP is served here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestTriggers {
    /// `[[trigger.http]]`
    #[serde(default)]
    pub http: Vec<HttpTrigger>,
}

/// Which component answers requests to a path.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpTrigger {
    /// For readers.
    #[serde(default)]
    pub id: String,
    /// Id of the component.
    pub component: String,
    /// The path.
    pub route: TriggerRoute,
}

//! The application as Spin's registry client writes it beside the components: a locked application.
//!
//! Source: `crates/locked-app/src/locked.rs` and `crates/loader/src/local.rs` of Spin, as of 4.1.0-pre0.

use crate::manifest::{
    HttpTrigger, ManifestComponent, ManifestVariable, SpinManifest, TriggerRoute,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Hosts of this ending are functions of the same application: service chaining, which a host has to have.
const CHAINED: &str = ".spin.internal";

/// The locked application. `digests` has `sha256:…` of what each component with a trigger was composed to; components that
/// were composed into others are in them and not listed.
#[must_use]
pub fn locked_application(manifest: &SpinManifest, digests: &BTreeMap<String, String>) -> Value {
    let components = manifest.served().filter_map(|(id, component)| {
        let digest = digests.get(id)?;
        Some(locked_component(id, component, digest))
    });
    let components: Vec<Value> = components.collect();
    let triggers: Vec<Value> = manifest.trigger.http.iter().map(locked_trigger).collect();
    let variables = manifest.variables.iter();
    let variables: Map<String, Value> = variables
        .map(|(name, variable)| (name.clone(), locked_variable(variable)))
        .collect();
    json!({
        "spin_lock_version": 1,
        "must_understand": ["component_host_requirements"],
        "metadata": {
            "name": manifest.application.name,
            "version": manifest.application.version,
            "description": manifest.application.description,
            "triggers": {},
            "trigger": {"type": "http"},
        },
        "variables": variables,
        "triggers": triggers,
        "components": components,
    })
}

fn locked_component(id: &str, component: &ManifestComponent, digest: &str) -> Value {
    let mut locked = json!({
        "id": id,
        "metadata": {"allowed_outbound_hosts": component.allowed_outbound_hosts},
        "source": {"content_type": "application/wasm", "digest": digest},
        "env": component.environment,
        "config": component.variables,
    });
    let mut hosts = component.allowed_outbound_hosts.iter();
    if hosts.any(|host| host.ends_with(CHAINED))
        && let Some(locked) = locked.as_object_mut()
    {
        let requirements = json!({"local_service_chaining": "required"});
        locked.insert("host_requirements".to_owned(), requirements);
    }
    locked
}

fn locked_trigger(trigger: &HttpTrigger) -> Value {
    let id = match trigger.id.as_str() {
        "" => format!("{}-http-trigger", trigger.component),
        id => id.to_owned(),
    };
    let route = match &trigger.route {
        TriggerRoute::Public(path) => json!(path),
        TriggerRoute::Private => json!({"private": true}),
    };
    let config = json!({"component": trigger.component, "route": route});
    json!({"id": id, "trigger_type": "http", "trigger_config": config})
}

fn locked_variable(variable: &ManifestVariable) -> Value {
    let mut locked = Map::new();
    let description = variable.description.as_ref();
    let description = description.map(|text| ("description", json!(text)));
    let default = variable.default.as_ref();
    let default = default.map(|value| ("default", json!(value)));
    let secret = variable.secret.then_some(("secret", json!(true)));
    let members = [description, default, secret].into_iter().flatten();
    locked.extend(members.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(locked)
}

//! Bookkeeping of writes that are not server-side apply.

use serde_json::Value;

use super::managers::{Manager, Managers, Operation, Owned};
use super::{Context, compare, without_managed_fields};

/// Credits `manager` with every field that `new` adds to or changes in `live`, and stores the managers in `new`.
pub fn track_update(live: Option<&Value>, new: &mut Value, manager: &str, context: &Context<'_>) {
    let mut managers = Managers::of_request(live, new);
    // Objects whose managers were reset stay untracked until someone applies them.
    if live.is_some() && managers.0.is_empty() {
        managers.store(new);
        return;
    }
    let manager = Manager {
        name: manager.to_owned(),
        operation: Operation::Update,
        api_version: context.api_version.to_owned(),
        subresource: context.subresource.to_owned(),
    };
    let old = live.map_or_else(|| context.empty_object(new), without_managed_fields);
    credit(
        &mut managers,
        manager,
        &old,
        &without_managed_fields(new),
        context,
    );
    managers.store(new);
}

pub(super) fn credit(
    managers: &mut Managers,
    manager: Manager,
    old: &Value,
    new: &Value,
    context: &Context<'_>,
) {
    let comparison = compare(old, new, context);
    let taken = comparison.set();
    managers.release(&taken, &manager);
    for owned in managers.0.values_mut() {
        owned.set = owned.set.difference(&comparison.removed);
    }
    if !taken.is_empty() {
        let owned = managers.0.entry(manager).or_insert_with(|| Owned {
            set: Default::default(),
            api_version: context.api_version.to_owned(),
            time: None,
        });
        owned.set = owned.set.union(&taken);
        owned.time = Some(context.now.to_owned());
    }
    managers.drop_empty();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Schema;
    use serde_json::json;

    fn write(live: Option<&Value>, new: Value, manager: &str) -> Value {
        let schema = Schema::any();
        let context = Context {
            schema: &schema,
            api_version: "v1",
            subresource: "",
            has_status: false,
            now: "2030-01-01T00:00:00Z",
        };
        let mut new = new;
        track_update(live, &mut new, manager, &context);
        new
    }

    #[test]
    fn the_last_writer_of_a_field_owns_it() {
        let first = write(
            None,
            json!({"kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "1", "b": "1"}}),
            "one",
        );
        let mut changed = first.clone();
        changed["data"]["b"] = json!("2");
        let second = write(Some(&first), changed, "two");
        let managers = Managers::decode(&second).unwrap();
        let fields: Vec<(String, Vec<String>)> = managers
            .0
            .iter()
            .map(|(manager, owned)| {
                (
                    manager.name.clone(),
                    owned.set.paths().iter().map(ToString::to_string).collect(),
                )
            })
            .collect();
        assert_eq!(
            fields,
            [
                ("one".into(), vec![".data".into(), ".data.a".into()]),
                ("two".into(), vec![".data.b".to_owned()])
            ]
        );
    }

    #[test]
    fn resetting_the_managers_stops_tracking() {
        let first = write(
            None,
            json!({"kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "1"}}),
            "one",
        );
        let mut reset = first.clone();
        reset["metadata"]["managedFields"] = json!([{}]);
        let second = write(Some(&first), reset, "two");
        assert!(second["metadata"].get("managedFields").is_none());
    }
}

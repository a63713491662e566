//! Server-side apply.

use serde_json::Value;

use super::conflict::conflict_error;
use super::managers::{Manager, Managers, Operation, Owned};
use super::track::credit;
use super::{Context, compare, without_managed_fields};
use crate::fields::FieldSet;
use crate::status::ApiError;
use crate::typed;

/// kubectl's field manager unless it is told another.
const KUBECTL: &str = "kubectl";

/// The object after `manager` has applied `config`, with its managers.
///
/// Fields the manager applied before and no longer does are removed, unless another manager owns them too.
/// Fields of others that would change are conflicts, or are taken over with `force`.
pub fn apply(
    live: Option<&Value>,
    config: &Value,
    manager: &str,
    force: bool,
    context: &Context<'_>,
) -> Result<Value, ApiError> {
    let schema = Some(context.schema);
    let mut managers = live
        .map(|live| managers_of(live, context))
        .unwrap_or_default();
    let before = managers.clone();
    let live = live.map_or_else(|| context.empty_object(config), without_managed_fields);
    let id = applier(manager, context);
    let last = managers
        .0
        .get(&id)
        .map(|owned| owned.set.clone())
        .unwrap_or_default();

    let spoken_of = typed::field_set(config, schema);
    let applied = context.ownable(spoken_of.clone());
    let time = managers.0.get(&id).and_then(|owned| owned.time.clone());
    managers.0.insert(
        id.clone(),
        Owned {
            set: applied,
            api_version: context.api_version.to_owned(),
            time,
        },
    );
    let merged = typed::merge(&live, config, schema);
    let pardoned = pardoned_conflicts(&live, manager, context);
    let mut object = prune(merged, &managers, &last, &spoken_of, context);
    let guard = if force {
        Guard::Off
    } else {
        Guard::Except(pardoned)
    };
    settle(&mut managers, &id, &live, &object, &guard, context)?;
    stamp(&mut managers, &before, &id, live != object, context.now);
    managers.store(&mut object);
    Ok(object)
}

/// Objects without managers get one that owns all there is, so that the first apply takes nothing by stealth.
fn managers_of(live: &Value, context: &Context<'_>) -> Managers {
    let mut managers = Managers::decode(live).unwrap_or_default();
    if managers.0.is_empty() {
        let first = Manager {
            name: "before-first-apply".into(),
            operation: Operation::Update,
            api_version: context.api_version.into(),
            subresource: String::new(),
        };
        credit(
            &mut managers,
            first,
            &context.empty_object(live),
            &without_managed_fields(live),
            context,
        );
    }
    managers
}

fn applier(manager: &str, context: &Context<'_>) -> Manager {
    Manager {
        name: manager.to_owned(),
        operation: Operation::Apply,
        api_version: String::new(),
        subresource: context.subresource.to_owned(),
    }
}

/// Removes what this manager applied last time, does not apply now, and nobody else owns.
fn prune(
    merged: Value,
    managers: &Managers,
    last: &FieldSet,
    spoken_of: &FieldSet,
    context: &Context<'_>,
) -> Value {
    if last.is_empty() {
        return merged;
    }
    let schema = Some(context.schema);
    let last = last.with_declared_parents(schema);
    let pruned = typed::remove(&merged, &last, schema);
    let all = typed::field_set(&merged, schema).with_declared_parents(schema);

    let owned = managers
        .0
        .values()
        .fold(spoken_of.clone(), |all, owned| all.union(&owned.set));
    let keep = typed::field_set(&pruned, schema)
        .with_declared_parents(schema)
        .union(&owned.with_declared_parents(schema));
    let pruned = typed::remove(&merged, &all.difference(&keep), schema);

    let left = typed::field_set(&pruned, schema).with_declared_parents(schema);
    typed::remove(&merged, &all.difference(&left).intersection(&last), schema)
}

/// What is done about fields of other managers.
enum Guard {
    /// They are taken over.
    Off,
    /// They are conflicts, but for these.
    Except(FieldSet),
}

impl Guard {
    fn check(&self, conflicts: Vec<(Manager, FieldSet)>) -> Result<(), ApiError> {
        let Self::Except(pardoned) = self else {
            return Ok(());
        };
        let left: Vec<(Manager, FieldSet)> = conflicts
            .into_iter()
            .map(|(manager, fields)| (manager, fields.difference(pardoned)))
            .filter(|(_, fields)| !fields.is_empty())
            .collect();
        if left.is_empty() {
            Ok(())
        } else {
            Err(conflict_error(&left))
        }
    }
}

/// kubectl may take over what its own client-side apply has set and nobody has changed since: that is how
/// objects move from one kind of apply to the other.
fn pardoned_conflicts(live: &Value, manager: &str, context: &Context<'_>) -> FieldSet {
    let annotation =
        live.pointer("/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration");
    let last = annotation
        .and_then(Value::as_str)
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    let Some(last) = last.filter(|_| manager == KUBECTL) else {
        return FieldSet::default();
    };
    let changed = compare(&last, live, context).modified;
    typed::field_set(&last, Some(context.schema)).difference(&changed)
}

/// Finds conflicts with other managers and takes away from them what is no longer theirs.
fn settle(
    managers: &mut Managers,
    id: &Manager,
    live: &Value,
    object: &Value,
    guard: &Guard,
    context: &Context<'_>,
) -> Result<(), ApiError> {
    let comparison = compare(live, object, context);
    let changed = comparison.set();
    let conflicts: Vec<(Manager, FieldSet)> = managers
        .0
        .iter()
        .filter(|(other, _)| *other != id)
        .map(|(other, owned)| (other.clone(), owned.set.intersection(&changed)))
        .filter(|(_, fields)| !fields.is_empty())
        .collect();
    guard.check(conflicts)?;
    managers.release(&changed, id);
    managers.release(&comparison.removed, id);
    managers.drop_empty();
    Ok(())
}

fn stamp(
    managers: &mut Managers,
    before: &Managers,
    id: &Manager,
    object_changed: bool,
    now: &str,
) {
    let set_before = before.0.get(id).map(|owned| &owned.set);
    if let Some(owned) = managers.0.get_mut(id)
        && (object_changed || set_before != Some(&owned.set))
    {
        owned.time = Some(now.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Schema, from_json};
    use serde_json::json;

    fn schema() -> Schema {
        from_json(&json!({"type": "object", "properties": {
            "data": {"type": "object", "additionalProperties": {"type": "string"}},
            "metadata": {"type": "object", "properties": {
                "finalizers": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}}}}}))
        .unwrap()
    }

    fn run(
        live: Option<&Value>,
        config: Value,
        manager: &str,
        force: bool,
    ) -> Result<Value, ApiError> {
        let schema = schema();
        let context = Context {
            schema: &schema,
            api_version: "v1",
            subresource: "",
            has_status: false,
            now: "2030-01-01T00:00:00Z",
        };
        apply(live, &config, manager, force, &context)
    }

    fn map(data: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": data})
    }

    #[test]
    fn a_conflict_names_manager_and_field() {
        let live = run(None, map(json!({"a": "1"})), "one", false).unwrap();
        let error = run(Some(&live), map(json!({"a": "2"})), "two", false).unwrap_err();
        assert_eq!(error.code, 409);
        assert_eq!(
            error.message,
            "Apply failed with 1 conflict: conflict with \"one\": .data.a"
        );
        assert_eq!(
            error.details["causes"],
            json!([{"reason": "FieldManagerConflict", "message": "conflict with \"one\"", "field": ".data.a"}])
        );
    }

    #[test]
    fn the_same_value_is_shared_and_survives_the_other_owner() {
        let live = run(None, map(json!({"a": "1", "b": "1"})), "one", false).unwrap();
        let shared = run(Some(&live), map(json!({"a": "1"})), "two", false).unwrap();
        let left = run(Some(&shared), map(json!({"b": "1"})), "one", false).unwrap();
        assert_eq!(left["data"], json!({"a": "1", "b": "1"}));
        let gone = run(Some(&left), map(json!({})), "two", false).unwrap();
        assert_eq!(gone["data"], json!({"b": "1"}));
    }

    #[test]
    fn force_takes_the_field_over() {
        let live = run(None, map(json!({"a": "1"})), "one", false).unwrap();
        let taken = run(Some(&live), map(json!({"a": "2"})), "two", true).unwrap();
        assert_eq!(taken["data"], json!({"a": "2"}));
        let names: Vec<_> = Managers::decode(&taken)
            .unwrap()
            .0
            .into_keys()
            .map(|manager| manager.name)
            .collect();
        assert_eq!(names, ["two"]);
    }

    #[test]
    fn applying_the_same_again_changes_nothing() {
        let live = run(None, map(json!({"a": "1"})), "one", false).unwrap();
        assert_eq!(
            run(Some(&live), map(json!({"a": "1"})), "one", false).unwrap(),
            live
        );
    }

    #[test]
    fn an_applied_finalizer_goes_when_no_longer_applied() {
        let with = |finalizer: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "finalizers": [finalizer]}});
        let live = run(None, with("a/b"), "one", false).unwrap();
        let live = run(Some(&live), with("c/d"), "two", false).unwrap();
        assert_eq!(live["metadata"]["finalizers"], json!(["a/b", "c/d"]));
        let without = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}});
        let left = run(Some(&live), without.clone(), "one", false).unwrap();
        assert_eq!(left["metadata"]["finalizers"], json!(["c/d"]));
        let none = run(Some(&left), without, "two", false).unwrap();
        assert_eq!(none["metadata"], json!({"name": "x"}));
    }
}

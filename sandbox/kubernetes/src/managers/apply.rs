//! Server-side apply, and the bookkeeping of all other writes.

use serde_json::{Value, json};

use super::conflict::conflict_error;
use super::fields::{FieldPath, FieldSet, Leaves, remove_path};
use super::merge::merge;
use super::{ManagerId, ManagerSet, OwnedFields, WriteContext, without_managed_fields};
use crate::status::StatusError;

/// The object after `manager` has applied `config`, with its managers.
///
/// Fields the manager applied before and no longer does are removed, unless another manager owns them too.
/// Fields of others that would change are conflicts, or are taken over with `force`.
pub fn apply(
    live: Option<&Value>,
    config: &Value,
    manager: &str,
    force: bool,
    context: &WriteContext<'_>,
) -> Result<Value, StatusError> {
    let mut managers = live
        .map(|live| managers_of(live, context))
        .unwrap_or_default();
    let id = ManagerId::new(manager, "Apply", context);
    let before = managers.0.remove(&id);
    let live = live.map_or_else(|| header(config), without_managed_fields);
    let wanted: FieldSet = context.ownable(config).into_keys().collect();

    // What others own and this configuration would change.
    let mut object = live.clone();
    merge(&mut object, config, Some(context.schema));
    let changed = changes(&context.ownable(&live), &context.ownable(&object));
    if !force {
        check_conflicts(&managers, &changed)?;
    }
    managers.release(&changed.all(), None);

    // What was applied before, is not now, and nobody else owns.
    let last = before.as_ref().map(|owned| owned.set.clone());
    for path in last.iter().flatten() {
        let is_kept = |kept: &FieldPath| kept.starts_with(path);
        let others = managers.0.values().flat_map(|owned| &owned.set);
        if !wanted.iter().chain(others).any(is_kept) {
            remove_path(&mut object, path, Some(context.schema));
        }
    }

    let is_same = object == live && last.as_ref() == Some(&wanted);
    let time = before.filter(|_| is_same).map(|owned| owned.time);
    let owned = OwnedFields {
        set: wanted,
        api_version: context.api_version.to_owned(),
        time: time.unwrap_or_else(|| context.now.to_owned()),
    };
    managers.0.insert(id, owned);
    managers.store(&mut object);
    Ok(object)
}

/// Credits `manager` with every field that `new` adds to or changes in `live`, and stores the managers in `new`.
pub fn track_update(
    live: Option<&Value>,
    new: &mut Value,
    manager: &str,
    context: &WriteContext<'_>,
) {
    // Clients may edit the managers; what makes no sense counts as unchanged.
    let mut managers = ManagerSet::of(new);
    if managers.0.is_empty() {
        managers = live.map(ManagerSet::of).unwrap_or_default();
    }
    let old = live.map_or_else(|| header(new), without_managed_fields);
    let content = without_managed_fields(new);
    credit(&mut managers, manager, (&old, &content), context);
    managers.store(new);
}

fn credit(
    managers: &mut ManagerSet,
    manager: &str,
    (old, new): (&Value, &Value),
    context: &WriteContext<'_>,
) {
    let changed = changes(&context.ownable(old), &context.ownable(new));
    let id = ManagerId::new(manager, "Update", context);
    managers.release(&changed.removed, None);
    managers.release(&changed.set, Some(&id));
    if changed.set.is_empty() {
        return;
    }
    let owned = managers.0.entry(id).or_insert_with(|| OwnedFields {
        set: FieldSet::new(),
        api_version: context.api_version.to_owned(),
        time: String::new(),
    });
    owned.set.extend(changed.set);
    owned.time = context.now.to_owned();
}

/// Objects without managers get one that owns all there is, so that the first apply takes nothing by stealth.
fn managers_of(live: &Value, context: &WriteContext<'_>) -> ManagerSet {
    let mut managers = ManagerSet::of(live);
    if managers.0.is_empty() {
        let everything = (&header(live), &without_managed_fields(live));
        credit(&mut managers, "before-first-apply", everything, context);
    }
    managers
}

fn header(object: &Value) -> Value {
    json!({ "apiVersion": object.get("apiVersion"), "kind": object.get("kind"), "metadata": {} })
}

/// Fields that differ between two objects.
struct FieldChanges {
    /// Added, or with another value.
    set: FieldSet,
    /// Gone.
    removed: FieldSet,
}

impl FieldChanges {
    fn all(&self) -> FieldSet {
        self.set.union(&self.removed).cloned().collect()
    }
}

fn changes(old: &Leaves<'_>, new: &Leaves<'_>) -> FieldChanges {
    let set = new
        .iter()
        .filter(|(path, value)| old.get(*path) != Some(value));
    let removed = old.keys().filter(|path| !new.contains_key(*path));
    FieldChanges {
        set: set.map(|(path, _)| path.clone()).collect(),
        removed: removed.cloned().collect(),
    }
}

fn check_conflicts(managers: &ManagerSet, changed: &FieldChanges) -> Result<(), StatusError> {
    // A merge alone removes a leaf only by making it a map or a list: that is a change of it.
    let conflicts: Vec<(&ManagerId, Vec<&FieldPath>)> = managers
        .0
        .iter()
        .map(|(id, owned)| {
            let paths = owned.set.iter();
            let is_changed =
                |path: &&FieldPath| changed.set.contains(*path) || changed.removed.contains(*path);
            (id, paths.filter(is_changed).collect::<Vec<_>>())
        })
        .filter(|(_, paths)| !paths.is_empty())
        .collect();
    if conflicts.is_empty() {
        Ok(())
    } else {
        Err(conflict_error(&conflicts))
    }
}

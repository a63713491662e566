//! A manifest's reference to a kubeconfig: the file or context is read here, and the reference never sent.
//!
//! `kubeconfigFile: path` (relative to the manifest), `kubeconfigContext: name`, both together, or
//! `kubeconfig: "@path"`.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::outline::is_same_field;
use super::source::SourceFile;
use crate::args::FileArguments;
use crate::failure::CommandError;
use crate::kubeconfig;

/// Takes the references out of the fields and reads what they name. `None`: there is none.
///
/// # Errors
/// A file or context can't be used, or two of them are named.
pub(super) fn take(
    fields: &mut Map<String, Value>,
    source: &SourceFile,
    arguments: &FileArguments,
) -> Result<Option<String>, CommandError> {
    let file = take_text(fields, "kubeconfig_file").map(|path| relative_to(source, &path));
    let context = take_text(fields, "kubeconfig_context");
    let inline = fields
        .get("kubeconfig")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let at_file = inline
        .strip_prefix('@')
        .map(|path| relative_to(source, path));
    let has_inline = !inline.is_empty() && at_file.is_none();
    let given = arguments.kubeconfig.clone();
    let files: Vec<&PathBuf> = [&file, &at_file, &given].into_iter().flatten().collect();
    let context = arguments.context.clone().or(context);
    let is_named = !files.is_empty() || context.is_some();
    if files.len() > 1 || (has_inline && is_named) {
        return Err(CommandError::usage(format!(
            "{}: the kubeconfig is given more than once; keep one of `kubeconfig`, `kubeconfigFile`, --kubeconfig and \
             --context",
            source.path
        )));
    }
    if !is_named {
        return Ok(None);
    }
    let file = files.first().map(|path| path.as_path());
    match kubeconfig::text_for_service(file, context.as_deref()) {
        Ok(text) => Ok(Some(text)),
        Err(error) => Err(CommandError::usage(format!("{}: {error}", source.path))),
    }
}

fn relative_to(source: &SourceFile, path: &str) -> PathBuf {
    source.folder.join(Path::new(path))
}

fn take_text(fields: &mut Map<String, Value>, field: &str) -> Option<String> {
    let key = fields.keys().find(|key| is_same_field(key, field))?.clone();
    match fields.remove(&key) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

//! A manifest's reference to a kubeconfig: the file or context is read here, and the reference never sent.
//!
//! `kubeconfigFile: path` (relative to the manifest), `kubeconfigContext: name`, both together, or
//! `kubeconfig: "@path"`.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::outline::is_same_field;
use super::source::SourceFile;
use crate::args::FileArguments;
use crate::kubeconfig;
use crate::wording;

/// Place of a kubeconfig that was read for a document.
#[derive(Clone)]
pub(crate) struct KubeconfigReference {
    /// Name of the field that refers to it; `None` for an argument.
    pub(crate) field: Option<String>,
    /// The argument in place of a field.
    pub(crate) argument: &'static str,
    /// The file, the context or both, for people.
    pub(crate) named: String,
    /// Warning of a login that ends soon.
    pub(crate) warning: Option<String>,
}

/// A reference that leads nowhere, or one of several.
pub(super) struct ReferenceError {
    /// Name of the field; `None` where arguments alone are at fault.
    pub(super) field: Option<String>,
    pub(super) message: String,
}

/// A kubeconfig with its place.
pub(super) struct ReferredKubeconfig {
    pub(super) text: String,
    pub(super) reference: KubeconfigReference,
}

/// A field of the document as it is spelled there.
struct TextField {
    key: String,
    text: String,
}

/// Takes the references out of the fields of the cluster `name` and reads what they name. `None`: there is none.
///
/// # Errors
/// A file or context can't be used, or two of them are named.
pub(super) fn take(
    fields: &mut Map<String, Value>,
    name: &str,
    source: &SourceFile,
    arguments: &FileArguments,
) -> Result<Option<ReferredKubeconfig>, ReferenceError> {
    let inline = inline(fields);
    let file = take_text(fields, "kubeconfig_file");
    let context = take_text(fields, "kubeconfig_context");
    let at_file = inline
        .as_ref()
        .filter(|inline| inline.text.starts_with('@'));
    let has_inline = inline.is_some() && at_file.is_none();
    let path_of = |field: &TextField| source.folder.join(&field.text);
    let path_behind_at = at_file.and_then(|inline| inline.text.strip_prefix('@'));
    let in_value = path_behind_at.map(|path| source.folder.join(path));
    let in_file = file.as_ref().map(path_of);
    let paths = [&in_file, &in_value, &arguments.kubeconfig];
    let paths: Vec<&PathBuf> = paths.into_iter().flatten().collect();
    let named_context = arguments.context.as_deref();
    let named_context = named_context.or(context.as_ref().map(|context| context.text.as_str()));
    let field = file.as_ref().or(at_file).or(context.as_ref());
    let field = field.map(|field| field.key.clone());
    let is_named = !paths.is_empty() || named_context.is_some();
    if paths.len() > 1 || (has_inline && is_named) {
        return Err(ReferenceError {
            field,
            message: "the kubeconfig is given more than once; keep one of `kubeconfig`, `kubeconfigFile`, --kubeconfig and --context"
                .to_owned(),
        });
    }
    if !is_named {
        return Ok(None);
    }
    let path = paths.first().map(|path| path.as_path());
    match kubeconfig::text_for_service(path, named_context, name) {
        Ok(kubeconfig) => Ok(Some(ReferredKubeconfig {
            text: kubeconfig.text,
            reference: KubeconfigReference {
                field,
                argument: match arguments.kubeconfig {
                    Some(_) => "--kubeconfig",
                    None => "--context",
                },
                named: describe(path, named_context),
                warning: kubeconfig.warning,
            },
        })),
        Err(error) => Err(ReferenceError {
            field,
            message: error.to_string(),
        }),
    }
}

fn describe(path: Option<&Path>, context: Option<&str>) -> String {
    match (path.map(wording::shown), context) {
        (Some(path), Some(context)) => format!("{path}, context {context}"),
        (Some(path), None) => path,
        (None, context) => format!("context {}", context.unwrap_or_default()),
    }
}

/// The field `kubeconfig` itself, which stays: a text, or `@` and a path.
fn inline(fields: &Map<String, Value>) -> Option<TextField> {
    let text = fields.get("kubeconfig")?.as_str()?;
    (!text.is_empty()).then(|| TextField {
        key: "kubeconfig".to_owned(),
        text: text.to_owned(),
    })
}

fn take_text(fields: &mut Map<String, Value>, field: &str) -> Option<TextField> {
    let key = fields.keys().find(|key| is_same_field(key, field))?.clone();
    match fields.remove(&key) {
        Some(Value::String(text)) if !text.is_empty() => Some(TextField { key, text }),
        _ => None,
    }
}

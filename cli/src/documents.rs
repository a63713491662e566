//! Files with clusters: requests of the API as JSON or YAML, and `kind: Cluster` manifests.

mod list;
mod outline;
mod references;
mod source;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::args::{FileArguments, parse_name};
use crate::failure::CommandError;
use crate::service::SaveBody;
use crate::terminal::Terminal;

use references::ReferenceError;

pub(crate) use outline::{MalformedText, Outline, Place, is_same_field};
pub(crate) use references::KubeconfigReference;
pub(crate) use source::SourceFile;

/// Cluster of a file. No `Debug`: it may hold a kubeconfig.
#[derive(Clone)]
pub(crate) struct ClusterDocument {
    /// The file.
    pub(crate) source: Arc<SourceFile>,
    /// Where the document stands in the file.
    pub(crate) range: Range<usize>,
    /// Places of its fields.
    pub(crate) outline: Outline,
    /// Places of the file that must not be shown.
    pub(crate) secrets: Arc<Vec<Range<usize>>>,
    /// Name of the cluster.
    pub(crate) name: String,
    /// The name is that of `--name`, whatever the file says.
    pub(crate) is_named_by_argument: bool,
    /// Where its kubeconfig was read; `None` where it stands in the file, or there is none.
    pub(crate) kubeconfig_reference: Option<KubeconfigReference>,
    /// Body to send.
    pub(crate) body: SaveBody,
    fields: Value,
}

impl ClusterDocument {
    /// The text of a field, in whichever case its name is written.
    fn text(&self, field: &str) -> Option<&str> {
        let (_, value) = self
            .fields
            .as_object()?
            .iter()
            .find(|(key, _)| outline::is_same_field(key, field))?;
        value.as_str().filter(|text| !text.is_empty())
    }

    /// File and line of the name, or of the document where the file has none.
    fn place(&self) -> String {
        let name = self.outline.find("/cluster_name");
        let offset = match name.is_field {
            true => name.span.start,
            false => self.range.start,
        };
        format!("{}, line {}", self.source.path, self.source.line_of(offset))
    }

    /// Tells whether the cluster runs inside another one.
    pub(crate) fn is_virtual(&self) -> bool {
        self.text("cluster_type") == Some("virtual")
    }

    /// Tells whether credentials are sent along.
    pub(crate) fn has_kubeconfig(&self) -> bool {
        self.kubeconfig_reference.is_some() || self.text("kubeconfig").is_some()
    }

    /// The cluster that it runs in.
    pub(crate) fn host(&self) -> Option<&str> {
        self.text("host_cluster")
    }
}

/// Reads the documents of all files, with their kubeconfigs.
///
/// # Errors
/// A file can't be read or is malformed, a name is missing or stands twice, or a kubeconfig can't be used.
pub(crate) fn read(arguments: &FileArguments) -> Result<Vec<ClusterDocument>, CommandError> {
    let sources = source::read_all(&arguments.filename, arguments.recursive)?;
    let mut documents = Vec::new();
    for source in sources {
        documents.extend(split(&Arc::new(source), arguments)?);
    }
    let is_single = documents.len() == 1;
    if !is_single && arguments.name.is_some() {
        return Err(CommandError::usage(format!(
            "--name is for one cluster, and there are {}",
            documents.len()
        )));
    }
    if !is_single && (arguments.kubeconfig.is_some() || arguments.context.is_some()) {
        return Err(CommandError::usage(format!(
            "--kubeconfig and --context are for one cluster, and there are {}: write `kubeconfigFile` or \
             `kubeconfigContext` into each document",
            documents.len()
        )));
    }
    require_one_of_each(&documents)?;
    Ok(documents)
}

/// Warns of logins that end soon.
pub(crate) fn warn_of_logins(documents: &[ClusterDocument], terminal: &Terminal) {
    for document in documents {
        let reference = document.kubeconfig_reference.as_ref();
        if let Some(warning) = reference.and_then(|reference| reference.warning.as_deref()) {
            terminal.warn(&format!("{}: {warning}", document.name));
        }
    }
}

/// Refuses two documents for one cluster: whichever came last would count.
fn require_one_of_each(documents: &[ClusterDocument]) -> Result<(), CommandError> {
    let mut first_places = BTreeMap::new();
    for document in documents {
        let name = document.name.as_str();
        if let Some(first_place) = first_places.insert(name, document.place()) {
            return Err(CommandError::usage(format!(
                "cluster {name} is there twice: {first_place}, and {}; nothing was sent",
                document.place()
            )));
        }
    }
    Ok(())
}

/// The argument that sets a field where the file does not.
pub(crate) fn argument_of(field: &str) -> Option<&'static str> {
    let is_kubeconfig = ["/kubeconfig", "/spec/kubeconfig"].contains(&field);
    is_kubeconfig.then_some(
        "--kubeconfig FILE, --context NAME, or `kubeconfigFile` or `kubeconfigContext` in the file",
    )
}

/// Reads the names of all clusters, and no kubeconfig.
///
/// # Errors
/// A file can't be read or is malformed, or a name is missing.
pub(crate) fn read_names(
    filename: &[PathBuf],
    recursive: bool,
) -> Result<Vec<String>, CommandError> {
    let arguments = FileArguments {
        filename: filename.to_vec(),
        recursive,
        name: None,
        kubeconfig: None,
        context: None,
        names_only: true,
    };
    Ok(read(&arguments)?
        .into_iter()
        .map(|document| document.name)
        .collect())
}

/// Takes a file apart into its documents. Empty ones, as between two `---`, are none.
fn split(
    source: &Arc<SourceFile>,
    arguments: &FileArguments,
) -> Result<Vec<ClusterDocument>, CommandError> {
    let outlines = outline::read(&source.text)
        .map_err(|error| CommandError::usage(crate::report::malformed_file(source, &error)))?;
    let is_single = outlines.len() == 1;
    let secrets = outlines.iter().flat_map(|(_, outline)| outline.secrets());
    let secrets = Arc::new(secrets.collect());
    let mut documents = Vec::new();
    for (range, outline) in outlines {
        let mut value = value_of(source, &range)?;
        let items = list::take_items(&mut value);
        let outlined = Outlined {
            range,
            outline,
            secrets: Arc::clone(&secrets),
            form: match is_single {
                true => Form::OnlyDocument,
                false => Form::Document,
            },
        };
        let Some(items) = items else {
            documents.push(document(source, outlined, value, arguments)?);
            continue;
        };
        for (index, item) in items.into_iter().enumerate() {
            documents.push(document(source, outlined.item(index), item, arguments)?);
        }
    }
    match documents.is_empty() {
        true => Err(CommandError::usage(format!(
            "{} has no cluster",
            source.path
        ))),
        false => Ok(documents),
    }
}

fn value_of(source: &SourceFile, range: &Range<usize>) -> Result<Value, CommandError> {
    let text = source.text.get(range.clone()).unwrap_or_default();
    let options = serde_saphyr::options! {
        // Two maps of the API may have a key twice; the service says which, where it is not.
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|_| {
        // The error's own text quotes the file, which may hold a kubeconfig.
        CommandError::usage(format!("{}: can't be read as YAML or JSON", source.path))
    })
}

/// Facts about a document before it is looked into.
struct Outlined {
    range: Range<usize>,
    outline: Outline,
    secrets: Arc<Vec<Range<usize>>>,
    form: Form,
}

impl Outlined {
    /// Returns outline and place of one item of a list of clusters.
    fn item(&self, index: usize) -> Self {
        let outline = self.outline.item(index);
        Self {
            range: outline.range(),
            outline,
            secrets: Arc::clone(&self.secrets),
            form: Form::ListItem,
        }
    }
}

/// How a cluster stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Alone: it may have the file's name.
    OnlyDocument,
    /// Between `---` and `---`.
    Document,
    /// In a list, so its text alone is no document.
    ListItem,
}

fn document(
    source: &Arc<SourceFile>,
    outlined: Outlined,
    mut value: Value,
    arguments: &FileArguments,
) -> Result<ClusterDocument, CommandError> {
    let line = source.line_of(outlined.range.start);
    let refused = |why: String| CommandError::usage(format!("{}, line {line}: {why}", source.path));
    require_cluster(&value).map_err(refused)?;
    let name = arguments.name.clone().or_else(|| name_in(&value));
    let name = name.or_else(|| {
        source
            .stem
            .clone()
            .filter(|_| outlined.form == Form::OnlyDocument)
    });
    let name = name.ok_or_else(|| {
        refused(
            "the cluster's name is missing: write it into `name` (in a manifest: `spec.name`)"
                .to_owned(),
        )
    })?;
    let name = parse_name(&name).map_err(refused)?;
    let is_manifest = value.get("spec").is_some();
    let spec = match is_manifest {
        true => value.get_mut("spec"),
        false => Some(&mut value),
    };
    let spec = spec.and_then(Value::as_object_mut);
    let spec = spec.ok_or_else(|| refused("spec is no mapping of fields to values".to_owned()))?;
    // The references must not be sent; what they name is put in.
    let kubeconfig = match arguments.names_only {
        true => Ok(None),
        false => references::take(spec, &name, source, arguments),
    };
    let kubeconfig = kubeconfig.map_err(|error| unusable_reference(source, &outlined, error))?;
    let is_answer = !is_manifest && list::leave_out_told(spec);
    let is_changed = kubeconfig.is_some() || is_answer || outlined.form == Form::ListItem;
    let (kubeconfig, kubeconfig_reference) = kubeconfig
        .map(|referred| (referred.text, referred.reference))
        .unzip();
    spec.extend(kubeconfig.map(|text| ("kubeconfig".to_owned(), text.into())));
    let fields = Value::Object(spec.clone());
    let text = match is_changed {
        true => value.to_string(),
        // As it is: the service tells line and column of what it does not like.
        false => source
            .text
            .get(outlined.range.clone())
            .unwrap_or_default()
            .to_owned(),
    };
    let is_yaml = is_manifest || !(source.is_json || is_changed);
    let content_type = if is_yaml {
        "application/yaml"
    } else {
        "application/json"
    };
    Ok(ClusterDocument {
        source: Arc::clone(source),
        range: outlined.range,
        outline: outlined.outline,
        secrets: outlined.secrets,
        name,
        is_named_by_argument: arguments.name.is_some(),
        kubeconfig_reference,
        body: SaveBody { content_type, text },
        fields,
    })
}

/// A kubeconfig that can't be read, shown at the field that names it.
fn unusable_reference(
    source: &SourceFile,
    outlined: &Outlined,
    error: ReferenceError,
) -> CommandError {
    let message = format!("{}: {}", source.path, error.message);
    CommandError::usage(match error.field {
        Some(field) => {
            let place = outlined.outline.find(&format!("/{field}"));
            crate::report::unusable_field(source, &outlined.secrets, place, &message)
        }
        None => message,
    })
}

/// Fields by which a request is known for one.
const FIELDS: [&str; 9] = [
    "api_server",
    "cluster_type",
    "cluster_kind",
    "usage",
    "worker_type",
    "host_cluster",
    "kubeconfig",
    "kubeconfig_file",
    "kubeconfig_context",
];

/// Tells whether a document has a field of a request.
fn has_request_field(value: &Value) -> bool {
    let fields = value.get("spec").unwrap_or(value).as_object();
    fields.is_some_and(|fields| {
        let mut keys = fields.keys();
        keys.any(|key| FIELDS.iter().any(|field| is_same_field(key, field)))
    })
}

/// Refuses what is no cluster; the error says why.
fn require_cluster(value: &Value) -> Result<(), String> {
    let kind = value.get("kind").and_then(Value::as_str);
    match kind.filter(|kind| *kind != "Cluster") {
        Some("Config") => Err(
            "this is a kubeconfig; `nautes-clusters add --kubeconfig FILE CONTEXT` registers the cluster of one, and a \
             request names it by `kubeconfigFile`"
                .to_owned(),
        ),
        Some(kind) => Err(format!("kind is {kind}; only Cluster can be saved")),
        None if !value.is_object() => Err("a cluster is a mapping of fields to values".to_owned()),
        // Another file of the same folder: it is neither sent nor shown.
        None if kind.is_none() && !has_request_field(value) => Err(
            "this is no cluster: it has neither `kind: Cluster` nor one of a request's fields, such as `api_server`"
                .to_owned(),
        ),
        None => Ok(()),
    }
}

/// The name as a document tells it: in the manifest's spec, its metadata, or among the request's fields.
fn name_in(value: &Value) -> Option<String> {
    ["/spec/name", "/metadata/name", "/name"]
        .iter()
        .find_map(|pointer| {
            let name = value.pointer(pointer)?.as_str()?;
            (!name.is_empty()).then(|| name.to_owned())
        })
}

#[cfg(test)]
mod tests;

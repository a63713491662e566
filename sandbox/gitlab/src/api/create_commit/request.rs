use serde_json::{Map, Value};

/// A request whose parameters are all of the right form.
#[derive(Debug)]
pub(super) struct CommitRequest {
    pub(super) branch: String,
    pub(super) message: String,
    pub(super) start_branch: Option<String>,
    pub(super) start_sha: Option<String>,
    pub(super) force: bool,
    pub(super) stats: bool,
    pub(super) author_name: Option<String>,
    pub(super) author_email: Option<String>,
    pub(super) actions: Vec<CommitAction>,
}

#[derive(Debug)]
pub(super) struct CommitAction {
    pub(super) kind: ActionKind,
    pub(super) path: String,
    pub(super) last_commit_id: Option<String>,
}

#[derive(Debug)]
pub(super) enum ActionKind {
    Create {
        content: ActionContent,
        executable: bool,
    },
    Update {
        content: ActionContent,
    },
    Move {
        from: String,
        content: Option<ActionContent>,
    },
    Delete,
    Chmod {
        executable: bool,
    },
}

/// Content as sent: base64 is decoded when the file is written, as Gitaly does.
#[derive(Debug)]
pub(super) enum ActionContent {
    Text(String),
    Base64(String),
}

impl CommitRequest {
    /// Reads the parameters; the error is the reason of the 400.
    pub(super) fn parse(body: &Map<String, Value>) -> Result<Self, String> {
        let fields = RequestFields {
            name: String::new(),
            fields: body,
        };
        let branch = fields.required("branch", "")?;
        let message = fields.required("commit_message", "")?;
        let allow_empty = fields.flag("allow_empty").unwrap_or_default();
        let actions = actions(body.get("actions"), allow_empty)?;
        let (start_branch, start_sha) = (fields.text("start_branch"), fields.text("start_sha"));
        if start_branch.is_some() && start_sha.is_some() {
            return Err("start_branch, start_sha are mutually exclusive".to_owned());
        }
        Ok(Self {
            branch,
            message,
            start_branch,
            start_sha,
            force: fields.flag("force").unwrap_or_default(),
            stats: fields.flag("stats").unwrap_or(true),
            author_name: fields.text("author_name"),
            author_email: fields.text("author_email"),
            actions,
        })
    }
}

fn actions(value: Option<&Value>, allow_empty: bool) -> Result<Vec<CommitAction>, String> {
    let actions = match value {
        None | Some(Value::Null) if allow_empty => return Ok(Vec::new()),
        None | Some(Value::Null) => return Err("actions is required".to_owned()),
        Some(Value::Array(actions)) => actions,
        Some(_) => return Err("actions must be an array".to_owned()),
    };
    if actions.is_empty() && !allow_empty {
        return Err("Provide at least one action, or set allow_empty to true".to_owned());
    }
    actions
        .iter()
        .enumerate()
        .map(|(index, action)| CommitAction::parse(index, action))
        .collect()
}

impl CommitAction {
    fn parse(index: usize, value: &Value) -> Result<Self, String> {
        let empty = Map::new();
        let fields = RequestFields {
            name: format!("actions[{index}]"),
            fields: value.as_object().unwrap_or(&empty),
        };
        let action = fields.required("action", "")?;
        let path = fields.required("file_path", "")?;
        let executable = fields.flag("execute_filemode").unwrap_or_default();
        let kind = match action.as_str() {
            "create" => ActionKind::Create {
                content: fields
                    .content()?
                    .unwrap_or(ActionContent::Text(String::new())),
                executable,
            },
            "update" => ActionKind::Update {
                content: fields
                    .content()?
                    .ok_or_else(|| fields.missing("content", " for update action"))?,
            },
            "move" => ActionKind::Move {
                from: fields.required("previous_path", " for move action")?,
                content: fields.content()?,
            },
            "delete" => ActionKind::Delete,
            "chmod" => ActionKind::Chmod { executable },
            _ => {
                return Err(format!(
                    "{}[action] must be one of: create, update, move, delete, chmod",
                    fields.name
                ));
            }
        };
        Ok(Self {
            kind,
            path,
            last_commit_id: fields.text("last_commit_id"),
        })
    }

    /// The path the action needs to find, if any.
    pub(super) fn existing_path(&self) -> Option<&str> {
        match &self.kind {
            ActionKind::Create { .. } => None,
            ActionKind::Move { from, .. } => Some(from),
            ActionKind::Update { .. } | ActionKind::Delete | ActionKind::Chmod { .. } => {
                Some(&self.path)
            }
        }
    }
}

/// The fields of the request or of one action.
struct RequestFields<'a> {
    /// Owner of the fields; empty for the request itself.
    name: String,
    fields: &'a Map<String, Value>,
}

impl RequestFields<'_> {
    /// A text that is neither missing nor blank.
    fn text(&self, name: &str) -> Option<String> {
        self.fields
            .get(name)?
            .as_str()
            .filter(|text| !text.trim().is_empty())
            .map(str::to_owned)
    }

    fn required(&self, name: &str, purpose: &str) -> Result<String, String> {
        self.text(name).ok_or_else(|| self.missing(name, purpose))
    }

    fn missing(&self, name: &str, purpose: &str) -> String {
        let name = if self.name.is_empty() {
            name.to_owned()
        } else {
            format!("{}[{name}]", self.name)
        };
        format!("{name} is required{purpose}")
    }

    fn flag(&self, name: &str) -> Option<bool> {
        match self.fields.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => Some(matches!(text.as_str(), "true" | "1")),
            _ => None,
        }
    }

    /// The content, when the key is there at all.
    fn content(&self) -> Result<Option<ActionContent>, String> {
        let base64 = match self.fields.get("encoding") {
            None | Some(Value::Null) => false,
            Some(Value::String(encoding)) if encoding == "text" => false,
            Some(Value::String(encoding)) if encoding == "base64" => true,
            Some(_) => return Err(format!("{}[encoding] must be text or base64", self.name)),
        };
        let Some(value) = self.fields.get("content") else {
            return Ok(None);
        };
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        Ok(Some(if base64 {
            ActionContent::Base64(text)
        } else {
            ActionContent::Text(text)
        }))
    }
}

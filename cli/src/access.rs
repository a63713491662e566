//! The service account by which the management cluster logs in to a cluster, where the user's own login can't be passed
//! on: those of cloud providers and of single sign-on run on the user's machine, or end within hours.
//!
//! As `argocd cluster add` does it: an account in `kube-system`, bound to `cluster-admin`, with a token in a Secret.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::cluster::ClusterClient;
use crate::failure::CommandError;
use crate::interrupt::{self, Hold};
use crate::kubeconfig::SelectedContext;
use crate::progress::Spinner;
use crate::terminal::Terminal;

/// Where the account lives: a namespace that every cluster has and nobody deletes.
const NAMESPACE: &str = "kube-system";

/// The name of everything that is made.
const NAME: &str = "nautes-clusters-manager";

/// Label of everything that is made here; nothing else is removed.
const LABEL: (&str, &str) = ("app.kubernetes.io/managed-by", "nautes-clusters-cli");

/// The token controller fills the Secret within a second; some clusters have none.
const TOKEN_PATIENCE: u32 = 20;
const TOKEN_PAUSE: Duration = Duration::from_millis(500);

/// Lifetime that is asked for where no Secret is filled. Servers cut it down to what they allow.
const REQUESTED_LIFETIME: Duration = Duration::from_secs(365 * 24 * 3600);

/// A login of its own on a cluster. No `Debug`: it holds a token.
pub(crate) struct AccessToken {
    /// The token.
    token: String,
    /// When it ends, where it does.
    pub(crate) expires_at: Option<String>,
    /// Nothing of it was there before.
    pub(crate) is_new: bool,
}

/// Describes the account and its role, for the question.
pub(crate) fn description() -> String {
    format!("the service account {NAMESPACE}/{NAME} with the role cluster-admin")
}

struct Made {
    path: String,
    object: Value,
}

/// The objects in the order in which they are made.
fn objects() -> [Made; 3] {
    let labels = json!({LABEL.0: LABEL.1});
    [
        Made {
            path: format!("/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{NAME}"),
            object: json!({
                "apiVersion": "v1", "kind": "ServiceAccount",
                "metadata": {"namespace": NAMESPACE, "name": NAME, "labels": labels},
            }),
        },
        Made {
            path: format!("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/{NAME}"),
            object: json!({
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
                "metadata": {"name": NAME, "labels": labels},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
                "subjects": [{"kind": "ServiceAccount", "namespace": NAMESPACE, "name": NAME}],
            }),
        },
        Made {
            path: format!("/api/v1/namespaces/{NAMESPACE}/secrets/{NAME}"),
            object: json!({
                "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
                "metadata": {
                    "namespace": NAMESPACE, "name": NAME, "labels": labels,
                    "annotations": {"kubernetes.io/service-account.name": NAME},
                },
            }),
        },
    ]
}

/// Makes the account, or takes the one that is there. Where that ends half way, and be it by Ctrl-C, what was made goes again:
/// nobody would use this cluster administrator, or know of it.
///
/// # Errors
/// The login has no right to, something of this name is somebody else's, no token comes, or somebody pressed Ctrl-C.
pub(crate) async fn create(
    cluster: &ClusterClient,
    terminal: &Terminal,
) -> Result<AccessToken, CommandError> {
    let hold = interrupt::hold();
    let mut new = Vec::new();
    let spinner = Spinner::start(terminal, format!("making {}", description()));
    let created = make(cluster, &hold, &mut new).await;
    // Ctrl-C may have come with the last answer.
    let created = created.and_then(|token| hold.check().map(|()| token));
    drop(spinner);
    if created.is_err() && !new.is_empty() {
        let spinner = Spinner::start(terminal, "removing it again; Ctrl-C leaves it there");
        let mut is_left = false;
        for path in new.iter().rev() {
            is_left |= cluster.delete(path).await.is_err();
        }
        drop(spinner);
        terminal.say(taken_back(!is_left));
    }
    created
}

/// Tells whether the account that was made is gone again.
pub(crate) fn taken_back(is_gone: bool) -> &'static str {
    match is_gone {
        true => "the service account was removed again",
        false => "the service account stays: it could not be removed again",
    }
}

/// Makes what is missing, and notes the paths of that before.
async fn make(
    cluster: &ClusterClient,
    hold: &Hold,
    new: &mut Vec<String>,
) -> Result<AccessToken, CommandError> {
    let objects = objects();
    for made in &objects {
        hold.check()?;
        match cluster.find(&made.path).await? {
            Some(there) => require_own(&there)?,
            None => new.push(made.path.clone()),
        }
        cluster.apply(&made.path, &made.object).await?;
    }
    let is_new = new.len() == objects.len();
    if let Some(token) = token_of_secret(cluster, hold).await? {
        return Ok(AccessToken {
            token,
            expires_at: None,
            is_new,
        });
    }
    requested_token(cluster, is_new).await
}

/// Removes what `create` made; tells how many objects there were.
///
/// # Errors
/// The login has no right to, or something of this name is somebody else's.
pub(crate) async fn remove(cluster: &ClusterClient) -> Result<usize, CommandError> {
    let mut removed = 0;
    for made in objects().iter().rev() {
        let Some(there) = cluster.find(&made.path).await? else {
            continue;
        };
        require_own(&there)?;
        cluster.delete(&made.path).await?;
        removed += 1;
    }
    Ok(removed)
}

fn require_own(object: &Value) -> Result<(), CommandError> {
    let labels = object.pointer("/metadata/labels");
    let owner = labels
        .and_then(|labels| labels.get(LABEL.0))
        .and_then(Value::as_str);
    match owner {
        Some(owner) if owner == LABEL.1 => Ok(()),
        _ => {
            let kind = object.get("kind").and_then(Value::as_str);
            let why = format!(
                "the cluster has a {} {NAME} without the label {}={}: it is somebody else's, and was left alone",
                kind.unwrap_or("object"),
                LABEL.0,
                LABEL.1
            );
            Err(CommandError::kubernetes(why, ""))
        }
    }
}

async fn token_of_secret(
    cluster: &ClusterClient,
    hold: &Hold,
) -> Result<Option<String>, CommandError> {
    let path = format!("/api/v1/namespaces/{NAMESPACE}/secrets/{NAME}");
    for _ in 0..TOKEN_PATIENCE {
        hold.check()?;
        let secret = cluster.get(&path).await?;
        let token = secret.pointer("/data/token").and_then(Value::as_str);
        let token = token.and_then(|token| STANDARD.decode(token).ok());
        if let Some(token) = token.and_then(|token| String::from_utf8(token).ok()) {
            return Ok(Some(token));
        }
        tokio::time::sleep(TOKEN_PAUSE).await;
    }
    Ok(None)
}

async fn requested_token(
    cluster: &ClusterClient,
    is_new: bool,
) -> Result<AccessToken, CommandError> {
    let path = format!("/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{NAME}/token");
    let request = json!({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
        "spec": {"expirationSeconds": REQUESTED_LIFETIME.as_secs()},
    });
    let answer = cluster.post(&path, &request).await?;
    let text = |pointer: &str| {
        answer
            .pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let token = text("/status/token").ok_or_else(|| {
        let why = format!("the cluster gives no token for {NAMESPACE}/{NAME}");
        CommandError::kubernetes(why, "")
    })?;
    Ok(AccessToken {
        token,
        expires_at: text("/status/expirationTimestamp"),
        is_new,
    })
}

/// The kubeconfig that logs in with the token, to the same server as the context.
///
/// # Errors
/// The authority's file can't be read.
pub(crate) fn kubeconfig(
    context: &SelectedContext,
    token: &AccessToken,
) -> Result<String, CommandError> {
    with_token(context, &token.token)
}

/// Kubeconfig for a dry run, before there is a token: nothing of it is stored.
///
/// # Errors
/// The authority's file can't be read.
pub(crate) fn kubeconfig_of_dry_run(context: &SelectedContext) -> Result<String, CommandError> {
    with_token(context, "not-made-before-the-question-is-answered")
}

fn with_token(context: &SelectedContext, token: &str) -> Result<String, CommandError> {
    let mut context = context.clone();
    context.user = kube::config::AuthInfo {
        token: Some(token.to_owned().into()),
        ..Default::default()
    };
    context.to_text()
}

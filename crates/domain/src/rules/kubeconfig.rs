//! `kubeconfig`

use super::{Context, Draft};
use crate::findings::Findings;
use crate::kubeconfig::KubeconfigError;
use crate::{Cluster, ClusterType, kubeconfig};

pub(super) fn credentials(context: &Context<'_>, draft: &mut Draft, findings: &mut Findings) {
    let field = &context.request.kubeconfig;
    let is_virtual = draft.cluster_type == Some(ClusterType::Virtual);
    match &field.value {
        Some(_) if is_virtual => findings.refuse(
            &field.at,
            "a virtual cluster has no kubeconfig: its host provides one",
            "leave the field out",
        ),
        Some(text) => match kubeconfig::credentials(text, context.neighbours.now) {
            Ok(read) => {
                draft.credentials = Some(read.credentials);
                read.warnings.into_iter().for_each(|it| findings.warn(it));
            }
            Err(errors) => {
                for error in errors {
                    let message = error.to_string();
                    match error {
                        // They may stand beside the field.
                        KubeconfigError::NoCluster | KubeconfigError::NoUser => {
                            findings.refuse_missing(&field.at, message, error.hint());
                        }
                        _ => findings.refuse(&field.at, message, error.hint()),
                    }
                }
            }
        },
        None if field.broken || draft.cluster_type.is_none() || is_virtual => {}
        None => required(context, draft, findings),
    }
}

/// Stored credentials stay, but only for the server they were given for: whoever can move a cluster to
/// another URL must not have Argo CD log in there with a credential that he never knew.
fn required(context: &Context<'_>, draft: &Draft, findings: &mut Findings) {
    let is_physical = |current: &&Cluster| current.cluster_type == ClusterType::Physical;
    let message = match (context.current.filter(is_physical), &draft.api_server) {
        (None, _) => "`kubeconfig` is required to register a physical cluster",
        (Some(_), _) if !context.neighbours.credentials_stored => {
            "`kubeconfig` is required: no credentials of this cluster are stored"
        }
        (Some(current), Some(url)) if current.api_server != *url => {
            "`kubeconfig` is required where `api_server` changes"
        }
        (Some(_), _) => return findings.refuse_misspelt(&context.request.kubeconfig.at),
    };
    let hint = "send the cluster's kubeconfig, as text or in Base64";
    findings.refuse_missing(&context.request.kubeconfig.at, message, hint);
}

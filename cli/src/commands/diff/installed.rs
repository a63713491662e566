//! State of the management cluster beside a file that the branch has already.
//!
//! A dry run names every object that `apply` would write, and not which of them differ, so this is what the cluster's status tells.

use api::{Cluster, InstalledObject, Phase, Status};

/// Difference that `apply` would mend although it commits nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InstallDifference {
    /// Argo CD has nothing of the cluster.
    Everything,
    /// The credentials are missing.
    NoCredentials,
    /// The credentials are others than the branch approves.
    OtherCredentials,
}

impl InstallDifference {
    /// Finds the difference in a cluster's status; `None` where there is none, and where the status does not tell.
    pub(super) fn of(cluster: &Cluster) -> Option<Self> {
        let status = cluster.status.as_ref()?;
        let is_refused = |status: &Status| {
            let credentials = status.credentials.as_ref();
            credentials.and_then(|credentials| credentials.approved) == Some(false)
        };
        // The service adds this one to the components where the cluster's Secret is gone.
        let mut components = status.components.iter();
        let lacks_credentials = components
            .any(|component| component.name == "credentials" && component.health == "Missing");
        match status.phase {
            Phase::Registered => Some(Self::Everything),
            Phase::Removing | Phase::Unknown => None,
            _ if lacks_credentials => Some(Self::NoCredentials),
            _ if is_refused(status) => Some(Self::OtherCredentials),
            _ => None,
        }
    }

    /// Picks the objects that differ, of those that `apply` would write.
    pub(super) fn objects(self, installs: &[InstalledObject]) -> Vec<InstalledObject> {
        let is_meant =
            |object: &&InstalledObject| self == Self::Everything || object.kind == "Secret";
        installs.iter().filter(is_meant).cloned().collect()
    }

    /// Words that follow the cluster's name.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Everything => {
                "the branch has its files, and the management cluster has nothing of it: `nautes-clusters apply` has it installed"
            }
            Self::NoCredentials => {
                "the branch has its files, and the management cluster lacks its credentials: `nautes-clusters apply` with its kubeconfig brings them"
            }
            Self::OtherCredentials => {
                "the branch has its files, and the management cluster has other credentials than the branch approves: `nautes-clusters apply` with the approved kubeconfig brings those"
            }
        }
    }
}

/// Words for a cluster without differences: what was compared, and what only `status` tells.
pub(super) fn without_differences(cluster: &Cluster) -> String {
    let words = "no differences in the repository";
    match cluster.status.as_ref() {
        Some(status) if status.phase == Phase::Ready => {
            format!("{words}, and everything is installed")
        }
        Some(status) => format!(
            "{words}; in the management cluster it is {}, and `nautes-clusters status {}` says more",
            status.phase, cluster.name
        ),
        None => format!("{words}; the management cluster was not asked"),
    }
}

#[cfg(test)]
mod tests {
    use api::{ComponentStatus, CredentialsStatus};

    use super::*;

    fn cluster(phase: Phase, component: &str, approved: Option<bool>) -> Cluster {
        let component = ComponentStatus {
            name: component.to_owned(),
            health: "Missing".to_owned(),
            ..ComponentStatus::default()
        };
        Cluster {
            name: "build".to_owned(),
            status: Some(Status {
                phase,
                components: vec![component],
                credentials: Some(CredentialsStatus {
                    approved,
                    ..CredentialsStatus::default()
                }),
                message: None,
            }),
            ..Cluster::default()
        }
    }

    #[test]
    fn only_what_apply_mends_is_a_difference() {
        use InstallDifference::{Everything, NoCredentials, OtherCredentials};
        for (phase, component, approved, found) in [
            (Phase::Registered, "", None, Some(Everything)),
            (Phase::Degraded, "credentials", None, Some(NoCredentials)),
            (Phase::Ready, "", Some(false), Some(OtherCredentials)),
            (Phase::Ready, "", Some(true), None),
            (Phase::Installing, "traefik", None, None),
            (Phase::Degraded, "traefik", None, None),
            (Phase::Unknown, "credentials", None, None),
        ] {
            let cluster = cluster(phase.clone(), component, approved);
            assert_eq!(InstallDifference::of(&cluster), found, "{phase}");
        }
        assert_eq!(InstallDifference::of(&Cluster::default()), None);
    }

    #[test]
    fn no_differences_says_what_was_compared() {
        let words = |phase| without_differences(&cluster(phase, "", None));
        assert_eq!(
            words(Phase::Ready),
            "no differences in the repository, and everything is installed"
        );
        assert_eq!(
            words(Phase::Degraded),
            "no differences in the repository; in the management cluster it is Degraded, and `nautes-clusters status build` says more"
        );
        assert_eq!(
            without_differences(&Cluster::default()),
            "no differences in the repository; the management cluster was not asked"
        );
    }
}

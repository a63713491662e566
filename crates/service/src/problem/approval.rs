//! Problems of changes that nobody has approved.

use super::Problem;
use super::upstream::WriteProgress;
use api::Reason;

/// Credentials whose fingerprint the branch that counts does not have: those of the request, or those stored.
#[must_use]
pub fn credentials_not_approved(name: &str, branch: &str, sent: bool) -> Problem {
    let (whose, way_out) = match sent {
        true => (
            "sent",
            "have them approved first: send the request without sync=true, and again when it is merged",
        ),
        false => (
            "stored",
            "send the kubeconfig that was approved, or another one without sync=true",
        ),
    };
    let detail = format!(
        "the credentials that are {whose} for cluster {name} are not those that the branch {branch} approves; {way_out}; {}",
        WriteProgress::Nothing.sentence()
    );
    Problem::new(409, Reason::CredentialsNotApproved, detail)
}

/// Objects of others that are to be taken over, where what was merged does not say so.
#[must_use]
pub fn adoption_not_approved(name: &str, branch: &str) -> Problem {
    let detail = format!(
        "the commit that made cluster {name} on the branch {branch} as it is does not say that objects of others are taken over; \
         have somebody who may push to {branch} send the request with adopt=true and delivery=commit; {}",
        WriteProgress::Nothing.sentence()
    );
    Problem::new(409, Reason::AdoptionNotApproved, detail)
}

/// A removal by force, where the removal that was merged was an ordinary one.
#[must_use]
pub fn force_not_approved(name: &str, branch: &str) -> Problem {
    let detail = format!(
        "the commit that removed cluster {name} from the branch {branch} does not say that it is removed by force; \
         send the request without force, or have somebody who may push to {branch} send it with delivery=commit; {}",
        WriteProgress::Nothing.sentence()
    );
    Problem::new(409, Reason::ForceNotApproved, detail)
}

//! Fills Secrets of the type `kubernetes.io/service-account-token`, and removes them with their account.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::access::{AUDIENCE, TokenClaims, TokenSigner};
use crate::object;
use crate::resource::{GroupResource, ObjectKey};
use crate::store::ObjectStore;

/// Type of the Secrets.
const TYPE: &str = "kubernetes.io/service-account-token";
/// Names the account; its user writes it.
const ACCOUNT: &str = "/metadata/annotations/kubernetes.io~1service-account.name";
/// Remembers which account of that name it was; the controller writes it.
const UID: &str = "kubernetes.io/service-account.uid";

/// Runs until dropped.
pub async fn run(store: ObjectStore, signer: TokenSigner, ca_pem: String) {
    let mut changes = store.changes();
    loop {
        changes.borrow_and_update();
        for secret in unfinished(&store) {
            finish(&store, &signer, &ca_pem, &secret);
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

/// Secrets without a token, and those whose account is gone.
fn unfinished(store: &ObjectStore) -> Vec<Arc<Value>> {
    let secrets = GroupResource::new("", "secrets");
    let mut found = store.read(|state| state.list(&secrets, ""));
    found.retain(|secret| {
        let is_filled = !object::text(secret, "/data/token").is_empty();
        object::text(secret, "/type") == TYPE
            && !object::is_deleting(secret)
            && (!is_filled || account_of(store, secret).is_none())
    });
    found
}

/// The account that a Secret is for; none where it is missing, or another of the same name.
fn account_of(store: &ObjectStore, secret: &Value) -> Option<Arc<Value>> {
    let key = ObjectKey::new(object::namespace(secret), object::text(secret, ACCOUNT));
    let accounts = GroupResource::new("", "serviceaccounts");
    let account = store.read(|state| state.get(&accounts, &key))?;
    let known = secret.pointer("/metadata/annotations")?.get(UID);
    let is_same = known.is_none_or(|uid| *uid == object::uid(&account));
    is_same.then_some(account)
}

fn finish(store: &ObjectStore, signer: &TokenSigner, ca_pem: &str, secret: &Value) {
    let (namespace, name) = (object::namespace(secret), object::name(secret));
    let Some(account) = account_of(store, secret) else {
        // One that never had an account may still get it.
        if !object::text(secret, "/data/token").is_empty() {
            store.remove("", "secrets", namespace, name);
        }
        return;
    };
    let token = signer.sign(&TokenClaims {
        account: &account,
        secret: Some(secret),
        audiences: vec![AUDIENCE.to_owned()],
        expires: None,
    });
    let filled = json!({
        "metadata": { "annotations": { UID: object::uid(&account) } },
        "data": {
            "token": STANDARD.encode(token), "ca.crt": STANDARD.encode(ca_pem), "namespace": STANDARD.encode(namespace),
        },
    });
    store.modify("", "secrets", namespace, name, |live| {
        if object::uid(live) == object::uid(secret) {
            json_patch::merge(live, &filled);
        }
    });
}

//! Advice about fields and the name.

use serde_json::{Value, json};

use super::{Advice, Mend, Sent};

pub const MENDS: &[(&str, Mend)] = &[
    (
        "send the URL of the cluster's API server, such as ",
        |sent, advice| {
            let url = advice.hint.rsplit(' ').next().unwrap().to_owned();
            set(sent, &advice.field, json!(url));
        },
    ),
    (
        "send an address under which Argo CD reaches",
        |sent, advice| {
            set(
                sent,
                &advice.field,
                json!("https://worker-9.example.com:6443"),
            );
        },
    ),
    ("send the cluster's kubeconfig", |sent, advice| {
        set(sent, &advice.field, json!(super::mending::complete()));
    }),
    ("send the file's text as one string", |sent, advice| {
        set(sent, &advice.field, json!(super::mending::complete()));
    }),
    ("leave the field out", |sent, advice| {
        remove(sent, &advice.field)
    }),
    ("send `physical` or `virtual`", choose_first),
    ("send `physical`, or `worker` as `usage`", choose_first),
    ("send `host` or `worker`", |sent, advice| {
        set(sent, &advice.field, json!("worker"))
    }),
    ("send `pipeline` or `deployment`", choose_first),
    ("send `kubernetes`, or leave the field out", choose_first),
    ("choose from: ", |sent, advice| {
        let first = advice.hint["choose from: ".len()..]
            .split(',')
            .next()
            .unwrap()
            .to_owned();
        set(sent, &advice.field, json!(first));
    }),
    ("send a string or an integer", |sent, advice| {
        set(sent, &advice.field, json!("31990"))
    }),
    ("send a string", |sent, advice| {
        let word = match advice.field.rsplit('/').next().unwrap() {
            "usage" => "worker",
            "cluster_type" | "clusterType" => "physical",
            "worker_type" | "workerType" => "deployment",
            "api_server" | "apiServer" => "https://worker-9.example.com:6443",
            "host" | "primary_domain" => "a.example.com",
            _ => "argocd",
        };
        set(sent, &advice.field, json!(word));
    }),
    ("send an object", |sent, advice| {
        set(sent, &advice.field, json!({}))
    }),
    ("send a list", |sent, advice| {
        set(sent, &advice.field, json!([]))
    }),
    ("keep one of the two", keep_one),
    ("send a free port from 30000 to 32767", free_port),
    ("send two different ports", free_port),
    ("send a name such as ", |sent, advice| {
        let name = advice.hint.rsplit(' ').next().unwrap().to_owned();
        set(sent, &advice.field, json!(name));
    }),
    ("send a domain of at most ", |sent, advice| {
        set(sent, &advice.field, json!("short.example.com"))
    }),
    ("send \"true\" or \"false\"", |sent, advice| {
        set(sent, &advice.field, json!("true"))
    }),
    ("send both, such as ", |sent, advice| {
        let example = &advice.hint["send both, such as ".len()..];
        let element = advice.field.rsplit_once('/').unwrap().0;
        set(sent, element, serde_json::from_str(example).unwrap());
    }),
    (
        "use lower-case letters, digits, inner hyphens and dots",
        |sent, advice| {
            set(sent, &advice.field, json!("a-name"));
        },
    ),
    (
        "use lower-case letters, digits and inner hyphens, at most 63",
        |sent, advice| {
            rename_or_set(sent, &advice.field, "a-namespace");
        },
    ),
    (
        "use lower-case letters, digits and inner hyphens, at most ",
        valid_name,
    ),
    ("choose a name of at most ", valid_name),
    ("choose a name that begins with a letter", |sent, _| {
        sent.name().insert(0, 'c')
    }),
    ("choose another name", |sent, _| {
        "zebra".clone_into(sent.name())
    }),
    (
        "send the same name in both, or in the path only",
        |sent, advice| {
            let name = sent.name().clone();
            set(sent, &advice.field, json!(name));
        },
    ),
    ("send a manifest with `kind: Cluster`", |sent, advice| {
        set(sent, &advice.field, json!("Cluster"))
    }),
    (
        "use letters, digits, hyphens, underscores, dots and slashes",
        |sent, advice| {
            let name = format!("product-{}", sent.unused());
            rename_or_set(sent, &advice.field, &name);
        },
    ),
    (
        "use letters and digits, a capital first, such as ",
        |sent, advice| {
            set(
                sent,
                &format!("{}/kind", advice.field),
                json!("ClusterRole"),
            );
        },
    ),
    ("use a DNS name such as ", |sent, advice| {
        set(
            sent,
            &format!("{}/group", advice.field),
            json!("rbac.authorization.k8s.io"),
        );
    }),
    ("send it without them, or shorter", |sent, advice| {
        set(sent, &advice.field, json!("x"))
    }),
    ("remove it", |sent, advice| remove(sent, &advice.field)),
    (
        "send the same value in both, or leave out ",
        |sent, advice| remove(sent, &advice.field),
    ),
    ("send the name of a registered host cluster", name_host),
    (
        "register the host first, or name one that is registered",
        name_host,
    ),
    ("name a cluster whose `usage` is `host`", name_host),
    ("send it behind the path, as ?", |sent, advice| {
        remove(sent, &advice.field)
    }),
    ("send the file's text in `kubeconfig`", |sent, advice| {
        remove(sent, &advice.field);
        let above = advice.field.rsplit_once('/').unwrap().0;
        let text = json!(super::mending::complete());
        set(sent, &format!("{above}/kubeconfig"), text);
    }),
    ("write `", |sent, advice| {
        let written = advice.hint.split('`').nth(1).unwrap().to_owned();
        let (above, name) = advice.field.rsplit_once('/').unwrap();
        sent.change(|fields| {
            let map = fields.pointer_mut(above).unwrap().as_object_mut().unwrap();
            let value = map.remove(&written).unwrap();
            map.insert(name.to_owned(), value);
        });
    }),
];

/// Sets what a pointer leads to, and makes what is above it.
fn set(sent: &mut Sent, pointer: &str, value: Value) {
    let pointer = pointer.to_owned();
    sent.change(|fields| {
        let mut at = fields;
        for key in pointer.split('/').skip(1) {
            let key = key.replace("~1", "/").replace("~0", "~");
            if let Some(index) = key.parse::<usize>().ok().filter(|_| at.is_array()) {
                at = &mut at[index];
                continue;
            }
            if !at.is_object() {
                *at = json!({});
            }
            at = &mut at[key];
        }
        *at = value;
    });
}

fn remove(sent: &mut Sent, pointer: &str) {
    let (above, key) = pointer.rsplit_once('/').unwrap();
    sent.change(|fields| match fields.pointer_mut(above) {
        Some(Value::Object(map)) => {
            map.remove(key);
        }
        Some(Value::Array(items)) => {
            items.remove(key.parse().unwrap());
        }
        _ => {}
    });
}

/// Of two equal keys none but the last is written anew; the other may be the same field in another case.
fn keep_one(sent: &mut Sent, advice: &Advice) {
    let (above, key) = advice.field.rsplit_once('/').unwrap();
    let mut has_other = false;
    sent.change(|fields| {
        let map = fields.pointer(above).and_then(Value::as_object);
        let mut keys = map.into_iter().flat_map(|map| map.keys());
        has_other =
            keys.any(|other| other != key && domain::snake_case(other) == domain::snake_case(key));
    });
    if has_other {
        remove(sent, &advice.field);
    }
}

/// A name may be a key or a value.
fn rename_or_set(sent: &mut Sent, pointer: &str, name: &str) {
    let (above, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    let mut is_key = false;
    sent.change(|fields| {
        let map = fields.pointer_mut(above).and_then(Value::as_object_mut);
        if let Some(map) = map
            && map.get(&key).is_some_and(|value| !value.is_string())
        {
            let value = map.remove(&key).unwrap();
            map.insert(name.to_owned(), value);
            is_key = true;
        }
    });
    if !is_key {
        set(sent, pointer, json!(name));
    }
}

/// The first word in backquotes.
fn choose_first(sent: &mut Sent, advice: &Advice) {
    let word = advice.hint.split('`').nth(1).unwrap().to_owned();
    set(sent, &advice.field, json!(word));
}

fn free_port(sent: &mut Sent, advice: &Advice) {
    let port = 32000 + sent.unused();
    set(sent, &advice.field, json!(port));
}

fn name_host(sent: &mut Sent, advice: &Advice) {
    let host = sent.host();
    set(sent, &advice.field, json!(host));
}

/// As the hint has it: letters, digits and hyphens, so many of them, and a letter first where it says so.
fn valid_name(sent: &mut Sent, advice: &Advice) {
    let most: String = advice.hint.chars().filter(char::is_ascii_digit).collect();
    let needs_letter =
        advice.hint.contains("a letter first") || advice.hint.contains("begins with a letter");
    let name = sent.name();
    let is_allowed =
        |char: &char| char.is_ascii_lowercase() || char.is_ascii_digit() || *char == '-';
    let mut valid: String = name.to_lowercase().chars().filter(is_allowed).collect();
    if needs_letter && !valid.starts_with(|char: char| char.is_ascii_lowercase())
        || valid.is_empty()
    {
        valid.insert(0, 'c');
    }
    valid.truncate(most.parse().unwrap());
    *name = valid.trim_matches('-').to_owned();
}

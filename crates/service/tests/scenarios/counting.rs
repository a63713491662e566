//! How many calls a request takes, whether ten clusters are registered or a thousand.

use api::Reason;
use serde_json::{Value, json};
use service::settings::Settings;
use service::{ClusterStream, KnownCallers};

use crate::native::surveys;
use crate::runtime::{Fate, Memory};
use crate::setting::{
    delete, gitlab_says, host, memory, outcome, read, reason, registered, request, save, settings,
    settings_with, try_delete_with, try_save_with, virtual_worker, without_kubeconfig, worker,
};

const H: &str = "https://h1.example.com:6443";
const NAME: &str = "pattern-cluster";
const SERVER: &str = "https://pattern.example.com:6443";
const LIST: &str = "nautes/overlays/production/clusters/kustomization.yaml";

/// A host with two virtual clusters, and workers to make up the number: saved once and then multiplied.
fn with(clusters: usize) -> Memory {
    let pattern = registered(&[(NAME, worker(SERVER))]);
    let mut pattern = pattern.0.borrow().gitlab.head();
    // Of the thirty files of its runtime one will do: nobody looks into it.
    let mut of_runtime = 0;
    pattern.retain(|path, _| {
        let is_one = path.starts_with("runtimes/");
        of_runtime += usize::from(is_one);
        !is_one || of_runtime == 1
    });
    let (before, memory) = (memory(), memory());
    let mut files = before.0.borrow().gitlab.head();
    let (mut entries, workers) = (String::new(), clusters - 3);
    for index in 0..workers {
        let (name, server) = (
            format!("c{index:04}"),
            format!("https://c{index}.example.com:6443"),
        );
        for (path, content) in &pattern {
            let path = match *path == domain::claim::path(SERVER) {
                true => domain::claim::path(&server),
                false => path.replace(NAME, &name),
            };
            let content = String::from_utf8(content.clone()).unwrap();
            let content = content.replace(NAME, &name).replace(SERVER, &server);
            files.insert(path, content.into_bytes());
        }
        entries += &format!("- {name}.yaml\n");
    }
    let list = String::from_utf8(pattern[LIST].clone()).unwrap();
    let list = list.replace(&format!("- {NAME}.yaml\n"), &entries);
    files.insert(LIST.to_owned(), list.into_bytes());
    memory.0.borrow_mut().gitlab.push("Multiply\n", files);
    for (name, body) in [
        ("h1", host(H)),
        ("v1", virtual_worker("h1", 31443)),
        ("v2", virtual_worker("h1", 31444)),
    ] {
        assert_eq!(save(&memory, name, &body).0, 200);
    }
    let list = memory.0.borrow().gitlab.text(LIST).unwrap();
    assert_eq!(list.matches("\n- ").count(), clusters);
    memory
}

/// Requests, and what each took: calls to GitLab, their round trips, the same of Kubernetes.
fn calls(memory: &Memory) -> Vec<(&'static str, [usize; 4])> {
    let requests: [(&str, &dyn Fn() -> u16); 13] = [
        ("save a worker", &|| {
            save(memory, "n1", &worker("https://n1.example.com")).0
        }),
        ("save it again", &|| {
            save(memory, "n1", &worker("https://n1.example.com")).0
        }),
        ("save it without credentials", &|| {
            save(
                memory,
                "n1",
                &without_kubeconfig(worker("https://n1.example.com")),
            )
            .0
        }),
        ("save it with another API server", &|| {
            save(memory, "n1", &worker("https://n2.example.com")).0
        }),
        ("save a host", &|| {
            save(memory, "n2", &host("https://n3.example.com")).0
        }),
        ("save a virtual cluster", &|| {
            save(memory, "n3", &virtual_worker("h1", 31445)).0
        }),
        ("save a host with virtual clusters", &|| {
            save(memory, "h1", &host(H)).0
        }),
        ("read a worker", &|| read(memory, "n1").0),
        ("read a virtual cluster", &|| read(memory, "n3").0),
        ("read what is not there", &|| read(memory, "n4").0),
        ("delete a virtual cluster", &|| delete(memory, "n3").0),
        ("delete a worker", &|| delete(memory, "n1").0),
        ("delete it again", &|| delete(memory, "n1").0),
    ];
    let count = |(name, request): (&'static str, &dyn Fn() -> u16)| {
        memory.forget();
        let expected = if ["read what is not there", "delete it again"].contains(&name) {
            404
        } else {
            200
        };
        assert_eq!(request(), expected, "{name}");
        let (gitlab, kubernetes) = (memory.calls_of("gitlab"), memory.calls_of("kubernetes"));
        (
            name,
            [
                gitlab.len(),
                memory.round_trips("gitlab"),
                kubernetes.len(),
                memory.round_trips("kubernetes"),
            ],
        )
    };
    requests.into_iter().map(count).collect()
}

#[test]
fn a_thousand_clusters_take_as_many_calls_as_ten() {
    // Who has nothing to write asks for the folder of the resource files as well, a hundred of them with each call.
    let expected = |pages: usize| {
        [
            // Of the calls to Kubernetes eight are the look before the commit; the only ones after it are writes, all at
            // once.
            ("save a worker", [11, 3, 13, 2]),
            // Instead of a commit, the right to write is proved.
            ("save it again", [11 + pages, 3, 13, 2]),
            // The credentials that are kept are read first.
            ("save it without credentials", [11 + pages, 3, 14, 3]),
            // What it was registered with before is known only when its file has been read, and the former Secret goes
            // when the new one is there.
            ("save it with another API server", [12, 3, 14, 3]),
            ("save a host", [12, 3, 13, 2]),
            ("save a virtual cluster", [16, 3, 13, 2]),
            ("save a host with virtual clusters", [18 + pages, 4, 13, 2]),
            ("read a worker", [6, 2, 5, 1]),
            ("read a virtual cluster", [7, 2, 5, 1]),
            // It may be on its way out; of a cluster of this repository alone.
            ("read what is not there", [4, 2, 6, 1]),
            ("delete a virtual cluster", [16, 4, 18, 3]),
            ("delete a worker", [12, 3, 17, 3]),
            // What depends on it is asked for at once, whether or not it turns out to be there.
            ("delete it again", [11 + pages, 3, 9, 1]),
        ]
    };
    assert_eq!(calls(&with(10)), expected(1));
    assert_eq!(calls(&with(1_000)), expected(11));
}

#[test]
fn the_virtual_clusters_of_a_host_take_one_call_each() {
    let save_host = |virtual_clusters: u16| {
        let memory = registered(&[("h1", host(H))]);
        for index in 0..virtual_clusters {
            let body = virtual_worker("h1", 31_443 + index);
            assert_eq!(save(&memory, &format!("v{index}"), &body).0, 200);
        }
        memory.forget();
        assert_eq!(save(&memory, "v", &virtual_worker("h1", 32_000)).0, 200);
        memory.calls_of("gitlab").len()
    };
    let none = save_host(0);
    assert_eq!([save_host(1), save_host(5)], [none + 1, none + 5]);
}

fn list(memory: &Memory, query: &str) -> Value {
    let mut request = request("GET", "", &Value::Null);
    let uri = format!("http://localhost/api/v1/clusters{query}");
    *request.uri_mut() = uri.parse().unwrap();
    let answer = memory.run(service::read(memory, &settings(), &request));
    let (status, body) = outcome(answer).unwrap();
    assert_eq!(status, 200, "{body}");
    body
}

fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect()
}

/// With the Cluster resources as saves write them.
fn with_resources(clusters: usize) -> Memory {
    let memory = with(clusters);
    let files = memory
        .0
        .borrow()
        .gitlab
        .commits
        .last()
        .unwrap()
        .files
        .clone();
    for (path, content) in files {
        let name = path.strip_prefix("nautes/overlays/production/clusters/");
        let name = name.and_then(|name| name.strip_suffix(".yaml"));
        let Some(name) = name.filter(|name| *name != "kustomization") else {
            continue;
        };
        let text = String::from_utf8(content).unwrap();
        let resource = serde_json::json!({"metadata": {"name": name, "labels": {"cluster.nautes.io/name": name},
            "annotations": {"clusters.nautes.io/resource-file": text}, "creationTimestamp": "2026-01-02T03:04:05Z"}});
        memory
            .0
            .borrow_mut()
            .kubernetes
            .put(&format!("clusters/{name}"), resource);
    }
    memory
}

/// The stream of a list, and its first piece.
fn begun(memory: &Memory) -> (ClusterStream, String) {
    let mut request = request("GET", "", &Value::Null);
    *request.uri_mut() = "http://localhost/api/v1/clusters".parse().unwrap();
    let list = memory.run(service::list(memory, &settings(), &request));
    let mut stream = list.unwrap().ok().flatten().unwrap();
    let first = memory.run(stream.next(memory)).unwrap();
    (stream, first.ok().flatten().unwrap())
}

/// Memory holds one piece, and the answer goes out as it is read.
#[test]
fn the_list_of_all_comes_in_pieces_of_500() {
    let memory = with_resources(600);
    let (mut stream, first) = begun(&memory);
    assert!(first.starts_with("{\"items\":["), "{first:.100}");
    assert!(!stream.is_ended());
    let clusters = |piece: &str| piece.matches("\"api_server\":").count();
    assert_eq!(clusters(&first), 500);
    let mut next = || memory.run(stream.next(&memory)).unwrap().ok().unwrap();
    let second = next().unwrap();
    assert!(second.ends_with("]}"), "{second}");
    assert_eq!(clusters(&second), 100);
    assert_eq!(next(), None);
    assert!(stream.is_ended());
    let both: Value = serde_json::from_str(&(first + &second)).unwrap();
    assert_eq!(both, list(&memory, ""));
}

/// What has been sent can't be taken back: the answer breaks off, and no reader takes it for the whole list.
#[test]
fn a_list_breaks_off_where_gitlab_fails_between_two_pieces() {
    let memory = with_resources(600);
    let (mut stream, first) = begun(&memory);
    let failure = Fate::Answer(gitlab_says(500, "500 Internal Server Error"));
    memory.fault("gitlab GET tree", 0, usize::MAX, failure);
    let second = memory.run(stream.next(&memory)).unwrap();
    let problem = second.err().unwrap();
    assert_eq!(
        (problem.status, &problem.reason),
        (502, &Reason::GitlabUnavailable)
    );
    assert!(!stream.is_ended());
    assert!(serde_json::from_str::<Value>(&first).is_err());
}

/// A hundredth, a five-hundredth and five.
#[test]
fn the_list_of_all_takes_few_calls() {
    for clusters in [10, 1_000] {
        let memory = with_resources(clusters);
        memory.forget();
        let all = list(&memory, "");
        assert_eq!(names(&all).len(), clusters);
        assert_eq!(all["items"][0]["created_at"], "2026-01-02T03:04:05Z");
        let calls = memory.calls();
        assert!(
            calls.len() <= clusters / 100 + clusters / 500 + 5,
            "{calls:?}"
        );
        assert!(
            !calls.iter().any(|call| call == "gitlab POST texts"),
            "{calls:?}"
        );
    }
}

#[test]
fn a_file_that_can_not_be_read_hides_no_other() {
    let memory = with_resources(600);
    // One of the first piece, one of the last.
    let broken = [
        "nautes/overlays/production/clusters/c0000.yaml",
        "nautes/overlays/production/clusters/c0596.yaml",
    ];
    let changes = broken.map(|path| (path, Some("a: [".to_owned())));
    memory.0.borrow_mut().gitlab.foreign(&changes.to_vec());
    let all = list(&memory, "");
    let listed = names(&all);
    assert_eq!(listed.len(), 598);
    assert!(!listed.contains(&"c0000") && !listed.contains(&"c0596"));
    let unreadable = all["unreadable"].as_array().unwrap();
    assert_eq!(unreadable.len(), 2);
    for (told, (name, path)) in unreadable.iter().zip(["c0000", "c0596"].iter().zip(broken)) {
        assert_eq!(
            (told["name"].as_str(), told["path"].as_str()),
            (Some(*name), Some(path))
        );
        let detail = told["detail"].as_str().unwrap();
        assert!(detail.contains("mend or remove it"), "{detail}");
    }
    let page = list(&memory, "?per_page=1");
    assert_eq!(page["unreadable"][0]["name"], "c0000");
    assert!(list(&with_resources(10), "").get("unreadable").is_none());
}

#[test]
fn a_text_that_is_not_the_repositorys_is_read_there() {
    let memory = with_resources(10);
    let key = "clusters/c0003";
    let text = "/metadata/annotations/clusters.nautes.io~1resource-file";
    let mut resource = memory.0.borrow().kubernetes.objects[key].clone();
    let file = resource.pointer_mut(text).unwrap();
    *file = file
        .as_str()
        .unwrap()
        .replace("c3.example", "evil.example")
        .into();
    memory.0.borrow_mut().kubernetes.put(key, resource);
    memory
        .0
        .borrow_mut()
        .kubernetes
        .objects
        .remove("clusters/c0004");
    memory.forget();
    let all = list(&memory, "");
    assert_eq!(names(&all).len(), 10);
    assert!(!all.to_string().contains("evil"), "{all}");
    let texts = memory
        .calls()
        .into_iter()
        .filter(|call| call == "gitlab POST texts");
    assert_eq!(texts.count(), 1);
}

#[test]
fn pages_together_are_the_list() {
    let memory = with_resources(120);
    let all = list(&memory, "");
    let mut paged = Vec::new();
    let mut query = "?per_page=50".to_owned();
    loop {
        memory.forget();
        let page = list(&memory, &query);
        assert!(memory.calls().len() <= 7, "{:?}", memory.calls());
        paged.extend(names(&page).into_iter().map(str::to_owned));
        let Some(token) = page["next_page_token"].as_str() else {
            break;
        };
        query = format!("?per_page=50&page_token={token}");
    }
    assert_eq!(paged, names(&all));
    assert!(all["next_page_token"].is_null());
}

#[test]
fn a_list_with_phases_reads_the_applications_of_its_clusters_alone() {
    let memory = with_resources(10);
    let plain = list(&memory, "");
    assert!(plain["items"][0]["status"].is_null());
    memory.forget();
    let page = list(&memory, "?per_page=5&include_status=true");
    for item in page["items"].as_array().unwrap() {
        assert_eq!(item["status"]["phase"], "Registered", "{item}");
    }
}

/// Sends a request, and tells its status.
type Asked<'a> = &'a dyn Fn(&Memory, &Settings) -> u16;

#[test]
fn a_made_up_token_costs_one_call_and_an_unknown_one_a_round_trip() {
    let server = "https://n1.example.com";
    let (direct, proposing) = (settings(), settings_with(&[("delivery", "merge-request")]));
    let save = |memory: &Memory, settings: &Settings| {
        let outcome = try_save_with(settings, memory, "w1", &worker(server));
        outcome.unwrap().0
    };
    let delete = |memory: &Memory, settings: &Settings| {
        let outcome = try_delete_with(settings, memory, "w1?dry_run=true");
        outcome.unwrap().0
    };
    let read = |memory: &Memory, _: &Settings| read(memory, "w1").0;
    let list = |memory: &Memory, settings: &Settings| {
        let mut request = request("GET", "", &Value::Null);
        *request.uri_mut() = "http://localhost/api/v1/clusters".parse().unwrap();
        let answer = memory.run(service::read(memory, settings, &request));
        outcome(answer).unwrap().0
    };
    let requests: [(&Settings, Asked<'_>); 6] = [
        (&direct, &save),
        (&proposing, &save),
        (&direct, &delete),
        (&proposing, &delete),
        (&direct, &read),
        (&direct, &list),
    ];
    for (index, (settings, ask)) in requests.into_iter().enumerate() {
        let costs = |callers: Option<KnownCallers>, is_refused: bool| {
            let memory = registered(&[("w1", worker(server))]);
            memory.0.borrow_mut().callers = callers;
            memory.forget();
            if is_refused {
                let refusal = Fate::Answer(gitlab_says(401, "401 Unauthorized"));
                memory.fault("gitlab GET", 0, usize::MAX, refusal);
            }
            assert_eq!(
                ask(&memory, settings),
                if is_refused { 401 } else { 200 },
                "{index}"
            );
            (memory.calls().len(), memory.round_trips("gitlab"))
        };
        let (calls, round_trips) = costs(None, false);
        assert_eq!(costs(Some(KnownCallers::new()), true), (1, 1), "{index}");
        assert_eq!(
            costs(Some(KnownCallers::new()), false),
            (calls, round_trips + 1),
            "{index}"
        );
        let known = KnownCallers::new();
        known.note("canary-gitlab", true);
        assert_eq!(costs(Some(known), false), (calls, round_trips), "{index}");
    }
}

#[test]
fn the_body_of_whom_gitlab_does_not_know_is_not_read() {
    let memory = registered(&[]);
    memory.0.borrow_mut().callers = Some(KnownCallers::new());
    let refusal = Fate::Answer(gitlab_says(401, "401 Unauthorized"));
    memory.fault("gitlab GET", 0, 1, refusal);
    let body = json!({"api_server": 1});
    let before = surveys();
    for (expected, read) in [
        ((401, "UNAUTHENTICATED"), 0),
        ((422, "VALIDATION_FAILED"), 1),
    ] {
        let answer = save(&memory, "w1", &body);
        assert_eq!(reason(&answer), expected, "{}", answer.1);
        assert_eq!((surveys() - before, memory.writes()), (read, Vec::new()));
    }
}

#[test]
fn whom_gitlab_does_not_know_learns_nothing_of_a_name_that_no_cluster_can_have() {
    let memory = registered(&[("w1", worker("https://n1.example.com"))]);
    memory.0.borrow_mut().callers = Some(KnownCallers::new());
    let refusal = Fate::Answer(gitlab_says(401, "401 Unauthorized"));
    memory.fault("gitlab GET", 0, usize::MAX, refusal);
    for name in ["Bad_Name", "kustomization", "a.b"] {
        let answer = read(&memory, name);
        assert_eq!(
            reason(&answer),
            (401, "UNAUTHENTICATED"),
            "{name}: {}",
            answer.1
        );
    }
    assert_eq!(memory.calls().len(), 3);
}

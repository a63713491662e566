//! What a request may cost, whatever the services answer.

use serde_json::{Value, json};
use service::response::LARGEST;
use service::runtime::{AT_ONCE, AnswerLimit, MAX_PAGES};

use crate::gitlab_service::Files;
use crate::runtime::{Fate, Memory};
use crate::setting::{
    delete, host, outcome, read, reason, registered, request, save, settings, text, truth,
    virtual_worker, worker,
};

const A: &str = "https://a.example.com:6443";
const B: &str = "https://b.example.com:6443";
const LIST: &str = "nautes/overlays/production/clusters/kustomization.yaml";

/// The list with so many line breaks at its end.
fn with_breaks(memory: &Memory, breaks: usize) {
    with_breaks_in(memory, LIST, breaks);
}

fn with_breaks_in(memory: &Memory, path: &str, breaks: usize) {
    let mut inner = memory.0.borrow_mut();
    let mut files: Files = inner.gitlab.commits.last().unwrap().files.clone();
    files
        .get_mut(path)
        .unwrap()
        .extend(std::iter::repeat_n(b'\n', breaks));
    inner.gitlab.push("Break lines\n", files);
}

/// So many line breaks that the file has as much as it may have.
fn room(memory: &Memory, path: &str) -> usize {
    let file = memory.0.borrow().gitlab.text(path).unwrap();
    AnswerLimit::FILE.0 - file.len()
}

fn assert_too_large(outcome: &(u16, Value), path: &str) {
    assert_eq!(reason(outcome), (409, "UNREADABLE_FILE"));
    assert_eq!(outcome.1["path"], path);
    let detail = format!(
        "{path} in the repository can't be read (it has more than 1048576 bytes); mend or remove it and repeat the request"
    );
    assert_eq!(outcome.1["detail"], detail);
}

#[test]
fn a_file_of_the_repository_has_a_size() {
    let memory = registered(&[("w1", worker(A))]);
    let room = room(&memory, LIST);
    with_breaks(&memory, room);
    assert_eq!(save(&memory, "w2", &worker(B)).0, 200);
    let memory = registered(&[("w1", worker(A))]);
    with_breaks(&memory, room + 1);
    let before = truth(&memory);
    memory.forget();
    let outcome = save(&memory, "w2", &worker(B));
    assert_too_large(&outcome, LIST);
    // It is not asked for again, and nothing was written.
    let asked = memory.calls();
    let asked = asked
        .iter()
        .filter(|call| call.contains("kustomization.yaml"));
    assert_eq!(asked.count(), 1);
    assert_eq!((memory.writes(), truth(&memory)), (Vec::new(), before));
}

#[test]
fn a_resource_file_above_its_size_is_named_and_nothing_is_written() {
    let clusters = [
        ("host", host(A)),
        ("virtual", virtual_worker("host", 31_000)),
    ];
    for name in ["host", "virtual"] {
        let memory = registered(&clusters);
        let path = domain::resource::path(name);
        with_breaks_in(&memory, &path, room(&memory, &path));
        assert_eq!(read(&memory, name).0, 200);
        with_breaks_in(&memory, &path, 1);
        let before = truth(&memory);
        memory.forget();
        let body = if name == "host" {
            host(B)
        } else {
            virtual_worker("host", 31_001)
        };
        for outcome in [
            read(&memory, name),
            save(&memory, name, &body),
            save(&memory, &format!("{name}?dry_run=true"), &body),
            save(&memory, &format!("{name}?sync=true"), &Value::Null),
            delete(&memory, name),
            delete(&memory, &format!("{name}?force=true")),
            // The host of one, and a virtual cluster of the other.
            save(&memory, "another", &virtual_worker("host", 31_002)),
        ] {
            assert_too_large(&outcome, &path);
        }
        assert_eq!((memory.writes(), truth(&memory)), (Vec::new(), before));
    }
}

#[test]
fn a_file_above_its_size_hides_no_other_of_the_list() {
    // One of two fits into a page of texts, nine of ten do not.
    for (clusters, large) in [(2, 1), (10, 9)] {
        let names: Vec<String> = (0..clusters).map(|index| format!("w{index}")).collect();
        let server = |name: &String| worker(&format!("https://{name}.example.com:6443"));
        let of = |name: &'_ String| (name.clone(), server(name));
        let bodies: Vec<(String, Value)> = names.iter().map(of).collect();
        let bodies: Vec<_> = bodies
            .iter()
            .map(|(name, body)| (name.as_str(), body.clone()))
            .collect();
        let memory = registered(&bodies);
        for name in &names[..large] {
            with_breaks_in(&memory, &domain::resource::path(name), AnswerLimit::FILE.0);
        }
        let before = truth(&memory);
        let ((status, list), _) = listed(&memory, "gitlab");
        assert_eq!(status, 200);
        assert_eq!(list["items"].as_array().unwrap().len(), clusters - large);
        assert_eq!(list["items"][0]["name"], json!(names[large]));
        let unreadable = list["unreadable"].as_array().unwrap();
        assert_eq!(unreadable.len(), large);
        for (told, name) in unreadable.iter().zip(&names) {
            let path = domain::resource::path(name);
            assert_eq!((&told["name"], &told["path"]), (&json!(name), &json!(path)));
            let detail = told["detail"].as_str().unwrap();
            assert!(
                detail.contains("more than 1048576 bytes") && detail.contains("mend or remove it"),
                "{detail}"
            );
        }
        assert_eq!(truth(&memory), before);
    }
}

#[test]
fn an_object_of_the_management_cluster_has_a_size() {
    let memory = registered(&[("w1", worker(A))]);
    let (at, above) = (AnswerLimit::FILE.0, AnswerLimit::FILE.0 + 1);
    for (size, status) in [(at, 200), (above, 502)] {
        let mut body = json!({"metadata": {"name": "w1", "uid": "1", "note": ""}}).to_string();
        let note = "x".repeat(size - body.len());
        body = body.replace("\"note\":\"\"", &format!("\"note\":\"{note}\""));
        assert_eq!(body.len(), size);
        let fate = Fate::Answer(text(200, &body));
        memory.fault("kubernetes GET clusters/w1", 0, 1, fate);
        let outcome = read(&memory, "w1");
        assert_eq!(outcome.0, 200);
        let phase = outcome.1["status"]["phase"].as_str().unwrap();
        assert_eq!(phase == "Unknown", status == 502, "{}", outcome.1);
    }
}

#[test]
fn a_page_of_a_list_has_a_size() {
    let memory = registered(&[("w1", worker(A))]);
    let at = AnswerLimit::PAGE.0;
    for (size, status) in [(at - 1, 200), (at, 200), (at + 1, 502)] {
        let mut body = json!({"metadata": {"note": ""}, "items": []}).to_string();
        let note = "x".repeat(size - body.len());
        body = body.replace("\"note\":\"\"", &format!("\"note\":\"{note}\""));
        let fate = Fate::Answer(text(200, &body));
        memory.fault("kubernetes GET environments", 0, 1, fate);
        let outcome = delete(&memory, "w1?dry_run=true");
        assert_eq!(outcome.0, status, "{size}: {}", outcome.1);
        if status == 502 {
            let detail = outcome.1["detail"].as_str().unwrap();
            let words = "/environments is larger than 8388608 bytes";
            assert!(detail.contains(words), "{detail}");
        }
        assert_eq!(memory.writes(), Vec::<String>::new());
    }
}

#[test]
fn a_page_of_gitlabs_folders_has_a_size() {
    let memory = registered(&[("w1", worker(A))]);
    let call = "gitlab GET tree nautes/overlays/production/clusters";
    let at = AnswerLimit::PAGE.0;
    for (size, status) in [(at - 1, 200), (at, 200), (at + 1, 502)] {
        let page = |path: &str| {
            json!([{"id": "0".repeat(40), "type": "blob", "path": path, "name": "a"}]).to_string()
        };
        let path = "x".repeat(size - page("").len());
        memory.fault(call, 0, 1, Fate::Answer(text(200, &page(&path))));
        let (answer, _) = listed(&memory, call);
        assert_eq!(answer.0, status, "{size}");
        if status == 502 {
            let detail = answer.1["detail"].as_str().unwrap();
            assert!(detail.contains("is larger than 8388608 bytes"), "{detail}");
        }
        assert_eq!(memory.writes(), Vec::<String>::new());
    }
}

#[test]
fn a_list_has_so_many_pages() {
    let memory = registered(&[("w1", worker(A))]);
    let page = json!({"metadata": {"continue": "on"}, "items": []}).to_string();
    for (before_the_last, status) in [(MAX_PAGES - 2, 200), (MAX_PAGES - 1, 200), (MAX_PAGES, 502)]
    {
        let fate = Fate::Answer(text(200, &page));
        memory.fault("kubernetes GET environments", 0, before_the_last, fate);
        let outcome = delete(&memory, "w1?dry_run=true");
        assert_eq!(outcome.0, status, "{before_the_last}: {}", outcome.1);
        assert_eq!(memory.writes(), Vec::<String>::new());
    }
}

#[test]
fn line_breaks_are_no_reason_to_ask_for_thousands_of_pages() {
    let memory = registered(&[("w1", worker(A))]);
    with_breaks(&memory, 1_000_000);
    memory.forget();
    assert_eq!(save(&memory, "w1", &worker(A)).0, 200);
    let pages = memory.calls();
    let pages = pages
        .iter()
        .filter(|call| call.starts_with("gitlab GET tree"));
    let pages = pages.count();
    assert!(pages <= AT_ONCE + 5, "{pages}");
}

#[test]
fn a_list_without_end_ends() {
    let memory = registered(&[("w1", worker(A))]);
    let page = json!({"metadata": {"continue": "on"}, "items": []}).to_string();
    let fate = Fate::Answer(text(200, &page));
    memory.fault("kubernetes GET secrets", 0, usize::MAX, fate);
    let before = truth(&memory);
    let outcome = save(&memory, "w2", &worker(B));
    assert_eq!(reason(&outcome), (502, "KUBERNETES_UNAVAILABLE"));
    let detail = outcome.1["detail"].as_str().unwrap();
    assert!(
        detail.contains("the list of secrets has more than 1000 pages"),
        "{detail}"
    );
    let asked = memory.calls();
    let asked = asked
        .iter()
        .filter(|call| *call == "kubernetes GET secrets");
    // Two lists are read at the same time.
    assert!(asked.count() <= 2 * MAX_PAGES);
    assert_eq!((memory.writes(), truth(&memory)), (Vec::new(), before));
}

/// What the list of all clusters is answered, and how often this call was made.
fn listed(memory: &Memory, call: &str) -> ((u16, Value), usize) {
    let mut request = request("GET", "", &Value::Null);
    *request.uri_mut() = "http://localhost/api/v1/clusters".parse().unwrap();
    let answer = outcome(memory.run(service::read(memory, &settings(), &request))).unwrap();
    let calls = memory.calls();
    (
        answer,
        calls.iter().filter(|it| it.starts_with(call)).count(),
    )
}

#[test]
fn a_folder_without_end_ends_the_list_of_clusters() {
    let memory = registered(&[("w1", worker(A))]);
    // Only a page that is full goes on; these are no resource files.
    let entry = json!({"id": "0".repeat(40), "type": "blob", "path": "README.md"});
    let mut page = text(200, &json!(vec![entry; 100]).to_string());
    let next = "<https://gitlab.example.com/?page_token=x>; rel=\"next\"";
    page.headers_mut().insert("link", next.parse().unwrap());
    let call = "gitlab GET tree nautes/overlays/production/clusters";
    memory.fault(call, 0, usize::MAX, Fate::Answer(page));
    let (answer, pages) = listed(&memory, call);
    assert_eq!(reason(&answer), (502, "GITLAB_UNAVAILABLE"));
    let detail = answer.1["detail"].as_str().unwrap();
    assert!(detail.contains("has more than 1000 pages"), "{detail}");
    assert_eq!((pages, memory.writes()), (MAX_PAGES, Vec::new()));
}

#[test]
fn cluster_resources_without_end_leave_the_list_to_gitlab() {
    let memory = registered(&[("w1", worker(A))]);
    let page = json!({"metadata": {"continue": "on"}, "items": []}).to_string();
    let call = "kubernetes GET clusters";
    memory.fault(call, 0, usize::MAX, Fate::Answer(text(200, &page)));
    let before = truth(&memory);
    let ((status, list), pages) = listed(&memory, call);
    assert_eq!((status, &list["items"][0]["name"]), (200, &json!("w1")));
    assert_eq!((pages, truth(&memory)), (MAX_PAGES, before));
}

#[test]
fn an_answer_has_a_size() {
    let memory = registered(&[("w1", worker(A))]);
    let path = domain::resource::path("w1");
    let file = memory.0.borrow().gitlab.text(&path).unwrap();
    // An addition has 4 KiB at most.
    let additions: String = (0..63)
        .map(|index| format!("        a{index}: {}\n", "x".repeat(4096)))
        .collect();
    let length_with = |last: usize| {
        let last = "x".repeat(last);
        let component = format!(
            "  componentsList:\n    pipeline:\n      name: tekton\n      namespace: tekton\n      additions:\n\
             {additions}        last: {last}\n"
        );
        let text = file.replacen("  componentsList:\n", &component, 1);
        let mut inner = memory.0.borrow_mut();
        let mut files: Files = inner.gitlab.commits.last().unwrap().files.clone();
        files.insert(path.clone(), text.into_bytes());
        inner.gitlab.push("Add a component\n", files);
        drop(inner);
        let outcome = read(&memory, "w1");
        (outcome.1.to_string().len(), outcome)
    };
    let (length, _) = length_with(1);
    let room = LARGEST - length + 1;
    for (last, expected) in [(room - 1, 200), (room, 200), (room + 1, 409)] {
        let (length, outcome) = length_with(last);
        assert_eq!(outcome.0, expected, "{last}");
        match expected {
            200 => assert!(length <= LARGEST),
            _ => assert_eq!(reason(&outcome), (409, "UNREADABLE_FILE")),
        }
    }
    let detail = read(&memory, "w1").1["detail"].to_string();
    assert!(
        detail.contains("clusters/w1.yaml") && detail.contains("262144 bytes"),
        "{detail}"
    );
}

#[test]
fn a_dry_run_of_a_large_request_has_an_answer_of_limited_size() {
    let memory = registered(&[]);
    let mut body = worker(A);
    let kinds: Vec<Value> = (0..3_000)
        .map(|index| json!({"kind": format!("Kind{index}"), "group": "*"}))
        .collect();
    body["product_allowed_cluster_resources"] = json!({"product": kinds});
    let (status, answer) = save(&memory, "w1?dry_run=true", &body);
    assert_eq!(status, 200, "{answer}");
    let length = answer.to_string().len();
    assert!(length <= LARGEST, "{length}");
    let diff = answer["diff"].as_str().unwrap();
    assert!(
        diff.contains(" more lines are left out"),
        "{}",
        &diff[..400]
    );
    assert_eq!(memory.writes(), Vec::<String>::new());
}

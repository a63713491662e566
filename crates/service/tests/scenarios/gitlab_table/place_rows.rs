//! Where the project and its branch are, and what is there.

use serde_json::json;

use super::row::Part::{self, Again, Open, Read, Rest};
use super::row::{
    Mode, WAYS, assert_told, assert_untouched, assert_written_once, bad, denied, html, play,
    unavailable,
};
use crate::gitlab_service::answer;
use crate::runtime::Fate;
use crate::setting::{
    KUSTOMIZATION, delete, gitlab_says, memory, read, reason, registered, save, settings_with,
    try_save_with, worker,
};

const A: &str = "https://a.example.com:6443";
const NOTHING: &str = "nothing was written";

#[test]
fn a_branch_that_is_not_there_is_named_with_the_one_that_is() {
    for says in [
        gitlab_says(404, "404 Branch Not Found"),
        bad("The branch refname is invalid"),
    ] {
        let settings = settings_with(&[("gitlab_branch", "release")]);
        let memory = memory();
        memory.fault("gitlab GET branches", 0, usize::MAX, Fate::Answer(says));
        let outcome = try_save_with(&settings, &memory, "w1", &worker(A)).unwrap();
        assert_eq!(reason(&outcome), (500, "MISCONFIGURED"));
        let detail = outcome.1["detail"].as_str().unwrap();
        for words in [
            "the branch release does not exist",
            "its default branch is main",
            NOTHING,
        ] {
            assert!(detail.contains(words), "{detail}");
        }
        let calls = [
            "gitlab GET project group%2Ftenant",
            "gitlab GET branches/release",
            "gitlab GET file nautes/overlays/production/clusters/w1.yaml",
        ];
        assert_eq!(memory.calls(), calls);
        assert_untouched(&memory);
    }
}

/// To follow the default branch is what the operator does already.
#[test]
fn a_default_branch_that_is_not_there_is_not_advised() {
    for further in [&[][..], &[("gitlab_branch", "main")]] {
        let memory = memory();
        let says = gitlab_says(404, "404 Branch Not Found");
        memory.fault("gitlab GET branches", 0, usize::MAX, Fate::Answer(says));
        let settings = settings_with(further);
        let outcome = try_save_with(&settings, &memory, "w1", &worker(A)).unwrap();
        assert_eq!(reason(&outcome), (500, "MISCONFIGURED"));
        let detail = outcome.1["detail"].as_str().unwrap();
        assert!(detail.contains("push a commit to it"), "{detail}");
        assert!(!detail.contains("leave it empty"), "{detail}");
        assert_untouched(&memory);
    }
}

#[test]
fn another_default_branch_is_found_with_one_more_round_trip() {
    for mode in WAYS {
        let memory = memory();
        memory.0.borrow_mut().gitlab.default = Some("trunk");
        let (status, body) = save(&memory, mode.query(), &worker(A));
        assert_eq!(status, 200, "{body}");
        let again: Vec<String> = mode.calls(&[Again]);
        let again = again.iter().map(|call| call.replace("/main", "/trunk"));
        let calls = mode.calls(&[Open]).into_iter().chain(again);
        let calls = calls.chain(mode.calls(&[Read, Part::Commit, Rest]));
        assert_eq!(memory.calls(), calls.collect::<Vec<_>>());
        if mode == Mode::Commit {
            // Argo CD follows the default branch by itself.
            let application =
                &memory.0.borrow().kubernetes.objects["applications/tenant1-management"];
            assert_eq!(application["spec"]["source"]["targetRevision"], "HEAD");
        } else {
            assert_eq!(body["merge_request"]["target_branch"], "trunk");
        }
    }
}

#[test]
fn addresses_of_the_project() {
    let rows = [
        (
            "https://gitlab.example.com",
            "",
            "group/tenant",
            "group%2Ftenant",
        ),
        (
            "https://gitlab.example.com",
            "",
            "group/sub/tenant",
            "group%2Fsub%2Ftenant",
        ),
        ("https://gitlab.example.com", "", "42", "42"),
        (
            "https://gitlab.example.com/",
            "/git/lab/",
            "group/tenant",
            "group%2Ftenant",
        ),
    ];
    for (url, prefix, project, called) in rows {
        let settings = settings_with(&[
            ("gitlab_url", url),
            ("gitlab_path_prefix", prefix),
            ("gitlab_project", project),
        ]);
        let memory = memory();
        let outcome = try_save_with(&settings, &memory, "w1", &worker(A)).unwrap();
        assert_eq!(outcome.0, 200, "{}", outcome.1);
        assert_eq!(memory.calls()[0], format!("gitlab GET project {called}"));
        let begin = format!(
            "GET /{}api/v4/projects/",
            prefix.trim_matches('/').to_owned() + if prefix.is_empty() { "" } else { "/" }
        );
        let log = memory.0.borrow().log.join("\n");
        assert!(log.contains(&begin), "{begin}: {log}");
    }
}

#[test]
fn a_commit_that_went_away_while_it_was_read_is_a_lost_race() {
    for words in ["404 Commit Not Found", "404 Tree Not Found"] {
        // The first file is read at the branch, whatever its commit.
        let (call, skip) = match words.contains("Tree") {
            true => ("gitlab GET tree", 0),
            false => ("gitlab GET file", 1),
        };
        for mode in WAYS {
            let fate = Fate::Answer(gitlab_says(404, words));
            let (memory, outcome) = play(mode, call, skip, 1, fate);
            assert_eq!(outcome.0, 200, "{}", outcome.1);
            let calls = mode.calls(&[Open, Read, Again, Read, Part::Commit, Rest]);
            assert_eq!(memory.calls(), calls);
            assert_written_once(&memory, mode);
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_for_certain_is_never_taken_for_missing() {
    let rows = [
        unavailable(html(404, "404 Not Found"), "404 Not Found"),
        unavailable(
            answer(404, &json!({"error": "404 Not Found"})),
            "404 Not Found",
        ),
        denied(gitlab_says(403, "403 Forbidden"), "GitLab forbids it"),
    ];
    let memory = registered(&[("w0", worker("https://b.example.com"))]);
    let before = memory.0.borrow().gitlab.commits.len();
    for row in rows {
        for mode in WAYS {
            memory.forget();
            let fate = Fate::Answer(row.says.clone());
            memory.fault(
                "gitlab GET file nautes/overlays/production/clusters/kust",
                0,
                usize::MAX,
                fate,
            );
            let outcome = save(&memory, mode.query(), &worker(A));
            assert_told(&row, &outcome, NOTHING);
            assert_eq!(memory.calls(), mode.calls(&[Open, Read]));
            assert_eq!(memory.0.borrow().gitlab.commits.len(), before);
        }
    }
}

/// Git and its tools leave other things where a file should be, which nobody finds by the words "not YAML".
#[test]
fn what_stands_for_a_file_is_named_and_nothing_is_written() {
    const OWN: &str = "nautes/overlays/production/clusters/w1.yaml";
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n";
    let conflict = "<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n";
    for (path, content, words) in [
        (OWN, pointer, "Git LFS"),
        (OWN, conflict, "merge conflict"),
        (OWN, "../staging/w1.yaml", "symbolic link"),
        (OWN, "", "submodule"),
        (KUSTOMIZATION, pointer, "Git LFS"),
        (KUSTOMIZATION, conflict, "merge conflict"),
    ] {
        let memory = registered(&[("w1", worker(A))]);
        memory
            .0
            .borrow_mut()
            .gitlab
            .foreign(&vec![(path, Some(content.to_owned()))]);
        let mut outcomes = vec![
            save(&memory, "w1", &worker("https://b.example.com")),
            delete(&memory, "w1"),
        ];
        if path == OWN {
            outcomes.push(read(&memory, "w1"));
        }
        for outcome in outcomes {
            assert_eq!(reason(&outcome), (409, "UNREADABLE_FILE"), "{}", outcome.1);
            assert_eq!(outcome.1["path"], path);
            let detail = outcome.1["detail"].as_str().unwrap();
            assert!(detail.contains(words), "{detail}");
        }
        assert_eq!(memory.writes(), [""; 0]);
    }
}

/// GitLab refuses a new file there with the words of a lost race, which would be run again for half a minute.
#[test]
fn what_stands_in_the_way_of_a_file_is_named_and_nothing_is_written() {
    const SUBMODULE_IN: &str = "it is a submodule of Git";
    const FILE_IN: &str = "it should be a folder";
    let link = crate::gitlab_service::SUBMODULE;
    let rows = [
        // Read, listed, listed above, and seen in no listing.
        (
            "nautes/overlays/production/clusters/w1.yaml",
            link,
            SUBMODULE_IN,
        ),
        (KUSTOMIZATION, link, SUBMODULE_IN),
        ("tenant/production/runtime-appset.yaml", link, SUBMODULE_IN),
        ("runtimes/w1-runtime/runtime-app.yaml", link, SUBMODULE_IN),
        ("runtimes/w1-runtime/production", link, SUBMODULE_IN),
        ("runtimes/w1-runtime", link, SUBMODULE_IN),
        ("runtimes", link, SUBMODULE_IN),
        ("tenant", link, SUBMODULE_IN),
        ("nautes/overlays", link, SUBMODULE_IN),
        ("runtimes/w1-runtime", "a file\n", FILE_IN),
        ("runtimes", "a file\n", FILE_IN),
        ("tenant/production", "a file\n", FILE_IN),
        ("nautes", "a file\n", FILE_IN),
    ];
    for (path, content, words) in rows {
        for mode in WAYS {
            let memory = memory();
            let foreign = vec![(path, Some(content.to_owned()))];
            memory.0.borrow_mut().gitlab.foreign(&foreign);
            let before = memory.0.borrow().gitlab.commits.len();
            let outcome = save(&memory, mode.query(), &worker(A));
            assert_eq!(
                reason(&outcome),
                (409, "UNREADABLE_FILE"),
                "{path}: {}",
                outcome.1
            );
            assert_eq!(outcome.1["path"], path);
            let detail = outcome.1["detail"].as_str().unwrap();
            assert!(detail.contains(words), "{detail}");
            let waited: std::time::Duration = memory.0.borrow().slept.iter().sum();
            assert!(
                waited < std::time::Duration::from_secs(1),
                "{path}: {waited:?}"
            );
            assert_eq!(memory.0.borrow().gitlab.commits.len(), before);
            crate::gitlab_table::row::assert_nothing_installed(&memory);
        }
    }
}

#[test]
fn a_submodule_for_a_resource_file_is_told_to_readers() {
    const OWN: &str = "nautes/overlays/production/clusters/w1.yaml";
    let link = crate::gitlab_service::SUBMODULE.to_owned();
    let memory = registered(&[("w1", worker(A)), ("w2", worker("https://b.example.com"))]);
    memory
        .0
        .borrow_mut()
        .gitlab
        .foreign(&vec![(OWN, Some(link))]);
    for outcome in [read(&memory, "w1"), delete(&memory, "w1")] {
        assert_eq!(reason(&outcome), (409, "UNREADABLE_FILE"), "{}", outcome.1);
        assert_eq!(outcome.1["path"], OWN);
    }
    let (status, list) = read(&memory, "");
    assert_eq!(status, 200, "{list}");
    assert_eq!(list["items"][0]["name"], "w2");
    assert_eq!(list["unreadable"][0]["path"], OWN);
    let message = list["unreadable"][0]["detail"].as_str().unwrap();
    assert!(message.contains("submodule"), "{message}");
    assert_eq!(memory.writes(), [""; 0]);
}

/// `validate` judges these two, and has nothing to ask anybody for it.
#[test]
fn what_rendering_can_not_use_is_named_before_gitlab_is_asked() {
    for (name, value) in [("catalog", "a: b"), ("ca_bundle", "canary")] {
        let settings = settings_with(&[(name, value)]);
        let memory = registered(&[("w1", worker(A))]);
        let removal = crate::setting::request("DELETE", "w1", &json!(null));
        let removal = memory.run(service::delete(
            &memory,
            &crate::native::Native,
            &settings,
            &removal,
        ));
        let outcomes = [
            try_save_with(&settings, &memory, "w1", &worker(A)).unwrap(),
            try_save_with(&settings, &memory, "w1?dry_run=true", &worker(A)).unwrap(),
            crate::setting::outcome(removal).unwrap(),
        ];
        for outcome in outcomes {
            assert_eq!(reason(&outcome), (500, "MISCONFIGURED"), "{}", outcome.1);
            let detail = outcome.1["detail"].as_str().unwrap();
            assert!(detail.contains(&format!("variable {name} ")), "{detail}");
        }
        assert_eq!(memory.calls(), [""; 0]);
    }
}

/// A probe has no token, and learns which setting is wrong from every function.
#[test]
fn functions_that_change_clusters_tell_probes_of_their_settings() {
    let memory = memory();
    let probe = || {
        http::Request::get("http://localhost/readyz")
            .body(Vec::new())
            .unwrap()
    };
    let ask = |variables: &[(&str, &str)]| {
        let (settings, native) = (settings_with(variables), crate::native::Native);
        let saving = memory.run(service::save(&memory, &native, &settings, &probe()));
        let removing = memory.run(service::delete(&memory, &native, &settings, &probe()));
        [saving, removing].map(|it| crate::setting::outcome(it).unwrap())
    };
    for outcome in ask(&[]) {
        assert_eq!(outcome, (200, json!({"status": "ok"})));
    }
    for outcome in ask(&[("catalog", "a: b")]) {
        assert_eq!(reason(&outcome), (500, "MISCONFIGURED"), "{}", outcome.1);
    }
    assert_eq!(memory.calls(), [""; 0]);
}

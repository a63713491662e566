//! Instances are used again, within limits.

use crate::support::{TestApplication, get};
use sandbox_host::ComponentCompiler;
use std::time::Duration;

#[tokio::test]
async fn an_instance_answers_as_many_requests_as_it_may() {
    let mut app = TestApplication::one("");
    app.options.reuse.max_requests = 3;
    app.options.reuse.idle_timeout = Duration::from_secs(60);
    let host = app.start().await;
    let mut counts = Vec::new();
    for _ in 0..7 {
        counts.push(get(&host, "/count").await.1);
    }
    assert_eq!(counts, ["0", "1", "2", "0", "1", "2", "0"]);
}

#[tokio::test]
async fn requests_share_an_instance_while_they_wait() {
    let mut app = TestApplication::one("");
    app.options.reuse.idle_timeout = Duration::from_secs(60);
    let host = app.start().await;
    let waiting = get(&host, "/count?300");
    let meanwhile = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        get(&host, "/count").await.1
    };
    let (first, second) = tokio::join!(waiting, meanwhile);
    assert_eq!((first.1.as_str(), second.as_str()), ("0", "1"));
}

#[tokio::test]
async fn requests_do_not_share_an_instance_when_they_may_not() {
    let mut app = TestApplication::one("");
    app.options.reuse.max_concurrent = 1;
    let host = app.start().await;
    let waiting = get(&host, "/count?300");
    let meanwhile = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        get(&host, "/count").await.1
    };
    let (first, second) = tokio::join!(waiting, meanwhile);
    assert_eq!((first.1.as_str(), second.as_str()), ("0", "0"));
}

#[tokio::test]
async fn an_idle_instance_ends() {
    let mut app = TestApplication::one("");
    app.options.reuse.idle_timeout = Duration::from_millis(50);
    let host = app.start().await;
    assert_eq!(get(&host, "/count").await.1, "0");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(get(&host, "/count").await.1, "0");
}

#[tokio::test]
async fn many_requests_at_once_are_all_answered() {
    let host = TestApplication::one("").start().await;
    let requests = (0..200).map(|_| get(&host, "/sleep?5"));
    let answers = futures::future::join_all(requests).await;
    assert!(answers.iter().all(|(status, _)| *status == 200));
}

#[tokio::test]
async fn a_pool_is_not_needed() {
    let mut app = TestApplication::one("");
    app.options.compiler = ComponentCompiler::without_pool();
    let host = app.start().await;
    host.instantiate("service").await.unwrap();
    assert_eq!(get(&host, "/library").await.0, 200);
    let error = host.instantiate("nobody").await.unwrap_err();
    assert_eq!(error.to_string(), "no component `nobody` has a trigger");
}

#[tokio::test]
async fn what_was_compiled_is_kept_for_the_next_process() {
    let mut app = TestApplication::one("");
    let folder = app.folder.path().join("compiled");
    for _ in 0..2 {
        app.options.compiler = ComponentCompiler::cached(&folder);
        let host = app.start().await;
        assert_eq!(get(&host, "/library").await.0, 200);
    }
    assert!(std::fs::read_dir(folder).unwrap().next().is_some());
}

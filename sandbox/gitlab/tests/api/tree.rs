use serde_json::{Value, json};

use crate::support::{GitLabFixture, RestClient};

async fn with_files(count: usize) -> GitLabFixture {
    let server = GitLabFixture::start().await;
    let actions: Vec<_> = (0..count)
        .map(|number| json!({"action": "create", "file_path": format!("files/{number:03}"), "content": "x"}))
        .collect();
    server.maintainer().change(json!(actions)).await.expect(201);
    server
}

fn paths(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["path"].as_str().unwrap())
        .collect()
}

async fn next(client: &RestClient, link: &str) -> Option<(String, Value)> {
    let url = link.strip_prefix('<')?.split_once(">; rel=\"next\"")?.0;
    let reply = client.get(url.strip_prefix(&client.base)?).await;
    Some((reply.header("link").to_owned(), reply.json()))
}

#[tokio::test]
async fn a_listing_names_mode_type_and_git_id() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let list = client.own("/repository/tree").await.expect(200);
    let blob = server.git(&["rev-parse", "main:README.md"]);
    let tree = server.git(&["rev-parse", "main:nautes"]);
    assert_eq!(
        list,
        json!([
            {"id": tree, "name": "nautes", "type": "tree", "path": "nautes", "mode": "040000"},
            {"id": blob, "name": "README.md", "type": "blob", "path": "README.md", "mode": "100644"},
        ])
    );
    let below = client
        .own("/repository/tree?path=nautes/overlays&ref=HEAD&recursive=true")
        .await
        .expect(200);
    let folder = "nautes/overlays/production";
    let expected = [
        folder,
        &format!("{folder}/clusters"),
        &format!("{folder}/clusters/kustomization.yaml"),
    ];
    assert_eq!(paths(&below), expected);
    let pinned = format!("/repository/tree?ref={}", server.head("main"));
    assert_eq!(client.own(&pinned).await.expect(200), list);
}

#[tokio::test]
async fn what_is_not_there() {
    let server = GitLabFixture::start().await;
    let client = server.maintainer();
    let get = async |query: &str| {
        client
            .own(&format!("/repository/tree?{query}"))
            .await
            .refusal()
    };
    assert_eq!(
        get("ref=nothing").await,
        (404, "404 Tree Not Found".to_owned())
    );
    let missing = (404, "404 invalid revision or path Not Found".to_owned());
    assert_eq!(get("path=nothing").await, missing);
    assert_eq!(get("path=README.md").await, missing);
    let empty = GitLabFixture::empty().await;
    let empty = empty.maintainer().own("/repository/tree").await.refusal();
    assert_eq!(empty, (404, "404 Tree Not Found".to_owned()));
}

#[tokio::test]
async fn keyset_pages_are_linked_by_next_alone() {
    let server = with_files(120).await;
    let client = server.maintainer();
    let first = client
        .own("/repository/tree?path=files&pagination=keyset&per_page=50")
        .await;
    assert_eq!(first.header("x-total"), "");
    let (mut link, mut page) = (first.header("link").to_owned(), first.expect(200));
    let (mut all, mut sizes) = (Vec::new(), Vec::new());
    loop {
        sizes.push(paths(&page).len());
        all.extend(paths(&page).into_iter().map(str::to_owned));
        match next(&client, &link).await {
            Some(following) => (link, page) = following,
            None => break,
        }
    }
    assert_eq!(sizes, [50, 50, 20]);
    assert_eq!(
        all,
        (0..120)
            .map(|number| format!("files/{number:03}"))
            .collect::<Vec<_>>()
    );
    let invalid = client
        .own("/repository/tree?pagination=keyset&page_token=x")
        .await;
    assert_eq!(invalid.status, 400);
}

#[tokio::test]
async fn a_full_last_page_has_no_next() {
    let server = with_files(40).await;
    let page = server
        .maintainer()
        .own("/repository/tree?path=files&pagination=keyset&per_page=40")
        .await;
    assert_eq!(page.header("link"), "");
    assert_eq!(paths(&page.json()).len(), 40);
}

#[tokio::test]
async fn legacy_pages_are_counted() {
    let server = with_files(45).await;
    let client = server.maintainer();
    let page = client.own("/repository/tree?path=files&page=2").await;
    let headers = [
        "x-total",
        "x-total-pages",
        "x-per-page",
        "x-page",
        "x-next-page",
        "x-prev-page",
    ];
    assert_eq!(
        headers.map(|name| page.header(name)),
        ["45", "3", "20", "2", "3", "1"]
    );
    for relation in ["prev", "next", "first", "last"] {
        assert!(
            page.header("link").contains(&format!("rel=\"{relation}\"")),
            "{relation}"
        );
    }
    assert_eq!(paths(&page.json())[0], "files/020");
    let last = client
        .own("/repository/tree?path=files&page=3&per_page=20")
        .await;
    assert_eq!(last.header("x-next-page"), "");
    assert_eq!(paths(&last.json()).len(), 5);
    let bounded = client
        .own("/repository/tree?path=files&per_page=1000")
        .await;
    assert_eq!(bounded.header("x-per-page"), "100");
}

#[tokio::test]
async fn no_pagination_is_for_recursive_listings() {
    let server = with_files(110).await;
    let client = server.maintainer();
    let all = client
        .own("/repository/tree?recursive=true&pagination=none")
        .await
        .expect(200);
    assert_eq!(paths(&all).len(), 110 + 1 + 6);
    let refused = client
        .own("/repository/tree?pagination=none")
        .await
        .expect(400);
    assert_eq!(
        refused["error"],
        "pagination cannot be \"none\" unless \"recursive\" is true"
    );
    let refused = client.own("/repository/tree?page=0").await.expect(400);
    assert_eq!(refused["error"], "page does not have a valid value");
}

#[tokio::test]
async fn a_token_in_the_query_is_not_repeated_in_links() {
    let server = with_files(30).await;
    let token = &server.gitlab.tokens().maintainer;
    let list = server
        .client("")
        .own(&format!(
            "/repository/tree?path=files&private_token={token}"
        ))
        .await;
    assert!(list.header("link").contains("rel=\"next\""));
    assert!(!list.header("link").contains(token.as_str()));
}

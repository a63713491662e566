//! The definitions themselves.

use crate::server::{Server, definitions};

#[tokio::test]
async fn every_definition_is_taken_as_it_is() {
    let server = Server::start(|_| {}).await;
    let definitions = definitions();
    assert_eq!(definitions.len(), 7);
    for definition in definitions {
        let (status, body) = server.would_take(&definition).await;
        assert!(status == 200 || status == 201, "{status} {body:#}");
    }
}

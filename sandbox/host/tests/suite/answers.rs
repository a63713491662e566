//! Components answer requests.

use crate::support::{App, ONE, call};

#[tokio::test]
async fn a_dependency_is_called() {
    let host = App::new(ONE).start().await;
    assert_eq!(
        call(&host, "service", "/library").await,
        (200, "42 b 1".to_owned())
    );
}

//! The function `delete-cluster`: `DELETE /api/v1/clusters/{name}`.

use composed::Composed;
use function::Wasi;
use registration::ports::Response;
use registration::problem::Problem;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let path = request.uri().path().to_owned();
    function::answer(
        delete(request)
            .await
            .unwrap_or_else(|problem| problem.response(&path)),
    )
}

async fn delete(request: Request) -> Result<Response, Problem> {
    let request = function::read(request).await?;
    let settings = function::settings().await?;
    let world = Wasi::new(settings.upstream_timeout);
    registration::delete(&world, &Composed, &settings, &request).await
}

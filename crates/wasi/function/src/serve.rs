//! One request to a function.

use std::sync::Arc;

use service::function_prefix;
use service::gateway::Function;
use service::problem::Problem;
use service::ready::READYZ;
use service::request_log::RequestLog;
use service::runtime::Request;
use service::settings::Settings;

use crate::{Answer, Body, Wasi, body, settings};

/// Reads request and settings, does the work, and answers with its result, or with the problem. Ends with
/// the request's line in the log.
pub async fn serve<A: Into<Answer>>(
    function: Function,
    request: spin_sdk::http::Request,
    work: impl AsyncFnOnce(&Wasi, &Settings, &Request) -> Result<A, Problem>,
) -> http::Response<Body> {
    let runtime = Wasi::default();
    let method = request.method().clone();
    let path = function_prefix::path(function, request.uri().path()).to_owned();
    let journal = RequestLog::open(&runtime, &method, &path, request.headers());
    let request = async {
        function_prefix::accept(function, &method, &path)?;
        let mut request = body::read(request).await?;
        function_prefix::rewrite(&mut request, &path)?;
        Ok(request)
    };
    run(runtime, &journal, &path, request, work).await.send()
}

/// The same for a request that was read before, by a gateway in the same component.
pub async fn call<A: Into<Answer>>(
    request: Request,
    work: impl AsyncFnOnce(&Wasi, &Settings, &Request) -> Result<A, Problem>,
) -> Answer {
    let runtime = Wasi::default();
    let journal = RequestLog::of(&runtime, &request);
    let path = request.uri().path().to_owned();
    run(runtime, &journal, &path, async { Ok(request) }, work).await
}

async fn run<A: Into<Answer>>(
    mut runtime: Wasi,
    journal: &Arc<RequestLog>,
    path: &str,
    request: impl Future<Output = Result<Request, Problem>>,
    work: impl AsyncFnOnce(&Wasi, &Settings, &Request) -> Result<A, Problem>,
) -> Answer {
    let answered = async {
        let mut request = request.await?;
        // Whoever has no token learns nothing of settings and parameters; a probe has none.
        if path != READYZ {
            service::incoming::require_token(&request)?;
        }
        request.extensions_mut().insert(Arc::clone(journal));
        let settings = settings().await?;
        runtime.timeout = settings.upstream_timeout;
        work(&runtime, &settings, &request).await
    }
    .await;
    let answer = answered.map_or_else(|problem| problem.response(path).into(), Into::into);
    answer.begun(journal, &runtime, "total")
}

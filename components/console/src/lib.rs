//! The component `console`: pages for people, behind the gateway. A client of the functions with the token of whoever
//! is logged in.

mod stream;

use function::{Answer, Wasi, read, variables};
use service::incoming::REQUEST_TIME;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;
use web_console::{ConsoleSettings, Reply, VARIABLES, handle, unusable};

#[http_service]
async fn answer(request: Request) -> impl IntoResponse {
    let path = request.uri().path().to_owned();
    let answered = async {
        let runtime = Wasi::new(REQUEST_TIME);
        let request = read(request).await?;
        let settings = match ConsoleSettings::from_variables(variables(&VARIABLES).await?) {
            Ok(settings) => settings,
            Err(error) => return Ok(unusable(&error, &request).into()),
        };
        Ok(match handle(&runtime, &settings, request).await {
            Reply::Whole(response) => Answer::Whole(response),
            Reply::Stream(request, fragments) => stream::open(&runtime, request, fragments).await,
        })
    };
    let answer: Result<Answer, service::problem::Problem> = answered.await;
    answer
        .unwrap_or_else(|problem| problem.response(&path).into())
        .send()
}

// What this component is linked from, as a custom section.
include!(concat!(env!("OUT_DIR"), "/dependencies.rs"));

//! A watch's events on their way to a browser.

use function::{Answer, Body, Wasi};
use http_body_util::BodyExt as _;
use service::runtime::{Request, Runtime as _};
use web_console::FragmentStream;

/// Asks for the events and sends each on as a fragment. What is no stream of events goes on as it is.
pub(crate) async fn open(
    runtime: &Wasi,
    request: Request,
    mut fragments: FragmentStream,
) -> Answer {
    match runtime.endless().pass_on(request).await {
        Ok(Answer::Events(response)) => {
            let clock = runtime.clone();
            Answer::Events(response.map(|body| {
                Box::pin(body.map_frame(move |frame| {
                    frame.map_data(|piece| fragments.push(&piece, clock.now()).into())
                })) as Body
            }))
        }
        Ok(whole @ Answer::Whole(_)) => whole,
        Err(error) => {
            let text = format!("event: problem\ndata: the API did not answer: {error}\n\n");
            Answer::Whole(service::response::bytes(
                502,
                "text/plain",
                text.into_bytes(),
            ))
        }
    }
}

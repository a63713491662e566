//! Every failure, as the functions make it: what the description says of one is read off the real thing.

mod samples;

use service::problem::Problem;
use utoipa::openapi::example::{Example, ExampleBuilder};

pub(crate) use samples::samples;

/// A failure and when it is answered.
pub(crate) struct ProblemSample {
    pub problem: Problem,
    /// Key of the example: the reason, with the status behind it where an earlier sample has that reason.
    pub name: String,
    /// Half a sentence for the description.
    pub when: &'static str,
    /// A gateway before the service answers it, to any request.
    pub is_of_gateway: bool,
}

/// One example for each failure.
pub(crate) fn examples() -> Vec<(String, Example)> {
    let example = |sample: ProblemSample| {
        let body = sample.problem.body(samples::PATH);
        let body = serde_json::json!(body);
        let example = ExampleBuilder::new().summary(sample.when).value(Some(body));
        (sample.name, example.build())
    };
    samples().into_iter().map(example).collect()
}

//! One request, one answer, one line in the log.

use std::time::Duration;

use crate::call::Caller;
use crate::log::Event;
use crate::ports::{Request, Response, TransportError, World};

use super::Failure;

/// Sends requests in the caller's name.
pub struct Exchange<'a, W> {
    pub(crate) world: &'a W,
    pub(crate) caller: &'a Caller,
}

/// How often a read is repeated that GitLab answered with a passing failure.
const READS: u32 = 3;
/// Between these repetitions.
const PAUSE: Duration = Duration::from_millis(200);

impl<W: World> Exchange<'_, W> {
    /// Sends a read; repeats it a little where GitLab is out of order for a moment.
    pub(crate) async fn get<T>(
        &self,
        request: Request,
        parse: impl Fn(&Response) -> Result<T, gitlab::Error>,
    ) -> Result<T, Failure> {
        let mut attempt = 1;
        loop {
            let result = self.once(request.clone(), &parse).await;
            let passing = match &result {
                Err(Failure::Answer(gitlab::Error::Unavailable { .. })) => true,
                Err(Failure::Transport(TransportError::Broken(_))) => true,
                Err(Failure::Answer(gitlab::Error::RateLimited { retry_after })) => {
                    return self.after_limit(request, parse, *retry_after, result).await;
                }
                _ => false,
            };
            if !passing || attempt >= READS {
                return result;
            }
            self.world.sleep(PAUSE * attempt).await;
            attempt += 1;
        }
    }

    /// Waits out a short rate limit, once.
    async fn after_limit<T>(
        &self,
        request: Request,
        parse: impl Fn(&Response) -> Result<T, gitlab::Error>,
        retry_after: Option<u64>,
        result: Result<T, Failure>,
    ) -> Result<T, Failure> {
        const PATIENCE: u64 = 5;
        let seconds = retry_after.unwrap_or(1);
        if seconds > PATIENCE {
            return result;
        }
        self.world.sleep(Duration::from_secs(seconds)).await;
        self.once(request, parse).await
    }

    /// Sends a request once.
    pub(crate) async fn once<T>(
        &self,
        mut request: Request,
        parse: impl Fn(&Response) -> Result<T, gitlab::Error>,
    ) -> Result<T, Failure> {
        self.caller.trace(request.headers_mut());
        let name = format!("{} {}", request.method(), request.uri().path());
        let started = self.world.elapsed();
        let answer = self.world.send(request).await;
        let took = self.world.elapsed().saturating_sub(started);
        let result = match &answer {
            Ok(answer) => parse(answer).map_err(Failure::Answer),
            Err(error) => Err(Failure::Transport(error.clone())),
        };
        self.world.log(&Event {
            level: if result.is_ok() { "info" } else { "warn" },
            step: "gitlab",
            request_id: &self.caller.request_id,
            operation: "",
            cluster: "",
            upstream: Some(name),
            status: answer.ok().map(|answer| answer.status().as_u16()),
            duration_ms: u64::try_from(took.as_millis()).ok(),
            error: result.as_ref().err().map(ToString::to_string),
        });
        result
    }
}

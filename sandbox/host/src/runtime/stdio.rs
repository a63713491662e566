//! Standard streams of components, cut into lines.

use crate::log::{ComponentLog, LogSource};
use bytes::Bytes;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// Longer lines are cut, so that a component can't fill the memory of the host.
const MAX_LINE: usize = 64 * 1024;

/// Bytes that a component may write at once: taken in full, never waited for.
const PERMIT: usize = 64 * 1024;

/// Standard stream of an instance. Clones write to the same lines.
#[derive(Clone)]
pub(super) struct InstanceStdio(Arc<OutputLines>);

struct OutputLines {
    source: LogSource,
    log: ComponentLog,
    /// The line that has not ended yet.
    rest: Mutex<Vec<u8>>,
}

impl InstanceStdio {
    pub(super) fn new(source: LogSource, log: &ComponentLog) -> Self {
        Self(Arc::new(OutputLines {
            source,
            log: log.clone(),
            rest: Mutex::new(Vec::new()),
        }))
    }
}

impl OutputLines {
    fn take(&self, bytes: &[u8]) {
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            rest.extend_from_slice(piece);
            if rest.ends_with(b"\n") || rest.len() >= MAX_LINE {
                self.emit(&std::mem::take(&mut *rest));
            }
        }
    }

    fn emit(&self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        self.log
            .write(self.source, text.trim_end_matches(['\n', '\r']).to_owned());
    }
}

impl Drop for OutputLines {
    fn drop(&mut self) {
        let rest = std::mem::take(&mut *self.rest.lock().unwrap_or_else(PoisonError::into_inner));
        if !rest.is_empty() {
            self.emit(&rest);
        }
    }
}

impl IsTerminal for InstanceStdio {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for InstanceStdio {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for InstanceStdio {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.0.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl OutputStream for InstanceStdio {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.0.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT)
    }
}

#[async_trait]
impl Pollable for InstanceStdio {
    async fn ready(&mut self) {}
}

//! Lines that components write, and what the host has to say about them.

use std::sync::Arc;

/// Line, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Id of the component in the manifest.
    pub component: Arc<str>,
    /// Writer of it.
    pub source: LogSource,
    /// The line.
    pub text: String,
}

/// Writer of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// The component, to its standard output.
    Stdout,
    /// The component, to its standard error.
    Stderr,
    /// The host, about the component: a refused request, a trap.
    Host,
}

/// Takes lines as they come. Called from several threads; must not block.
pub type LogSink = Arc<dyn Fn(LogLine) + Send + Sync>;

/// A component's own way to the sink.
#[derive(Clone)]
pub(crate) struct ComponentLog {
    component: Arc<str>,
    sink: LogSink,
}

impl ComponentLog {
    pub(crate) fn new(component: &str, sink: &LogSink) -> Self {
        Self {
            component: component.into(),
            sink: Arc::clone(sink),
        }
    }

    pub(crate) fn write(&self, source: LogSource, text: String) {
        (self.sink)(LogLine {
            component: Arc::clone(&self.component),
            source,
            text,
        });
    }

    pub(crate) fn host(&self, text: String) {
        self.write(LogSource::Host, text);
    }
}

/// The default sink.
pub(crate) fn to_tracing(line: LogLine) {
    let LogLine {
        component,
        source,
        text,
    } = line;
    match source {
        LogSource::Stdout | LogSource::Stderr => tracing::info!(%component, "{text}"),
        LogSource::Host => tracing::warn!(%component, "{text}"),
    }
}

//! Results: tables, trees, differences, documents.

pub(crate) mod changes;
pub(crate) mod expiry;
pub(crate) mod table;
pub(crate) mod tree;
pub(crate) mod wrap;

use anstyle::{AnsiColor, Style};
use api::Phase;
use serde::Serialize;

use crate::args::OutputFormat;

/// Colours: as it should be, under way, not as it should be, of less matter.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const GOING: Style = AnsiColor::Yellow.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();

/// A value as a document. `Text` means JSON where only a document is possible.
pub(crate) fn document(value: &impl Serialize, format: OutputFormat) -> String {
    let written = match format {
        OutputFormat::Yaml => serde_saphyr::to_string(value).map_err(|error| error.to_string()),
        OutputFormat::Json | OutputFormat::Text => {
            serde_json::to_string_pretty(value).map_err(|error| error.to_string())
        }
    };
    // Every value here is made of maps with texts for keys.
    written.unwrap_or_default()
}

/// A value as one of many documents that follow each other: JSON in a line of its own, YAML behind `---`, so that whoever reads them
/// knows where each of them ends.
pub(crate) fn document_of_stream(value: &impl Serialize, format: OutputFormat) -> String {
    match format {
        OutputFormat::Yaml => format!("---\n{}", document(value, format)),
        OutputFormat::Json | OutputFormat::Text => {
            // As in `document`: every value here has a form as JSON.
            serde_json::to_string(value).unwrap_or_default()
        }
    }
}

/// The colour of a phase.
pub(crate) fn phase_style(phase: &Phase) -> Style {
    match phase {
        Phase::Ready => GOOD,
        Phase::Registered | Phase::Installing | Phase::Removing => GOING,
        Phase::Degraded => BAD,
        Phase::Unknown | Phase::Other(_) => GOING,
    }
}

/// A word in a colour.
pub(crate) fn styled(style: Style, word: &str) -> String {
    format!("{style}{word}{style:#}")
}

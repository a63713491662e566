//! Failures as a compiler shows them: the line of the user's own file, underlined, with the rule and the way out.

mod entry;
mod mask;

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use api::{Problem, Violation};

use crate::args::OutputFormat;
use crate::documents::{
    ClusterDocument, KubeconfigReference, MalformedText, Place, SourceFile, is_same_field,
};
use crate::failure::CommandError;
use crate::output;
use crate::terminal::Terminal;
use crate::wording;

pub(crate) use entry::{FailureEntry, print_entry_failure, print_entry_service_error};

/// Prints a failure: as text for people, as a document where results are documents.
pub(crate) fn print_failure(
    error: &CommandError,
    document: Option<&ClusterDocument>,
    format: OutputFormat,
    terminal: &Terminal,
) {
    let problem = match error {
        CommandError::Service(error) => error.problem(),
        _ => None,
    };
    match (format, problem) {
        (OutputFormat::Text, Some(problem)) => {
            let problem = wording::problem_of_command_line(problem);
            terminal.raw(&render_problem(&problem, document, terminal.width));
        }
        (OutputFormat::Text, None) => terminal.error(&error.to_string()),
        // Messages for people stand on the same output: a program takes the last line, or the text behind the last mark.
        (format, Some(problem)) => {
            terminal.raw(output::document_of_stream(problem, format).trim_end());
        }
        (format, None) => {
            // A malformed file is shown in colours.
            let text = anstream::adapter::strip_str(&error.to_string()).to_string();
            let message = serde_json::json!({"error": text, "exit_code": error.exit_code()});
            terminal.raw(output::document_of_stream(&message, format).trim_end());
        }
    }
}

/// A file that is no YAML, shown where it stops to be.
pub(crate) fn malformed_file(source: &SourceFile, error: &MalformedText) -> String {
    let text = mask::by_words(&source.text);
    let snippet = Snippet::source(text.as_str())
        .path(source.path.as_str())
        .annotation(AnnotationKind::Primary.span(line_end(&text, error.offset)));
    let title = format!(
        "{} is neither YAML nor JSON: {}",
        source.path, error.message
    );
    let hint = hint_of_service(source, error).map(|hint| wording::of_command_line(&hint));
    let group = Group::with_level(Level::ERROR).element(snippet);
    let group = group.elements(hint.as_deref().map(|hint| Level::HELP.message(hint)));
    // The title is said by whoever prints the failure.
    format!("{title}\n{}", Renderer::styled().render(&[group]))
}

/// A field of a file that can't be used before anything is sent, shown where it stands.
pub(crate) fn unusable_field(
    source: &SourceFile,
    secrets: &[Range<usize>],
    place: Place,
    message: &str,
) -> String {
    let text = mask::by_places(&source.text, secrets);
    let snippet = Snippet::source(text.as_str())
        .path(source.path.as_str())
        .annotation(AnnotationKind::Primary.span(first_line(&text, place.span)));
    let group = Group::with_level(Level::ERROR).element(snippet);
    // The message is said by whoever prints the failure.
    format!("{message}\n{}", Renderer::styled().render(&[group]))
}

/// The way out that the service would name if it were sent the file.
fn hint_of_service(source: &SourceFile, error: &MalformedText) -> Option<String> {
    let media_type = match source.is_json {
        true => "application/json",
        false => "application/yaml",
    };
    let request = domain::SaveRequest {
        name: String::new(),
        content_type: Some(media_type.to_owned()),
        body: source.text.clone().into_bytes(),
    };
    let malformed = match domain::survey(&request) {
        Err(domain::Rejection::MalformedBody(malformed)) => malformed,
        _ => return None,
    };
    // Of a file of several clusters the service would have said something else first.
    let line = malformed.line.and_then(|line| usize::try_from(line).ok());
    let is_same = line.is_none_or(|line| line == source.line_of(error.offset));
    malformed.hint.filter(|_| is_same)
}

/// A problem document as text with colours.
pub(crate) fn render_problem(
    problem: &Problem,
    document: Option<&ClusterDocument>,
    width: usize,
) -> String {
    let text = document.map(|document| mask::by_places(&document.source.text, &document.secrets));
    let shown = document.zip(text.as_deref());
    let renderer = Renderer::styled().term_width(width.max(40));
    if problem.violations.is_empty() {
        return renderer.render(&[whole(problem, shown)]);
    }
    let reason = problem.reason.as_str();
    let rules = problem.violations.iter();
    let rules: Vec<String> = rules
        .map(|violation| renderer.render(&[rule(reason, violation, shown)]))
        .collect();
    let count = match rules.len() {
        1 => "one rule does not hold".to_owned(),
        count => format!("{count} rules do not hold"),
    };
    let name = document.map_or_else(String::new, |document| format!("{}: ", document.name));
    // A command that only reads has no file, and nothing to write.
    let written = match document {
        Some(_) => "; nothing was written",
        None => "",
    };
    let last = Level::ERROR.primary_title(format!("{name}{count}{written}"));
    format!(
        "{}\n\n{}",
        rules.join("\n\n"),
        renderer.render(&[Group::with_title(last)])
    )
}

/// A problem without rules; with a line where the body is malformed.
fn whole<'a>(problem: &'a Problem, shown: Option<(&'a ClusterDocument, &'a str)>) -> Group<'a> {
    let title = Level::ERROR
        .primary_title(problem.detail.as_str())
        .id(problem.reason.as_str());
    let mut group = Group::with_title(title);
    if let (Some((document, text)), Some(line)) = (shown, problem.line) {
        let first = document.source.line_of(document.range.start);
        let line = first + usize::try_from(line).unwrap_or(1).saturating_sub(1);
        let column = problem
            .column
            .and_then(|column| usize::try_from(column).ok())
            .unwrap_or(1);
        let span = line_end(text, offset_of(text, line, column));
        group = group.element(
            Snippet::source(text)
                .path(document.source.path.as_str())
                .annotation(AnnotationKind::Primary.span(span)),
        );
    }
    if let Some(hint) = problem
        .hint
        .as_deref()
        .filter(|hint| !problem.detail.contains(hint))
    {
        group = group.element(Level::HELP.message(hint));
    }
    if let Some(commit) = problem.commit.as_ref().and_then(Option::as_ref) {
        group = group.element(Level::NOTE.message(format!("the commit is {}", commit.web_url)));
    }
    group
}

/// Group of one rule that does not hold, at its field.
fn rule<'a>(
    reason: &'a str,
    violation: &'a Violation,
    shown: Option<(&'a ClusterDocument, &'a str)>,
) -> Group<'a> {
    let title = Level::ERROR
        .primary_title(violation.message.as_str())
        .id(reason);
    let mut group = Group::with_title(title);
    let is_named_by_argument = shown.is_some_and(|(document, _)| document.is_named_by_argument);
    let reference = shown.and_then(|(document, _)| reference_behind(document, &violation.field));
    let field = match violation.field.as_str() {
        "/cluster_name" if is_named_by_argument => "--name",
        field => match reference {
            Some(reference) if reference.field.is_none() => reference.argument,
            _ => field,
        },
    };
    // An argument stands in no file.
    let shown = shown.filter(|_| !field.starts_with("--"));
    match shown {
        Some((document, text)) => {
            let (place, label) = place_and_label(document, field, reference);
            group = group.element(
                Snippet::source(text)
                    .path(document.source.path.as_str())
                    .annotation(
                        AnnotationKind::Primary
                            .span(first_line(text, place.span))
                            .label(label),
                    ),
            );
        }
        None => {
            let kind = match field.starts_with("--") {
                true => "argument",
                false => "field",
            };
            let named =
                reference.map_or_else(String::new, |reference| format!(" ({})", reference.named));
            group = group.element(Level::NOTE.message(format!("{kind} {field}{named}")));
        }
    }
    match violation.hint.as_deref().filter(|hint| !hint.is_empty()) {
        Some(hint) => group.element(Level::HELP.message(hint)),
        None => group,
    }
}

/// The reference that a document's kubeconfig came by, where a field is the kubeconfig or stands in it.
fn reference_behind<'a>(
    document: &'a ClusterDocument,
    field: &str,
) -> Option<&'a KubeconfigReference> {
    let field = field.strip_prefix("/spec").unwrap_or(field);
    let first = field.split('/').nth(1).unwrap_or_default();
    let reference = document.kubeconfig_reference.as_ref();
    reference.filter(|_| is_same_field(first, "kubeconfig"))
}

/// Where a field stands, and what is said of it there. A kubeconfig that was read elsewhere is shown where it is named.
fn place_and_label(
    document: &ClusterDocument,
    field: &str,
    reference: Option<&KubeconfigReference>,
) -> (Place, String) {
    if let Some((KubeconfigReference { named, .. }, key)) =
        reference.and_then(|reference| Some((reference, reference.field.as_deref()?)))
    {
        let place = document.outline.find(&format!("/{key}"));
        return (place, format!("{field} was read from {named}"));
    }
    let place = document.outline.find(field);
    let label = match place.is_field {
        true => field.to_owned(),
        false => format!("{field} is missing here"),
    };
    (place, label)
}

/// A place cut down to its first line: a block is underlined at its beginning.
fn first_line(text: &str, span: Range<usize>) -> Range<usize> {
    let shown = text.get(span.clone()).unwrap_or_default();
    let length = shown.find('\n').unwrap_or(shown.len());
    span.start..span.start + length
}

/// From a place to the end of its line, one letter at least where there is one.
fn line_end(text: &str, offset: usize) -> Range<usize> {
    let mut start = offset.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let rest = text.get(start..).unwrap_or_default();
    let length = rest.find('\n').unwrap_or(rest.len());
    start..start + length
}

/// Bytes before a line and column, both from 1.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n');
    let before: usize = lines
        .clone()
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let within = lines
        .clone()
        .nth(line.saturating_sub(1))
        .unwrap_or_default();
    let column = within.char_indices().nth(column.saturating_sub(1));
    before + column.map_or(within.trim_end().len(), |(offset, _)| offset)
}

#[cfg(test)]
mod tests;

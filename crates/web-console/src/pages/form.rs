//! Registering and changing: the kind first, then the fields that it has; or the whole request as YAML.

use api::{Problem, Violation};
use domain::kubeconfig::Summary;
use maud::{Markup, html};

use super::parts::{moment, problem_note, sentence};
use super::{Place, layout};
use crate::draft::{Draft, field_of, line_of};
use crate::kind::{Kind, Slot};
use crate::settings::ConsoleSettings;
use crate::time;

/// Text that the YAML form begins with.
pub(crate) const YAML_EXAMPLE: &str = "\
api_server: https://
cluster_type: physical
usage: worker
worker_type: deployment
kubeconfig: |
";

/// Everything that the form shows.
pub(crate) struct FormView<'a> {
    pub(crate) settings: &'a ConsoleSettings,
    /// Name of the registered cluster that is being changed.
    pub(crate) registered: Option<&'a str>,
    pub(crate) draft: &'a Draft,
    /// Names of the hosts; `None` where nobody could be asked.
    pub(crate) hosts: Option<&'a [String]>,
    pub(crate) problem: Option<&'a Problem>,
    /// The kubeconfig, sealed.
    pub(crate) kept: Option<String>,
    /// Summary of the kubeconfig, as far as it can be shown.
    pub(crate) kubeconfig: Option<Summary>,
    pub(crate) now: u64,
}

/// The choice of a kind.
pub(crate) fn kinds() -> Markup {
    layout(
        "Register",
        Place::Register,
        &html! {
            h1 { "Register a cluster" }
            p.lead { "What should it be?" }
            ul.kinds {
                @for kind in Kind::ALL {
                    li { a.card href={ "/register?kind=" (kind.slug()) } {
                        strong { (kind.title()) }
                        span { (kind.purpose()) }
                        span.sub { @if kind.is_virtual() { "needs a host" } @else { "needs a kubeconfig" } }
                    } }
                }
            }
            p { "You have the request as a file? " a href="/register?mode=yaml" { "Paste it as YAML" } }
        },
    )
}

/// The form.
pub(crate) fn page(view: &FormView<'_>) -> Markup {
    let title = match view.registered {
        Some(name) => format!("Change {name}"),
        None => "Register a cluster".to_owned(),
    };
    let action = match view.registered {
        Some(name) => format!("/clusters/{name}/change"),
        None => "/register".to_owned(),
    };
    let place = if view.registered.is_some() {
        Place::Clusters
    } else {
        Place::Register
    };
    layout(
        &title,
        place,
        &html! {
            nav.crumbs aria-label="Breadcrumb" {
                @match view.registered {
                    Some(name) => { a href="/" { "Clusters" } span aria-hidden="true" { "/" } a href={ "/clusters/" (name) } { (name) } }
                    None => { a href="/register" { "Kinds" } }
                }
                span aria-hidden="true" { "/" } span { @if view.draft.is_yaml() { "YAML" } @else { (view.draft.kind().title()) } }
            }
            h1 { (title) }
            ol.steps aria-label="Steps" { li aria-current="step" { "Describe" } li { "Review" } li { "Install" } }
            @if let Some(problem) = view.problem { (mistakes(view, problem)) }
            form.stack.cluster-form method="post" action=(action) data-check novalidate {
                @if let Some(kept) = &view.kept { input type="hidden" name="draft" value=(kept); }
                @if view.draft.is_yaml() { (yaml_fields(view)) } @else { (fields(view)) }
                div.actions.end {
                    button.primary type="submit" name="action" value="review" { "Review the change" }
                    a.button.quiet href=(view.registered.map_or_else(|| "/".to_owned(), |name| format!("/clusters/{name}"))) { "Cancel" }
                }
            }
        },
    )
}

/// Note of all mistakes, with the way to each field.
fn mistakes(view: &FormView<'_>, problem: &Problem) -> Markup {
    if problem.violations.is_empty() {
        return problem_note(problem);
    }
    let yaml = view.draft.yaml();
    html! {
        section.note.bad role="alert" {
            h2 { @if problem.violations.len() == 1 { "One thing has to be mended" } @else { (problem.violations.len()) " things have to be mended" } }
            ul {
                @for violation in &problem.violations {
                    li {
                        @if view.draft.is_yaml() {
                            @if let Some(line) = line_of(yaml, &violation.field) { a href={ "#line-" (line) } { "Line " (line) } " · " }
                            code { (violation.field) } " " (violation_text(violation))
                        } @else {
                            @let field = field_of(&violation.field);
                            @match field {
                                Some(field) => { a href={ "#" (field) } { (label_of(&field)) } ": " (violation_text(violation)) }
                                None => { code { (violation.field) } " " (violation_text(violation)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Every mistake with the field that it stands beside: in a request as YAML that is the text as a whole, but for the name.
pub(crate) fn notes(draft: &Draft, problem: &Problem) -> Vec<(String, String)> {
    let mut notes = Vec::new();
    for violation in &problem.violations {
        let text = violation_text(violation);
        let line = line_of(draft.yaml(), &violation.field);
        match (field_of(&violation.field), line) {
            (_, Some(line)) => notes.push(("yaml".to_owned(), format!("Line {line}: {text}"))),
            (field, None) if draft.is_yaml() && field.as_deref() != Some("name") => {
                notes.push(("yaml".to_owned(), text));
            }
            (Some(field), None) => notes.push((field, text)),
            (None, None) => {}
        }
    }
    if draft.is_yaml() && problem.violations.is_empty() {
        notes.push(("yaml".to_owned(), sentence(&problem.detail)));
    }
    notes
}

/// A rule's own text and its hint.
fn violation_text(violation: &Violation) -> String {
    let message = sentence(&violation.message);
    match &violation.hint {
        Some(hint) => format!("{message} {}", sentence(hint)),
        None => message,
    }
}

fn label_of(field: &str) -> String {
    let words = match field {
        "name" => "Name",
        "api_server" => "API server",
        "host_cluster" => "Host",
        "primary_domain" => "Primary domain",
        "node_port" => "Node port",
        "kubeconfig" => "Kubeconfig",
        "namespaces" => "Namespaces for products",
        "resources" => "Cluster-wide resources of products",
        component => return component.trim_start_matches("c.").replace('_', " "),
    };
    words.to_owned()
}

/// A field with its label, hint, and the place where its mistakes are shown. `input` takes the value of `aria-invalid`.
fn field(view: &FormView<'_>, name: &str, hint: &str, input: &dyn Fn(&str) -> Markup) -> Markup {
    let errors = errors_of(view, name);
    let invalid = if errors.is_empty() { "false" } else { "true" };
    html! {
        div.field.wrong[!errors.is_empty()] {
            label for=(name) { (label_of(name)) }
            (input(invalid))
            @if !hint.is_empty() { p.hint id={ "hint-" (name) } { (hint) } }
            (error(name, &errors))
        }
    }
}

/// The place where a field's mistakes are shown, also while somebody types.
fn error(name: &str, text: &str) -> Markup {
    html! { p.error id={ "error-" (name) } data-error=(name) aria-live="polite" { (text) } }
}

fn errors_of(view: &FormView<'_>, name: &str) -> String {
    let mut errors = String::new();
    for (field, text) in view
        .problem
        .map_or_else(Vec::new, |problem| notes(view.draft, problem))
    {
        if field == name {
            errors = format!("{errors} {text}").trim_start().to_owned();
        }
    }
    errors
}

fn text(
    view: &FormView<'_>,
    name: &str,
    placeholder: &str,
    hint: &str,
    is_required: bool,
) -> Markup {
    field(view, name, hint, &|invalid| {
        html! {
            input #(name) name=(name) type="text" value=(view.draft.get(name)) placeholder=(placeholder) required[is_required]
                autocomplete="off" autocapitalize="off" spellcheck="false" aria-describedby={ "hint-" (name) " error-" (name) } aria-invalid=(invalid);
        }
    })
}

fn fields(view: &FormView<'_>) -> Markup {
    let kind = view.draft.kind();
    let slots = kind.slots(view.settings.catalog.as_deref());
    html! {
        input type="hidden" name="kind" value=(kind.slug());
        fieldset.card {
            legend { "The cluster" }
            @match view.registered {
                Some(name) => input type="hidden" name="name" value=(name);,
                None => (text(view, "name", "", "Small letters, digits and dashes. Names of everything that is installed begin with it.", true)),
            }
            @if kind.is_virtual() { (host(view)) }
            (text(view, "api_server", "https://10.0.0.1:6443", if kind.is_virtual() { "How the virtual cluster is reached from outside: its host's address and a free node port." } else { "The URL that Argo CD reaches the cluster at." }, true))
            (text(view, "primary_domain", "", "Host names of the components lie below it. Empty: the API server's host, with .nip.io behind an IP address.", false))
            @if kind.is_virtual() { (text(view, "node_port", "the API server's port", "On the host, 30000 to 32767.", false)) }
        }
        @if !kind.is_virtual() { (kubeconfig(view)) }
        @if !slots.is_empty() {
            fieldset.card {
                legend { "Components" }
                p.hint { "What is empty gets the default that stands in it." }
                @for slot in &slots { (component(view, slot)) }
            }
        }
        (products(view))
        (adoption(view))
    }
}

fn host(view: &FormView<'_>) -> Markup {
    let chosen = view.draft.get("host_cluster");
    let hint = match view.hosts {
        Some([]) => "No host is registered yet: register one first.",
        Some(_) => "",
        None => "The hosts can't be listed now.",
    };
    let hosts = view.hosts.unwrap_or_default();
    field(view, "host_cluster", hint, &|invalid| {
        html! {
            select #host_cluster name="host_cluster" aria-describedby="error-host_cluster" aria-invalid=(invalid) {
                // Without the chosen one a browser would choose another.
                @if !hosts.iter().any(|host| host == chosen) {
                    option value=(chosen) selected { (if chosen.is_empty() { "Choose a host" } else { chosen }) }
                }
                @for host in hosts { option value=(host) selected[host == chosen] { (host) } }
            }
        }
    })
}

fn kubeconfig(view: &FormView<'_>) -> Markup {
    let stored = view.registered.is_some() && view.kubeconfig.is_none();
    html! {
        fieldset.card {
            legend { "Credentials" }
            @if let Some(summary) = &view.kubeconfig {
                div.kept { strong { "Kept from before" } (shown(summary, view.now)) }
            }
            @let hint = match (stored, view.kubeconfig.is_some()) {
                (true, _) => "Empty: the stored credentials stay.",
                (_, true) => "Empty: the one above is used. Paste another to replace it.",
                _ => "With certificates or a token inside: what “kubectl config view --raw --flatten --minify” prints.",
            };
            (field(view, "kubeconfig", hint, &|invalid| html! {
                textarea #kubeconfig name="kubeconfig" rows="5" autocomplete="off" spellcheck="false" aria-describedby="hint-kubeconfig error-kubeconfig" aria-invalid=(invalid) {}
                p.file hidden data-file="kubeconfig" { label { span { "or choose a file" } input type="file"; } }
            }))
            p.summary #kubeconfig-summary role="status" {}
        }
    }
}

/// Server, user and end of a kubeconfig.
pub(super) fn shown(summary: &Summary, now: u64) -> Markup {
    html! {
        dl.inline {
            div { dt { "Server" } dd { (summary.server.as_deref().unwrap_or("none")) } }
            div { dt { "User" } dd { (summary.user.as_deref().unwrap_or("none")) } }
            div { dt { "Ends" } dd { @match summary.expires_at { Some(end) => (moment(end, now)), None => "no end known" } } }
        }
    }
}

/// Server, user and end of a kubeconfig in one line.
pub(crate) fn summary_text(summary: &Summary, now: u64) -> String {
    if let Some(error) = summary.errors.first() {
        return sentence(&error.to_string());
    }
    let end = summary.expires_at.map_or_else(
        || "without a known end".to_owned(),
        |end| {
            format!(
                "good until {} ({})",
                time::format(end),
                time::relative(end, now)
            )
        },
    );
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    format!(
        "Server {}, user {}, {end}.",
        text(&summary.server),
        text(&summary.user)
    )
}

fn component(view: &FormView<'_>, slot: &Slot) -> Markup {
    let id = format!("c.{}", slot.key);
    let value = |name: &str| view.draft.get(&format!("{id}.{name}"));
    let chosen = value("name");
    let known: Vec<&str> = slot
        .additions
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let others = view
        .draft
        .additions(slot.key)
        .into_iter()
        .filter(|name| !known.contains(name));
    let errors = errors_of(view, &id);
    let small = |name: &str, label: &str, placeholder: &str| {
        let field = format!("{id}.{name}");
        html! { div.field.small {
            label for=(field) { (label) }
            input #(field) name=(field) type="text" value=(view.draft.get(&field)) placeholder=(placeholder) autocomplete="off" spellcheck="false";
        } }
    };
    html! {
        details.component.wrong[!errors.is_empty()] id=(id) open[!errors.is_empty()] {
            summary { strong { (slot.title) } span.sub { (if chosen.is_empty() { slot.choices.first().map_or("", String::as_str) } else { chosen }) } }
            div.grid {
                div.field.small {
                    label for={ (id) ".name" } { "Component" }
                    select id={ (id) ".name" } name={ (id) ".name" } {
                        @for (index, choice) in slot.choices.iter().enumerate() {
                            option value=(if index == 0 { "" } else { choice }) selected[choice == chosen] { (choice) }
                        }
                    }
                }
                @if !slot.fixed_namespace { (small("namespace", "Namespace", &slot.namespace)) }
                @for (name, default) in &slot.additions { (small(&format!("additions.{name}"), name, default)) }
                @for name in others { (small(&format!("additions.{name}"), name, "")) }
            }
            (error(&id, &errors))
        }
    }
}

fn products(view: &FormView<'_>) -> Markup {
    let area = |name: &str, placeholder: &str, hint: &str| {
        field(view, name, hint, &|invalid| {
            html! {
                textarea #(name) name=(name) rows="3" placeholder=(placeholder) spellcheck="false" aria-describedby={ "hint-" (name) " error-" (name) } aria-invalid=(invalid) { (view.draft.get(name)) }
            }
        })
    };
    let is_open = ["namespaces", "resources"]
        .iter()
        .any(|name| !view.draft.get(name).is_empty());
    // A host needs none, and keeps those that it has.
    if view.draft.kind() == Kind::Host && !is_open {
        return html! {};
    }
    html! {
        details.card.more open[is_open] {
            summary { strong { "Rights of products" } span.sub { "optional" } }
            (area("namespaces", "traefik: product-a, product-b", "A line for each namespace: its name, a colon, the products that may use it."))
            (area("resources", "product-a: ClusterRole.rbac.authorization.k8s.io", "A line for each product: its name, a colon, kinds with their API group."))
        }
    }
}

fn adoption(view: &FormView<'_>) -> Markup {
    html! {
        @if view.problem.is_some_and(|problem| problem.object.is_some()) || view.draft.get("adopt") == "true" {
            div.card { label.check {
                input type="checkbox" name="adopt" value="true" checked[view.draft.get("adopt") == "true"];
                span { "Take over what others made in the management cluster. Only for clusters that the original Nautes registered." }
            } }
        }
    }
}

fn yaml_fields(view: &FormView<'_>) -> Markup {
    let yaml = view.draft.yaml();
    let mut marked: Vec<usize> = Vec::new();
    if let Some(problem) = view.problem {
        let lines = problem.violations.iter();
        let lines = lines.filter_map(|violation| line_of(yaml, &violation.field));
        for line in lines.chain(problem.line.map(|line| line as usize)) {
            if !marked.contains(&line) {
                marked.push(line);
            }
        }
    }
    html! {
        @if view.registered.is_none() { fieldset.card { legend { "The cluster" } (text(view, "name", "", "Small letters, digits and dashes.", true)) } }
        fieldset.card {
            legend { "The request" }
            div.field {
                label for="yaml" { "YAML" }
                textarea.code #yaml name="yaml" rows="18" spellcheck="false" aria-describedby="error-yaml" { (yaml) }
                (error("yaml", ""))
            }
            @if !marked.is_empty() {
                div.marked role="group" aria-label="Lines to mend" {
                    @for line in marked {
                        @if let Some(text) = yaml.lines().nth(line.saturating_sub(1)) {
                            p id={ "line-" (line) } { span.sub { (line) } code { (masked(text)) } }
                        }
                    }
                }
            }
        }
    }
}

/// A line's key: values may be secret.
fn masked(line: &str) -> String {
    match line.split_once(':') {
        Some((key, value)) if !value.trim().is_empty() => format!("{key}: …"),
        Some((key, _)) => format!("{key}:"),
        None => "…".to_owned(),
    }
}

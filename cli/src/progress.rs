//! Progress of a cluster: a spinner for each component on a terminal, a line for each change elsewhere.

mod moving;

use std::collections::BTreeMap;
use std::time::Duration;

use api::{ComponentStatus, Phase, Status};
use indicatif::{ProgressBar, ProgressStyle};

use self::moving::MovingLines;
use crate::output::tree::{component_line, mark_of};
use crate::output::{phase_style, styled};
use crate::terminal::Terminal;

pub(crate) use self::moving::make_room;

/// Fast enough to be seen moving, slow enough for a connection by SSH.
const TICK: Duration = Duration::from_millis(120);

/// Frames of a spinner; the last one is that of its end.
const FRAMES: [&str; 11] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏", " "];

/// Progress of one or several clusters.
pub(crate) struct ProgressView {
    terminal: Terminal,
    bars: MovingLines,
    /// The number of clusters: lines name theirs where there are several.
    clusters: usize,
    shown: BTreeMap<(String, String), Row>,
    phases: BTreeMap<String, Phase>,
    /// Clusters that are being removed: one moving line each.
    removals: BTreeMap<String, ProgressBar>,
}

struct Row {
    last: ComponentStatus,
    bar: ProgressBar,
}

impl ProgressView {
    /// A view for this many clusters.
    pub(crate) fn new(terminal: Terminal, clusters: usize) -> Self {
        Self {
            terminal,
            bars: MovingLines::begin(&terminal),
            clusters,
            shown: BTreeMap::new(),
            phases: BTreeMap::new(),
            removals: BTreeMap::new(),
        }
    }

    /// Shows how many objects of a cluster are still being removed.
    pub(crate) fn update_removal(&mut self, cluster: &str, left: usize) {
        let bars = &self.bars;
        let bar = self.removals.entry(cluster.to_owned());
        let bar = bar.or_insert_with(|| spinner(bars));
        let objects = if left == 1 { "object" } else { "objects" };
        bar.set_message(format!("{cluster}: {left} {objects} left"));
    }

    /// Shows what is new.
    pub(crate) fn update(&mut self, cluster: &str, status: &Status) {
        if self.terminal.quiet {
            return;
        }
        for component in &status.components {
            self.update_component(cluster, component);
        }
        let is_new = self.phases.get(cluster) != Some(&status.phase);
        if is_new && !self.terminal.is_interactive {
            self.terminal.say(&format!("{cluster}: {}", status.phase));
        }
        self.phases.insert(cluster.to_owned(), status.phase.clone());
        // Components that are gone are no longer waited for.
        let is_there = |name: &str| {
            status
                .components
                .iter()
                .any(|component| component.name == name)
        };
        self.shown.retain(|(of, name), row| {
            let stays = of != cluster || is_there(name);
            if !stays {
                row.bar.finish_and_clear();
            }
            stays
        });
    }

    fn update_component(&mut self, cluster: &str, component: &ComponentStatus) {
        let key = (cluster.to_owned(), component.name.clone());
        let label = match self.clusters {
            0 | 1 => component.name.clone(),
            _ => format!("{cluster} {}", component.name),
        };
        if self
            .shown
            .get(&key)
            .is_some_and(|row| row.last == *component)
        {
            return;
        }
        if !self.terminal.is_interactive {
            self.terminal.say(&plain_line(&label, component));
        }
        let bars = &self.bars;
        let row = self.shown.entry(key).or_insert_with(|| Row {
            last: component.clone(),
            bar: spinner(bars),
        });
        row.last = component.clone();
        show(&row.bar, &label, component);
    }

    /// Replaces the moving lines of a cluster by lines that stay, and one for the cluster.
    pub(crate) fn finish(&mut self, cluster: &str) {
        if let Some(bar) = self.removals.remove(cluster) {
            bar.finish_and_clear();
        }
        let is_of = |of: &str| of == cluster;
        let rows = self.shown.iter().filter(|((of, _), _)| is_of(of));
        let components: Vec<ComponentStatus> = rows.map(|(_, row)| row.last.clone()).collect();
        self.shown.retain(|(of, _), row| {
            if is_of(of) {
                row.bar.finish_and_clear();
            }
            !is_of(of)
        });
        let phase = self.phases.get(cluster);
        let Some(phase) = phase.filter(|_| self.terminal.is_interactive) else {
            return;
        };
        let names = components.iter().map(|component| component.name.len());
        let width = names.max().unwrap_or(0);
        // Of several clusters nobody reads what is as it should be.
        let is_shown = |component: &&ComponentStatus| self.clusters < 2 || !component.is_ready();
        for component in components.iter().filter(is_shown) {
            let line = component_line(component, width);
            let line = console::truncate_str(&line, self.terminal.width, "…");
            self.terminal.say(&line);
        }
        let phase = styled(phase_style(phase), phase.as_str());
        let ready = components.iter().filter(|component| component.is_ready());
        let (ready, all) = (ready.count(), components.len());
        self.terminal.say(&match self.clusters {
            0 | 1 => format!("{cluster}: {phase}"),
            _ => format!("{cluster}: {phase} ({ready}/{all})"),
        });
    }

    /// Says something between the moving lines.
    pub(crate) fn say(&self, message: &str) {
        self.terminal.say(message);
    }
}

impl Drop for ProgressView {
    fn drop(&mut self) {
        for bar in self.removals.values() {
            bar.finish_and_clear();
        }
        for row in self.shown.values() {
            if !row.bar.is_finished() {
                row.bar.abandon();
            }
        }
    }
}

/// A line that moves until it is finished; cut to the window.
fn spinner(bars: &MovingLines) -> ProgressBar {
    let bar = bars.add(ProgressBar::new_spinner());
    if let Ok(style) = ProgressStyle::with_template("{spinner:.yellow} {wide_msg}") {
        bar.set_style(style.tick_strings(&FRAMES));
    }
    bar.enable_steady_tick(TICK);
    bar
}

fn show(bar: &ProgressBar, label: &str, component: &ComponentStatus) {
    let (mark, style) = mark_of(component);
    let words = words(component);
    if mark == "…" {
        bar.set_message(format!("{label}  {words}"));
        return;
    }
    if let Ok(template) = ProgressStyle::with_template("{prefix} {wide_msg}") {
        bar.set_style(template);
    }
    let prefix = match console::colors_enabled_stderr() {
        true => styled(style, mark),
        false => mark.to_owned(),
    };
    bar.set_prefix(prefix);
    bar.set_message(format!("{label}  {words}"));
    if component.is_ready() {
        bar.finish();
    }
}

fn plain_line(label: &str, component: &ComponentStatus) -> String {
    format!("  {label}: {}", words(component))
}

fn words(component: &ComponentStatus) -> String {
    let message = component.message.lines().next().unwrap_or_default();
    let words = match (component.sync.as_str(), component.health.as_str()) {
        ("", "") => "unknown".to_owned(),
        (sync, health) => format!("{sync}, {health}"),
    };
    match message {
        "" => words,
        message => format!("{words}: {message}"),
    }
}

/// Says that something takes a while; gone when dropped.
pub(crate) struct Spinner {
    bar: ProgressBar,
    _lines: MovingLines,
}

impl Spinner {
    /// Begins to move, on a terminal.
    pub(crate) fn start(terminal: &Terminal, message: impl Into<String>) -> Self {
        let lines = MovingLines::begin(terminal);
        let bar = spinner(&lines);
        bar.set_message(message.into());
        Self { bar, _lines: lines }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

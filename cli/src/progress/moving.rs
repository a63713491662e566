//! Moving lines that are drawn now. The terminal belongs to all of the process: whoever writes to it has to make room first, or a
//! half of a moving line stays above what is written.

use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};

use crate::terminal::Terminal;

/// The lines that somebody sees; one command has one set of them at a time.
static DRAWN: Mutex<Option<MultiProgress>> = Mutex::new(None);

/// A set of moving lines, drawn until it is dropped.
pub(super) struct MovingLines {
    lines: MultiProgress,
    is_drawn: bool,
}

impl MovingLines {
    /// Begins to draw, where somebody looks at the messages.
    pub(super) fn begin(terminal: &Terminal) -> Self {
        let is_drawn = terminal.is_interactive && !terminal.quiet;
        let target = match is_drawn {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let lines = MultiProgress::with_draw_target(target);
        if is_drawn {
            *drawn() = Some(lines.clone());
        }
        Self { lines, is_drawn }
    }

    /// Adds a line below the others.
    pub(super) fn add(&self, bar: ProgressBar) -> ProgressBar {
        self.lines.add(bar)
    }
}

impl Drop for MovingLines {
    fn drop(&mut self) {
        if self.is_drawn {
            *drawn() = None;
        }
    }
}

/// Writes something between the moving lines, which make room for it. Must not be called by what it carries out.
pub(crate) fn make_room<T>(write: impl FnOnce() -> T) -> T {
    // The guard is gone before anything is written.
    let lines = drawn().clone();
    match lines {
        Some(lines) => lines.suspend(write),
        None => write(),
    }
}

fn drawn() -> MutexGuard<'static, Option<MultiProgress>> {
    DRAWN.lock().unwrap_or_else(PoisonError::into_inner)
}

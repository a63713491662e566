//! A command on a pseudo-terminal, and what its window shows.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty};

/// Lines of a window: more than what is looked at on it.
pub const ROWS: u16 = 200;

/// A busy machine needs this long for what is done in a moment.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running command and its window.
pub struct Screen {
    pty: Arc<Pty>,
    child: Child,
    window: Arc<Mutex<vt100::Parser>>,
    raw: Arc<Mutex<Vec<u8>>>,
}

impl Screen {
    /// Starts a program; `size` is lines and columns.
    pub(super) fn start(
        program: &str,
        arguments: &[&str],
        environment: Vec<(String, String)>,
        folder: &Path,
        (rows, columns): (u16, u16),
    ) -> Self {
        let (pty, pts) = pty_process::blocking::open().unwrap();
        pty.resize(pty_process::Size::new(rows, columns)).unwrap();
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(environment)
            .current_dir(folder)
            .spawn(pts)
            .unwrap();
        let pty = Arc::new(pty);
        let window = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 0)));
        let raw = Arc::new(Mutex::new(Vec::new()));
        let (reader, shown, kept) = (Arc::clone(&pty), Arc::clone(&window), Arc::clone(&raw));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The other end is closed when the process is gone.
            while let Ok(count @ 1..) = (&*reader).read(&mut bytes) {
                shown.lock().unwrap().process(&bytes[..count]);
                kept.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        Self {
            pty,
            child,
            window,
            raw,
        }
    }

    /// Text that the window shows now, without empty lines at its end.
    pub fn contents(&self) -> String {
        self.window
            .lock()
            .unwrap()
            .screen()
            .contents()
            .trim_end()
            .to_owned()
    }

    /// Everything that was ever written to it, with all its codes.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.raw.lock().unwrap()).into_owned()
    }

    /// Waits until the window shows a text, or has shown it.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        let start = Instant::now();
        while !self.contents().contains(text) && !self.raw().contains(text) {
            assert!(
                start.elapsed() < PATIENCE,
                "{text:?} does not come:\n{}",
                self.contents()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Types.
    pub fn send(&self, text: &str) {
        (&*self.pty).write_all(text.as_bytes()).unwrap();
    }

    /// Ends the command as a CI does: by SIGTERM.
    pub fn terminate(&self) {
        let kill = format!("kill -TERM {}", self.child.id());
        let sent = std::process::Command::new("sh")
            .args(["-c", &kill])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Waits for the end: exit code and what the window shows last.
    #[track_caller]
    pub fn finish(self) -> (i32, String) {
        let (code, screen) = self.finish_with(|_| {});
        (code, screen.contents())
    }

    /// Waits for the end: exit code and everything that was ever written, with all its codes.
    #[track_caller]
    pub fn finish_raw(self) -> (i32, String) {
        let (code, screen) = self.finish_with(|_| {});
        (code, screen.raw())
    }

    /// The same for somebody who says yes to every question.
    #[track_caller]
    pub fn finish_with_yes(self) -> (i32, String) {
        let mut answered = 0;
        let (code, screen) = self.finish_with(|screen| {
            let asked = screen.raw().matches("[y/N]").count();
            if asked > answered {
                answered = asked;
                screen.send("y");
            }
        });
        (code, screen.contents())
    }

    #[track_caller]
    fn finish_with(mut self, mut meanwhile: impl FnMut(&Self)) -> (i32, Self) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            meanwhile(&self);
            if start.elapsed() > PATIENCE {
                self.child.kill().ok();
                panic!("it does not end:\n{}", self.contents());
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        // What was written last is on its way.
        std::thread::sleep(Duration::from_millis(200));
        (status.code().expect("a signal ended it"), self)
    }
}

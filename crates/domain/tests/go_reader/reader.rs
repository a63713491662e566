//! Go's side: `tests/kubeconfig/main.go`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

/// The program, as long as it is asked.
pub struct Reader {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// What Go's client has read of the last file that it could use.
    pub loaded: Value,
}

impl Reader {
    pub fn start() -> Self {
        let program = std::env::var_os("NAUTES_KUBECONFIG_READER")
            .expect("tests/kubeconfig/run builds Go's reader and says where it is");
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            questions: child.stdin.take().unwrap(),
            answers: BufReader::new(child.stdout.take().unwrap()),
            child,
            loaded: Value::Null,
        }
    }

    /// Why Go's client can't use a file; `None` where it can.
    pub fn read(&mut self, content: &[u8]) -> Option<String> {
        writeln!(self.questions, "{}", BASE64_STANDARD.encode(content)).unwrap();
        let mut answer = String::new();
        let length = self.answers.read_line(&mut answer).unwrap();
        assert!(length > 0, "Go's reader has ended");
        match serde_json::from_str(&answer) {
            Ok(loaded @ Value::Object(_)) => {
                self.loaded = loaded;
                None
            }
            _ => Some(answer.trim().to_owned()),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

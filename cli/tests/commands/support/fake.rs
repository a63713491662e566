//! A server that says what a gateway would.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// A busy machine sends requests that come at the same time within this time.
const PATIENCE: Duration = Duration::from_secs(20);

/// Answers one request after the other with the next of its answers; the last one stays.
pub struct FakeServer {
    pub url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl FakeServer {
    /// Each answer is a status line's end, headers and a body: `502 Bad Gateway`, `Server: nginx`, `…`.
    pub fn start(answers: &[(&str, &str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let mut answers: Vec<String> = answers.iter().map(written).collect();
        answers.reverse();
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let answer = match answers.len() {
                    1 => answers[0].clone(),
                    _ => answers.pop().unwrap(),
                };
                // Before the answer: who has it looks at the requests.
                exchange(stream, &answer, |line| {
                    seen.lock().unwrap().push(line.to_owned());
                });
            }
        });
        Self { url, requests }
    }

    /// The first lines of the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Keeps its first requests until a number of them is there, and answers all alike: who sends one after the other gets no further.
pub struct GatheringServer {
    pub url: String,
    gathered: Arc<(Mutex<GatheredRequests>, Condvar)>,
}

/// Requests of a [`GatheringServer`].
#[derive(Default)]
pub struct GatheredRequests {
    /// First lines, in the order in which they came.
    pub lines: Vec<String>,
    /// The most that were there without an answer.
    pub most_at_once: usize,
    answered: usize,
}

impl GatheringServer {
    /// Keeps the first ones until there are `count`.
    pub fn start(count: usize, answer: &(&str, &str, &str)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let gathered = Arc::<(Mutex<GatheredRequests>, Condvar)>::default();
        let (answer, shared) = (written(answer), Arc::clone(&gathered));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (answer, shared) = (answer.clone(), Arc::clone(&shared));
                std::thread::spawn(move || {
                    exchange(stream, &answer, |line| gather(&shared, line, count))
                });
            }
        });
        Self { url, gathered }
    }

    /// Requests that have come so far.
    pub fn requests(&self) -> std::sync::MutexGuard<'_, GatheredRequests> {
        self.gathered.0.lock().unwrap()
    }
}

/// Notes a request, and waits until there are `count`.
fn gather((requests, changed): &(Mutex<GatheredRequests>, Condvar), line: &str, count: usize) {
    let mut there = requests.lock().unwrap();
    there.lines.push(line.to_owned());
    there.most_at_once = there.most_at_once.max(there.lines.len() - there.answered);
    changed.notify_all();
    let is_short = |there: &mut GatheredRequests| there.lines.len() < count;
    let waited = changed.wait_timeout_while(there, PATIENCE, is_short);
    waited.unwrap().0.answered += 1;
}

/// An answer as it goes over the wire.
fn written((status, headers, body): &(&str, &str, &str)) -> String {
    let headers: String = headers.lines().map(|line| format!("{line}\r\n")).collect();
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

/// Reads a request, has its first line noted, and answers.
fn exchange(mut stream: TcpStream, answer: &str, note: impl FnOnce(&str)) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    note(first.trim_end());
    stream.write_all(answer.as_bytes()).ok()
}

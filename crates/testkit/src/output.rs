//! What the program says.

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use serde_json::Value;

/// Everything that a running program has written so far; clones show the same.
#[derive(Clone, Debug, Default)]
pub struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    /// Gathers what comes out of `pipe`, on a thread of its own.
    pub(crate) fn gather(&self, mut pipe: impl Read + Send + 'static) -> JoinHandle<()> {
        let gathered = Arc::clone(&self.0);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(length @ 1..) = pipe.read(&mut buffer) {
                let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
                gathered.extend_from_slice(&buffer[..length]);
            }
        })
    }

    /// All of it.
    pub fn text(&self) -> String {
        let gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&gathered).into_owned()
    }

    /// The whole lines that are JSON objects.
    pub fn json_lines(&self) -> Vec<Value> {
        let text = self.text();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

/// What a command left behind.
#[derive(Debug)]
pub struct Run {
    /// The exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it complained about.
    pub stderr: String,
}

impl Run {
    /// What was printed, if all went well.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// The JSON that was printed, if all went well.
    #[track_caller]
    pub fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// What was complained about, with this exit code and nothing on standard output.
    #[track_caller]
    pub fn fails(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "");
        self.stderr
    }
}

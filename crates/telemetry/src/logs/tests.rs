use std::io;
use std::sync::{Arc, Mutex};

use secret::Redactor;
use serde_json::Value;
use tracing::subscriber::with_default;

use super::*;

const KEY: &str = "AIzaSyCANARY0000000000000000000000000wxyz";

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink {
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

/// The lines that come of what `act` logs; it may change the filter.
fn logged(filter: &str, format: Format, act: impl FnOnce(&LogControl)) -> Vec<String> {
    let redactor = LiveRedactor::default();
    redactor.replace(Redactor::new([&b"house-token"[..]].into_iter()).unwrap());
    let options = LogOptions { filter: filter.to_owned(), format, redactor };
    let sink = Sink::default();
    let out = sink.clone();
    let (subscriber, control) = subscriber(&options, move || out.clone()).unwrap();
    with_default(subscriber, || act(&control));
    sink.lines()
}

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
fn a_json_line_is_flat_and_carries_its_span() {
    let lines = logged("info", Format::Json, |_| {
        let _span = tracing::info_span!("request", id = "r-1").entered();
        tracing::info!(status = 200, model = "gemini-3", "answered");
    });
    let line = json(&lines[0]);
    assert_eq!(line["message"], "answered");
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["target"], "telemetry::logs::tests");
    assert_eq!(line["status"], 200);
    assert_eq!(line["span"]["id"], "r-1");
    assert_eq!(lines.len(), 1);
}

#[test]
fn no_credential_reaches_a_line() {
    for format in [Format::Pretty, Format::Json] {
        let lines = logged("info", format, |_| {
            let _span = tracing::info_span!("request", token = "house-token").entered();
            tracing::info!(url = %format_args!("https://x/?key={KEY}&a=b"), "to {KEY}");
            tracing::info!(header = ?("authorization", "Bearer abc"), "sent house-token");
        });
        assert_eq!(lines.len(), 2);
        for secret in [KEY, "house-token", "Bearer abc"] {
            assert!(!lines.concat().contains(secret), "{secret} in {lines:?}");
        }
        assert!(lines[0].contains("key=AIzaSy…wxyz&a=b"), "{}", lines[0]);
    }
}

#[test]
fn an_event_cannot_forge_a_line_or_talk_to_a_terminal() {
    let hostile = "x\r\n{\"level\":\"INFO\"}\u{1b}]0;pwn\u{7}\u{9b}31m";
    for format in [Format::Pretty, Format::Json] {
        let lines = logged("info", format, |_| {
            tracing::info!(model = hostile, agent = %hostile, "{hostile}");
        });
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(!lines[0].contains(char::is_control), "{:?}", lines[0]);
    }
    let lines = logged("info", Format::Json, |_| tracing::info!("{hostile}"));
    assert_eq!(json(&lines[0])["message"], hostile);
}

#[test]
fn a_huge_field_is_shortened() {
    let huge = "h".repeat(1 << 20);
    for format in [Format::Pretty, Format::Json] {
        let lines = logged("info", format, |_| tracing::info!(header = huge, "end"));
        assert!(lines[0].len() < 9000);
    }
}

#[test]
fn the_level_changes_while_the_program_runs() {
    let lines = logged("warn", Format::Pretty, |control| {
        let log = |number: u8| tracing::info!("line {number}");
        log(1);
        control.set_filter("info").unwrap();
        log(2);
        assert!(control.set_filter("nonsense").is_err());
        log(3);
        control.set_filter("off").unwrap();
        log(4);
    });
    let ends: Vec<_> = lines.iter().map(|line| line.chars().last().unwrap()).collect();
    assert_eq!(ends, ['2', '3']);
}

#[test]
fn libraries_that_see_credentials_stay_quiet_whatever_the_filter_says() {
    let lines = logged("trace,hyper=trace,sqlx::query=trace", Format::Pretty, |_| {
        tracing::debug!(target: "hyper::proto::h1", "head");
        tracing::info!(target: "sqlx::query", "select");
        tracing::trace!(target: "h2", "frame");
        tracing::warn!(target: "rustls::conn", "warning");
        tracing::trace!(target: "hyperspace", "ours");
    });
    let words: Vec<_> = lines.iter().map(|line| line.rsplit(' ').next().unwrap()).collect();
    assert_eq!(words, ["warning", "ours"]);
}

#[test]
fn a_wrong_filter_is_no_log_at_all() {
    let options = LogOptions {
        filter: "verbose".to_owned(),
        format: Format::Json,
        redactor: LiveRedactor::default(),
    };
    assert!(matches!(init(&options), Err(LogError::Filter(_))));
}

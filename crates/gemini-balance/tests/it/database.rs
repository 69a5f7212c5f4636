//! A database in trouble does not stop the traffic.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use fake_gemini::KeyPlan;
use testkit::{Gateway, MODEL, Surface, eventually, key};

use crate::house::{calls, google, house, setup};

const METRICS: &str = "e2e-metrics-token";

const LOCK: &str = "
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute('BEGIN IMMEDIATE')
print('locked', flush=True)
sys.stdin.readline()
connection.execute('ROLLBACK')
";

/// Another program that keeps writers waiting.
struct Lock(Child);

impl Lock {
    /// `None`, said aloud, on a machine without Python.
    fn hold(file: &Path) -> Option<Self> {
        let mut python = Command::new("python3");
        python.args(["-c", LOCK]).arg(file).stdin(Stdio::piped()).stdout(Stdio::piped());
        let Ok(mut child) = python.spawn() else {
            println!("skipped: there is no python3 to lock {}", file.display());
            return None;
        };
        let mut line = String::new();
        let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut output, &mut line).unwrap();
        assert_eq!(line.trim(), "locked");
        Some(Self(child))
    }

    fn release(mut self) {
        self.0.stdin.take().unwrap().write_all(b"\n").unwrap();
        assert!(self.0.wait().unwrap().success());
    }
}

fn file(gateway: &Gateway, name: &str) -> std::path::PathBuf {
    gateway.setup().directory().join("data").join(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_never_wait_for_the_database() {
    let (google, gateway) = house([("bad", KeyPlan::Invalid), ("one", KeyPlan::Valid)]).await;
    let Some(control) = Lock::hold(&file(&gateway, "gemini-balance.db")) else { return };
    let Some(logs) = Lock::hold(&file(&gateway, "gemini-balance-logs.db")) else { return };
    let began = std::time::Instant::now();
    let mut ids = Vec::new();
    for number in 0..40 {
        let surface = Surface::ALL[number % 2];
        let answer = gateway.client().ask(surface, MODEL, "hello", number % 3 == 0).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        ids.push(answer.header("x-request-id").unwrap().to_owned());
    }
    // A writer would have waited for seconds.
    assert!(began.elapsed() < std::time::Duration::from_secs(4), "{:?}", began.elapsed());
    assert_eq!(calls(&google, "bad"), 1, "what was learned is in force though not written yet");
    control.release();
    logs.release();
    let records = gateway.records().await;
    eventually("all is written down after all", || async {
        records.requests().await.len() == ids.len()
    })
    .await;
    eventually("the death too", || async {
        gateway.standing(&key("bad")).await["state"] == "dead"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_drops_the_oldest_rows_and_counts_them() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("LOG_QUEUE_ROWS", "100");
    let mut gateway = setup.with("METRICS_TOKEN", METRICS).start().await;
    let Some(logs) = Lock::hold(&file(&gateway, "gemini-balance-logs.db")) else { return };
    let mut last = String::new();
    // One batch of 500 may be under way to the database already.
    for _ in 0..700 {
        let answer = gateway.client().generate("hello").send().await;
        assert_eq!(answer.status, 200);
        last = answer.header("x-request-id").unwrap().to_owned();
    }
    let ask = gateway.client().anonymous("GET", "/metrics");
    let metrics = ask.header("authorization", &format!("Bearer {METRICS}")).send().await.text();
    let value = |name: &str| -> u64 {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap().parse().unwrap()
    };
    let dropped = value("gemini_balance_log_queue_dropped_total");
    assert!(dropped > 0 && value("gemini_balance_log_queue_rows") <= 100);
    logs.release();
    assert_eq!(gateway.stop().await, Some(0));
    let rows = gateway.records().await.requests().await;
    assert_eq!(rows.len() as u64 + dropped, 700);
    assert_eq!(rows.last().unwrap().request_id, last, "the newest stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_on_one_database_start_together_and_agree() {
    let google = google([("one", KeyPlan::Valid), ("two", KeyPlan::Valid)]).await;
    let first = setup().google(&google).keys([key("one")]);
    let url = format!("sqlite://{}", first.database().display());
    let second = setup().google(&google).keys([key("one")]).with("DATABASE_URL", url);
    std::fs::create_dir_all(first.database().parent().unwrap()).unwrap();
    let (first, second) = tokio::join!(first.start(), second.start());
    for gateway in [&first, &second] {
        assert_eq!(gateway.client().chat("hello").send().await.status, 200);
        assert_eq!(gateway.keys("total").await, 1);
    }
    first.run(&["keys", "add", &key("two")]).await.ok();
    for gateway in [&first, &second] {
        eventually("both know the new key", || async { gateway.keys("total").await == 2 }).await;
    }
}

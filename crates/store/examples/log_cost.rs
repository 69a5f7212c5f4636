//! What logging a request costs: `cargo run --release -p store --example log_cost [URL] [rows]`.
//!
//! Prints the time of a push, and the CPU time per row of the whole process: making the record,
//! pushing it, writing it. Without a URL, into SQLite files in a temporary folder. Linux only.
#![expect(clippy::print_stdout, reason = "a measurement is there to be read")]

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use keypool::{KeyId, Timestamp, Usage};
use secret::{MasterKey, Vault};
use store::{Cost, LogBounds, LogWriter, RequestRecord, Store, StoreOptions};

/// The steps in which rows come: 20,000 a second.
const BURST: usize = 200;
const PAUSE: Duration = Duration::from_millis(10);

/// As one attempt under load leaves it.
const TRAIL: &str = r#"{"decisions":[{"after_ms":0,"summary":{"census":{"total":10,"disabled":0,"dead":1,"blocked":2,"ready":7},"frees_at":1800000030000}}],"attempts":[{"after_ms":0,"key":"0199bbbb-0000-7000-8000-000000000001","mask":"AIzaSy…wxyz","chosen_for":"turn","first_byte_ms":987,"took_ms":1234,"status":200,"outcome":"served"}]}"#;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut arguments = std::env::args().skip(1);
    let url =
        arguments.next().unwrap_or_else(|| format!("sqlite://{}/gb.db", folder.path().display()));
    let rows: usize = arguments.next().map_or(Ok(200_000), |text| text.parse())?;
    let vault = Arc::new(Vault::new(&MasterKey::from_text("a master key for measuring")?));
    let store = Store::open(&url, vault, StoreOptions::default()).await?;

    let making = cpu(|| {
        for number in 0..rows {
            black_box(record(number));
        }
    })?;
    println!("making a record: {:.2} µs CPU", per_row(making, rows));

    let writer = LogWriter::start(store.clone(), LogBounds::default());
    let before = cpu_time()?;
    let mut bursts = Vec::with_capacity(rows / BURST);
    for burst in 0..rows / BURST {
        let records: Vec<RequestRecord> =
            (0..BURST).map(|number| record(burst * BURST + number)).collect();
        let start = Instant::now();
        for record in records {
            writer.push_request(record);
        }
        bursts.push(start.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    let complete = writer.shutdown(Duration::from_secs(30)).await;
    let all = cpu_time()?.saturating_sub(before);
    bursts.sort_unstable();
    let median = bursts.get(bursts.len() / 2).copied().unwrap_or_default();
    println!("a push: {:.0} ns", per_row(median, BURST) * 1_000.0);
    println!("all in: {:.2} µs CPU per row", per_row(all, rows));
    let counts = store.count_logs().await?;
    println!(
        "complete: {complete}, in the log: {}, dropped: {}",
        counts.requests,
        writer.dropped()
    );
    Ok(())
}

fn record(number: usize) -> RequestRecord {
    thread_local! {
        static SHARED: (Arc<str>, Arc<str>, Arc<str>, KeyId) = (
            "0199aaaa-0000-7000-8000-000000000001".into(),
            "a client".into(),
            "AIzaSy…wxyz".into(),
            KeyId::from("0199aaaa-0000-7000-8000-000000000002"),
        );
    }
    let (token_id, token_name, key_mask, key_id) = SHARED.with(Clone::clone);
    RequestRecord {
        request_id: format!("0199aaaa-0000-7000-8000-{number:012}").into(),
        at: Timestamp::from_millis(1_800_000_000_000 + number as i64 / 20),
        token_id: Some(token_id),
        token_name: Some(token_name),
        dialect: "openai",
        operation: "generate",
        model: Some("gemini-2.5-flash".into()),
        key_id: Some(key_id),
        key_mask: Some(key_mask),
        status: 200,
        outcome: "served",
        attempts: 1,
        stream: false,
        duration_ms: 1_234,
        first_byte_ms: Some(987),
        usage: Usage {
            prompt: 1_000,
            completion: 200,
            thoughts: 30,
            total: 1_230,
            ..Usage::default()
        },
        cost: Cost::from_nanos(1_000),
        error: None,
        trail: Some(Arc::from(TRAIL)),
    }
}

fn per_row(time: Duration, rows: usize) -> f64 {
    time.as_secs_f64() * 1e6 / rows as f64
}

fn cpu(work: impl FnOnce()) -> Result<Duration, Box<dyn Error>> {
    let before = cpu_time()?;
    work();
    Ok(cpu_time()?.saturating_sub(before))
}

/// User and system time of this process, in steps of 10 ms.
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name, in brackets, may hold spaces; the times are fields 14 and 15.
    let fields = stat.rsplit_once(')').ok_or("no name")?.1;
    let times: Vec<u64> =
        fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(Duration::from_millis(times.iter().sum::<u64>() * 10))
}

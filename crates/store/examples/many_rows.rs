//! Fills a database with requests of a year, to see how pages do with many:
//! `cargo run --release -p store --example many_rows URL ROWS`, on a database that a gateway has made.
//!
//! The master key is read from `MASTER_KEY`. Prints how long it took.
#![expect(clippy::print_stdout, reason = "a measurement is there to be read")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use keypool::{KeyId, Timestamp, Usage};
use secret::{MasterKey, Vault};
use store::{Cost, RequestRecord, Store, StoreOptions};

const YEAR: i64 = 365 * 24 * 3_600_000;
const BATCH: i64 = 10_000;
const MODELS: [&str; 4] =
    ["gemini-3.8-flash", "gemini-2.5-flash", "gemini-2.5-pro", "gemini-embedding-2"];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("a database's URL is wanted")?;
    let rows: i64 = arguments.next().ok_or("a number of rows is wanted")?.parse()?;
    let vault = Arc::new(Vault::new(&MasterKey::from_text(&std::env::var("MASTER_KEY")?)?));
    let store = Store::open(&url, vault, StoreOptions::default()).await?;
    let keys = store.list_keys().await?;
    let keys: Vec<(KeyId, Arc<str>)> =
        keys.into_iter().map(|key| (key.id, key.mask.as_str().into())).collect();
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let start = Instant::now();
    for first in (0..rows).step_by(usize::try_from(BATCH)?) {
        let batch: Vec<RequestRecord> = (first..rows.min(first + BATCH))
            .map(|number| record(number, now - YEAR + YEAR / rows * number, &keys))
            .collect();
        store.insert_requests(&batch).await?;
    }
    println!("{rows} rows in {:.1} s", start.elapsed().as_secs_f64());
    store.close().await;
    Ok(())
}

/// Which differ as requests do, without chance.
fn record(number: i64, at: i64, keys: &[(KeyId, Arc<str>)]) -> RequestRecord {
    let mixed = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let of = |count: u64| (mixed % count) as usize;
    let key = keys.get(of(keys.len().max(1) as u64));
    let failed = mixed.is_multiple_of(97);
    RequestRecord {
        request_id: format!("0199aaaa-0000-7000-8000-{number:012}").into(),
        at: Timestamp::from_millis(at),
        token_id: Some(format!("token-{}", of(20)).into()),
        token_name: Some(format!("client {}", of(20)).into()),
        dialect: "openai",
        operation: "chat",
        model: MODELS.get(of(4)).copied().map(Into::into),
        key_id: key.map(|(id, _)| id.clone()),
        key_mask: key.map(|(_, mask)| Arc::clone(mask)),
        status: if failed { 503 } else { 200 },
        outcome: if failed { "overloaded" } else { "served" },
        attempts: if mixed.is_multiple_of(31) { 2 } else { 1 },
        stream: false,
        duration_ms: 200 + of(4_000) as u32,
        first_byte_ms: Some(100 + of(900) as u32),
        usage: Usage { prompt: 900, completion: 150, total: 1_050, ..Usage::default() },
        cost: Cost::from_nanos(1_200_000),
        error: None,
        trail: None,
    }
}

//! Fills a new database with what clients have made at Google, and says how long the administrator's
//! list of it takes: `cargo run --release -p store --example many_resources URL ROWS`.
#![expect(clippy::print_stdout, reason = "a measurement is there to be read")]

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use keypool::Timestamp;
use secret::{MasterKey, Vault};
use store::{Resource, ResourceColumn, ResourceFilter, ResourceOrder, Store, StoreOptions};

const NOW: Timestamp = Timestamp::from_millis(1_795_241_400_000);
const PAGE: u64 = 50;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("a database's URL is wanted")?;
    let rows: u64 = arguments.next().ok_or("a number of rows is wanted")?.parse()?;
    let vault = Arc::new(Vault::new(&MasterKey::from_text(&"0".repeat(64))?));
    let store = Store::open(&url, vault, StoreOptions::default()).await?;
    let start = Instant::now();
    for number in 0..rows {
        store.keep_resource(&resource(number), NOW).await?;
    }
    println!("{rows} rows in {:.1} s", start.elapsed().as_secs_f64());
    measure(&store, rows).await?;
    store.close().await;
    Ok(())
}

async fn measure(store: &Store, rows: u64) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let groups = store.survey_resources(None, NOW).await?;
    println!("{:4} ms: {} groups in numbers", start.elapsed().as_millis(), groups.len());
    let all = ResourceFilter::default();
    let expired = ResourceFilter { is_over: Some(true), ..ResourceFilter::default() };
    let of_keys = (0..50).map(|key| format!("key-{key}")).collect();
    let of_keys = ResourceFilter { key_ids: Some(of_keys), ..ResourceFilter::default() };
    let order = |by| ResourceOrder { by, downwards: true };
    for (what, filter, by, offset) in [
        ("the newest", &all, ResourceColumn::Made, 0),
        ("the last page", &all, ResourceColumn::Made, rows.saturating_sub(PAGE)),
        ("the largest", &all, ResourceColumn::Size, 0),
        ("those that live longest", &all, ResourceColumn::Expires, 0),
        ("the newest that have expired", &expired, ResourceColumn::Made, 0),
        ("the newest of fifty keys", &of_keys, ResourceColumn::Made, 0),
    ] {
        let start = Instant::now();
        let page = store.page_of_resources(filter, order(by), offset, PAGE, NOW).await?;
        println!("{:4} ms: {what}, {} rows", start.elapsed().as_millis(), page.len());
    }
    let start = Instant::now();
    let names = store.names_of_resources(&all, NOW).await?;
    println!("{:4} ms: the names of {}", start.elapsed().as_millis(), names.len());
    Ok(())
}

/// Which differ as they do, without chance.
fn resource(number: u64) -> Resource {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let kind = if mixed.is_multiple_of(10) { "cachedContents" } else { "files" };
    let name = format!("{kind}/{number:012}");
    let age = i64::try_from(number * 1_700).unwrap_or(0);
    Resource {
        body: format!(r#"{{"name":"{name}","uri":"https://example/{}"}}"#, "x".repeat(600)),
        name,
        kind: kind.to_owned(),
        key_id: format!("key-{}", mixed % 500),
        project: (mixed % 500 < 100).then(|| format!("project-{}", mixed % 20)),
        token_id: format!("token-{}", mixed % 20),
        state: "ACTIVE".to_owned(),
        display_name: Some(format!("notes {number}.txt")),
        mime: Some("text/plain".to_owned()),
        size: (kind == "files").then_some(mixed % 10_000_000),
        created_at: Timestamp::from_millis(NOW.millis() - age),
        expires_at: Some(Timestamp::from_millis(NOW.millis() - age + 48 * 3_600_000)),
    }
}

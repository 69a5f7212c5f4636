//! Logging behind the requests' backs.

use std::time::{Duration, Instant};

use sqlx::{Connection, SqliteConnection};
use store::{LogBounds, LogCounts, LogWriter, RequestFilter};

use crate::checks::keys::{CANARY, add};
use crate::checks::logs::{error, request};
use crate::database::{Database, Kind};

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn writes_soon_and_all_on_shutdown(database: &Database) {
    let store = database.open().await;
    let writer = LogWriter::start(store.clone(), LogBounds::default());
    writer.push_request(request(1));
    writer.push_error(error(1));
    let start = Instant::now();
    while store.count_logs().await.unwrap() != (LogCounts { requests: 1, errors: 1 }) {
        assert!(start.elapsed() < Duration::from_secs(2), "a record waits too long");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for number in 0..3_210 {
        writer.push_request(request(number));
    }
    assert!(writer.flush(PATIENCE).await);
    assert_eq!(store.count_logs().await.unwrap().requests, 3_211);
    for number in 0..77 {
        writer.push_error(error(number));
    }
    assert!(writer.shutdown(PATIENCE).await);
    assert_eq!(store.count_logs().await.unwrap(), LogCounts { requests: 3_211, errors: 78 });
    assert_eq!((writer.depth(), writer.dropped()), (0, 0));
    // Too late is counted, too, and nobody waits for it.
    writer.push_request(request(1));
    assert_eq!((writer.depth(), writer.dropped()), (0, 1));
    assert!(writer.shutdown(PATIENCE).await);
}

pub(crate) async fn sorts_out_what_the_database_refuses(database: &Database) {
    let store = database.open().await;
    let refuse = match &database.kind {
        // A trigger does what a constraint of a later version might do.
        Kind::Sqlite => return,
        Kind::Postgres(_) | Kind::MySql(_) => {
            "ALTER TABLE request_log ADD CONSTRAINT teapot CHECK (status <> 418)"
        }
    };
    database.execute(refuse).await;
    let writer = LogWriter::start(store.clone(), LogBounds::default());
    for number in 0..30 {
        let mut record = request(number);
        record.status = if number == 17 { 418 } else { 200 };
        writer.push_request(record);
    }
    assert!(writer.flush(PATIENCE).await);
    assert_eq!(store.count_logs().await.unwrap().requests, 29);
    assert_eq!((writer.depth(), writer.dropped()), (0, 1));
}

#[tokio::test]
async fn a_locked_log_delays_logs_only_and_drops_the_oldest() {
    let database = Database::fresh(&Kind::Sqlite);
    let store = database.open().await;
    let url = format!("sqlite://{}", database.logs_file().display());
    let mut holder = SqliteConnection::connect(&url).await.unwrap();
    let lock = holder.begin_with("BEGIN EXCLUSIVE").await.unwrap();

    let writer = LogWriter::start(store.clone(), LogBounds { rows: 100, bytes: 1 << 20 });
    let start = Instant::now();
    for number in 0..5_000 {
        writer.push_request(request(number));
    }
    assert!(start.elapsed() < Duration::from_millis(500), "pushing waits for the database");
    assert!(!writer.flush(Duration::from_millis(400)).await);
    assert!(writer.depth() <= 100);
    assert!(writer.dropped() >= 4_900);
    // The keys are in another file.
    add(&store, CANARY).await;

    lock.rollback().await.unwrap();
    assert!(writer.shutdown(PATIENCE).await);
    let rows = store.recent_requests(1_000, &RequestFilter::default()).await.unwrap();
    assert_eq!(rows.len() as u64 + writer.dropped(), 5_000);
    assert_eq!(rows[0].at, request(4_999).at);
}

#[tokio::test]
async fn bytes_are_bounded_too() {
    let database = Database::fresh(&Kind::Sqlite);
    let writer =
        LogWriter::start(database.open().await, LogBounds { rows: 10_000, bytes: 100_000 });
    for number in 0..100 {
        let mut record = error(number);
        record.request_body = Some("x".repeat(10_000).into());
        writer.push_error(record);
    }
    assert!(writer.depth() < 10);
    assert!(writer.dropped() > 90);
}

//! What concerns files: permissions, damage, refusal without a trace.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::{Connection, SqliteConnection};
use store::{OpenError, Store, StoreOptions};

use crate::checks::keys::{CANARY, add};
use crate::checks::logs::request;
use crate::database::{Database, Kind, vault};

const MASTER: &str = "the master key of tests";

fn fresh() -> Database {
    Database::fresh(&Kind::Sqlite)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn files_are_for_their_owner_only() {
    let database = fresh();
    let store = database.open().await;
    add(&store, CANARY).await;
    store.insert_requests(&[request(1)]).await.unwrap();
    let control = database.control_file();
    assert_eq!(mode(control.parent().unwrap()), 0o700);
    for file in fs::read_dir(control.parent().unwrap()).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn a_damaged_file_is_refused_and_left_alone() {
    for logs in [false, true] {
        let database = fresh();
        let store = database.open().await;
        add(&store, CANARY).await;
        store.insert_requests(&(0..500).map(request).collect::<Vec<_>>()).await.unwrap();
        store.close().await;
        let path = if logs { database.logs_file() } else { database.control_file() };
        let whole = fs::read(&path).unwrap();
        // The header, some pages, the end.
        let damages: [fn(&mut Vec<u8>); 3] = [
            |bytes| bytes[..4096].fill(0x55),
            |bytes| bytes[4096..12288].fill(0x55),
            |bytes| bytes.truncate(6000),
        ];
        for damage in damages {
            let mut bytes = whole.clone();
            damage(&mut bytes);
            fs::write(&path, &bytes).unwrap();
            let error = database.open_with(MASTER).await.unwrap_err();
            assert!(matches!(error, OpenError::Corrupt { .. }), "{error}");
            assert!(!error.to_string().contains('\n'), "{error}");
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }
}

#[tokio::test]
async fn a_refused_start_changes_no_byte() {
    let database = fresh();
    let store = database.open().await;
    add(&store, CANARY).await;
    store.close().await;
    database
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (9999, 'the future', TRUE, '', 0)",
        )
        .await;
    let files = [database.control_file(), database.logs_file()];
    let before = files.each_ref().map(|path| fs::read(path).unwrap());
    database.open_with(MASTER).await.unwrap_err();
    database.open_with("some other master key").await.unwrap_err();
    assert_eq!(files.each_ref().map(|path| fs::read(path).unwrap()), before);
}

#[tokio::test]
async fn what_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "not a folder").unwrap();
    fs::create_dir(folder.path().join("folder.db")).unwrap();
    for (name, part) in [("file/gb.db", "file/gb.db"), ("folder.db", "folder.db")] {
        let url = format!("sqlite://{}/{name}", folder.path().display());
        let error = Store::open(&url, vault(MASTER), StoreOptions::default()).await.unwrap_err();
        assert!(matches!(error, OpenError::File { .. }), "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    let url = format!("sqlite://{}/file", folder.path().display());
    let error = Store::open(&url, vault(MASTER), StoreOptions::default()).await.unwrap_err();
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error}");
    assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), "not a folder");
}

#[tokio::test]
async fn a_held_file_is_given_up_in_time() {
    let database = fresh();
    database.open().await.close().await;
    database.execute("DELETE FROM _sqlx_migrations WHERE version = 1").await;
    let mut holder = SqliteConnection::connect(&database.url).await.unwrap();
    let _lock = holder.begin_with("BEGIN EXCLUSIVE").await.unwrap();
    let mut options = StoreOptions::default();
    options.start_timeout = Duration::from_secs(1);
    let start = Instant::now();
    let error = Store::open(&database.url, vault(MASTER), options).await.unwrap_err();
    assert!(matches!(error, OpenError::Busy { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn tables_of_another_program_stay() {
    let database = fresh();
    fs::create_dir_all(database.control_file().parent().unwrap()).unwrap();
    fs::write(database.control_file(), "").unwrap();
    database
        .execute("CREATE TABLE t_settings (id INTEGER); INSERT INTO t_settings VALUES (7)")
        .await;
    add(&database.open().await, CANARY).await;
    assert_eq!(database.texts("SELECT CAST(id AS TEXT) FROM t_settings").await, ["7"]);
}

#[tokio::test]
async fn memory_holds_as_long_as_the_store() {
    let store =
        Store::open("sqlite::memory:", vault(MASTER), StoreOptions::default()).await.unwrap();
    add(&store, CANARY).await;
    store.insert_requests(&[request(1)]).await.unwrap();
    assert_eq!(store.list_keys().await.unwrap().len(), 1);
    let other =
        Store::open("sqlite::memory:", vault(MASTER), StoreOptions::default()).await.unwrap();
    assert!(other.list_keys().await.unwrap().is_empty());
}

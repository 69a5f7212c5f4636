use std::time::{Duration, Instant};

use keypool::KeyId;
use secret::{ClientToken, PoolKey};
use store::{KeyUpdate, OpenError, Source, Store, StoreOptions, TokenGrant};

use crate::checks::keys::{CANARY, add, key};
use crate::checks::logs::{error, request};
use crate::database::{Database, Kind, vault};

pub(crate) async fn again_changes_nothing(database: &Database) {
    let store = database.open().await;
    let id = add(&store, CANARY).await;
    let revision = store.revision().await.unwrap();
    let again = database.open().await;
    assert_eq!(again.revision().await.unwrap(), revision);
    assert_eq!(again.list_keys().await.unwrap()[0].id, id);
    store.close().await;
    again.close().await;
    assert!(again.list_keys().await.is_err());
    assert_eq!(database.open().await.list_keys().await.unwrap().len(), 1);
}

pub(crate) async fn many_at_once_migrates_once(database: &Database) {
    let url = database.url.clone();
    let starts: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move {
                let vault = vault("the master key of tests");
                Store::open(&url, vault, StoreOptions::default()).await
            })
        })
        .collect();
    for start in starts {
        let store = start.await.unwrap().unwrap();
        assert_eq!(store.list_keys().await.unwrap().len(), 0);
    }
    let count = "SELECT CAST(COUNT(*) AS CHAR(9)) FROM _sqlx_migrations";
    let known = versions(database).len().to_string();
    assert_eq!(database.texts(count).await[0].trim(), known);
}

/// The newest version of the schema.
fn newest(database: &Database) -> i64 {
    versions(database).into_iter().max().unwrap()
}

/// All versions of the schema, which need not follow on each other. With SQLite the logs have
/// versions of their own.
fn versions(database: &Database) -> Vec<i64> {
    let folder = format!("{}/migrations/{}", env!("CARGO_MANIFEST_DIR"), database.kind);
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.map(|name| name.split('_').next().unwrap().parse().unwrap()).collect()
}

pub(crate) async fn counts_changes(database: &Database) {
    let store = database.open().await;
    let other = database.open().await;
    let mut last = other.revision().await.unwrap();
    let mut counted = async |what: &str, changes: i64| {
        let now = other.revision().await.unwrap();
        assert_eq!(now - last, changes, "{what}");
        last = now;
    };
    let id = add(&store, CANARY).await;
    counted("add", 1).await;
    store.add_key(key(CANARY), Source::Admin).await.unwrap();
    counted("add again", 0).await;
    store.import_keys(vec![key("one"), key("two")], Source::Env).await.unwrap();
    counted("import", 1).await;
    store.import_keys(vec![key("one"), key("two")], Source::Env).await.unwrap();
    counted("import again", 0).await;
    store.set_key_enabled(&id, false).await.unwrap();
    counted("disable", 1).await;
    store.set_key_enabled(&id, false).await.unwrap();
    counted("disable again", 0).await;
    store.update_key(&id, KeyUpdate { tier: Some(1), ..KeyUpdate::default() }).await.unwrap();
    counted("update", 1).await;
    store.revive_key(&id).await.unwrap();
    counted("revive", 1).await;
    store.remove_key(&id).await.unwrap();
    counted("remove", 1).await;
    store.remove_key(&KeyId::from("nobody")).await.unwrap();
    counted("remove nobody", 0).await;
    let token = ClientToken::parse("sk-token").unwrap();
    store.create_token("bot", &token, &TokenGrant::default()).await.unwrap();
    counted("token", 1).await;
    store.import_tokens(&[token], Source::Env).await.unwrap();
    counted("token again", 0).await;
    store.revoke_token("bot").await.unwrap();
    counted("revoke", 1).await;
    store.set_setting("A", "1", false).await.unwrap();
    counted("set", 1).await;
    store.unset_setting("A").await.unwrap();
    counted("unset", 1).await;
    store.insert_requests(&[request(1)]).await.unwrap();
    store.insert_errors(&[error(1)]).await.unwrap();
    counted("logs", 0).await;
    store.announce().await.unwrap();
    counted("announce", 1).await;
}

pub(crate) async fn with_another_master_key_is_refused(database: &Database) {
    let store = database.open().await;
    add(&store, CANARY).await;
    store.close().await;
    let error = database.open_with("some other master key").await.unwrap_err();
    assert!(matches!(error, OpenError::WrongMasterKey { .. }), "{error}");
    assert!(error.to_string().contains("MASTER_KEY"));
    assert_eq!(database.open().await.list_keys().await.unwrap().len(), 1);
}

pub(crate) async fn of_two_first_starts_with_different_keys_one_wins(database: &Database) {
    let keys = ["the first master key", "the second master key"];
    let (first, second) = tokio::join!(database.open_with(keys[0]), database.open_with(keys[1]));
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
    let error = first.and(second).unwrap_err();
    assert!(matches!(error, OpenError::WrongMasterKey { .. }), "{error}");
}

pub(crate) async fn a_newer_schema_is_refused(database: &Database) {
    database.open().await.close().await;
    database
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (9999, 'the future', TRUE, '', 0)",
        )
        .await;
    let error = database.open_with("the master key of tests").await.unwrap_err();
    let OpenError::NewerSchema { found: 9999, known, .. } = error else { panic!("{error}") };
    assert_eq!(known, newest(database));
    let rows = database.texts("SELECT description FROM _sqlx_migrations").await;
    assert_eq!(rows.iter().filter(|row| *row != "the future").count(), versions(database).len());
}

pub(crate) async fn a_changed_or_half_done_migration_is_refused(database: &Database) {
    database.open().await.close().await;
    database.execute("UPDATE _sqlx_migrations SET success = FALSE").await;
    let error = database.open_with("the master key of tests").await.unwrap_err();
    assert!(matches!(error, OpenError::BrokenSchema { .. }), "{error}");
    assert!(error.to_string().contains("half-way"), "{error}");
    database.execute("UPDATE _sqlx_migrations SET success = TRUE, checksum = 'x'").await;
    let error = database.open_with("the master key of tests").await.unwrap_err();
    assert!(matches!(error, OpenError::BrokenSchema { .. }), "{error}");
}

pub(crate) async fn after_a_drop_without_close_finds_all(database: &Database) {
    let store = database.open().await;
    let id = add(&store, CANARY).await;
    store.set_setting("A", "1", false).await.unwrap();
    drop(store);
    let store = database.open().await;
    assert_eq!(store.list_keys().await.unwrap()[0].id, id);
    assert_eq!(store.stored_settings().await.unwrap()["A"], "1");
}

pub(crate) async fn no_secret_is_anywhere_in_clear(database: &Database) {
    let store = database.open().await;
    let id = add(&store, CANARY).await;
    let gone = add(&store, "AIzaSyCANARYgone000000000000000000000abcd").await;
    store.remove_key(&gone).await.unwrap();
    store
        .import_keys(vec![key("AIzaSyCANARYenv0000000000000000000000abcd")], Source::Env)
        .await
        .unwrap();
    let token = ClientToken::parse("sk-CANARY-token").unwrap();
    store.create_token("bot", &token, &TokenGrant::default()).await.unwrap();
    store.set_setting("AUTH_TOKEN", "CANARY-password", true).await.unwrap();
    assert!(PoolKey::parse(CANARY).is_ok() && !id.as_str().is_empty());
    let contents = database.contents().await;
    assert!(contents.windows(4).any(|bytes| bytes == b"wxyz"), "the mask is there");
    assert!(!contents.windows(6).any(|bytes| bytes == b"CANARY"));
    store.close().await;
    assert!(!database.contents().await.windows(6).any(|bytes| bytes == b"CANARY"));
}

pub(crate) async fn a_wrong_password_is_named_and_not_shown(kind: &Kind) {
    let (before, host) = kind.base().rsplit_once('@').unwrap();
    let user = before.rsplit_once(':').unwrap().0;
    let url = format!("{user}:wr0ng-pass@{host}");
    let error = Store::open(&url, vault("the master key of tests"), StoreOptions::default())
        .await
        .unwrap_err();
    assert!(matches!(error, OpenError::Denied { .. }), "{error}");
    let line = error.to_string();
    assert!(!line.contains("wr0ng-pass") && !line.contains('\n'), "{line}");
}

pub(crate) async fn a_server_that_does_not_answer_is_given_up(kind: &Kind) {
    let scheme = kind.base().split_once(':').unwrap().0;
    let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = mute.local_addr().unwrap().port();
    let options = StoreOptions::default;
    let start = Instant::now();
    let url = format!("{scheme}://u:p@127.0.0.1:{port}/x");
    let error = Store::open(&url, vault("the master key of tests"), options()).await.unwrap_err();
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_millis(5_500));
    drop(mute);
    let error = Store::open(&url, vault("the master key of tests"), options()).await.unwrap_err();
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error}");
    assert!(!error.to_string().contains(":p@"), "{error}");
}

/// An administrator or a restart of the server may cut every connection; the next change works.
pub(crate) async fn cut_connections_are_replaced(database: &Database) {
    let store = database.open().await;
    add(&store, CANARY).await;
    if let Kind::Postgres(_) = database.kind {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        database.execute(cut).await;
    } else {
        let connections = "SELECT CAST(id AS CHAR) FROM information_schema.processlist \
                           WHERE db = DATABASE() AND id <> CONNECTION_ID()";
        for id in database.texts(connections).await {
            database.execute(&format!("KILL CONNECTION {id}")).await;
        }
    }
    add(&store, "another-key").await;
    store.insert_requests(&[request(1)]).await.unwrap();
    assert_eq!(store.list_keys().await.unwrap().len(), 2);
}

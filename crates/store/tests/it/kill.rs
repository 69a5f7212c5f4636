//! A process that is killed in the middle of its work.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use store::{Source, Store, StoreOptions};

use crate::checks::keys::key;
use crate::database::{Database, vault};

const CHILD_URL: &str = "STORE_TEST_CHILD_URL";

/// What was acknowledged before the kill is there after it.
pub(crate) async fn acknowledged_changes_survive(database: &Database) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--nocapture", "--ignored"])
        .env(CHILD_URL, &database.url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let acknowledged: Vec<String> =
        lines.filter_map(|line| line.strip_prefix("added ").map(str::to_owned)).take(40).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(acknowledged.len(), 40);

    let store = database.open().await;
    let keys = store.list_keys().await.unwrap();
    for id in acknowledged {
        assert!(keys.iter().any(|key| key.id.as_str() == id && key.spec().is_some()));
    }
    // The lock of the killed process is gone, too.
    store.set_setting("A", "1", false).await.unwrap();
}

/// Not a test: the process that is killed.
#[tokio::test]
#[ignore = "is started by acknowledged_changes_survive"]
async fn child() {
    let Ok(url) = std::env::var(CHILD_URL) else { return };
    let vault = vault("the master key of tests");
    let store = Store::open(&url, vault, StoreOptions::default()).await.unwrap();
    for number in 0.. {
        if let store::AddKey::Added(id) =
            store.add_key(key(&format!("AIza{number:036}")), Source::Admin).await.unwrap()
        {
            println!("added {id}");
        }
    }
}

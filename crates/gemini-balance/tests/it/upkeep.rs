//! What runs by the clock for the installation itself: backups, and whether there is a newer version.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use testkit::{Client, Gateway, eventually, key};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::house::setup;

const PASSWORD: &str = "an administrator's password";
const PASSPHRASE: &str = "canary passphrase of backups";
const BACKUPS: &str = "/api/admin/backups";
const UPDATES: &str = "/api/admin/updates";

async fn get(administrator: &Client, path: &str) -> Value {
    let answer = administrator.get(path).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!answer.text().contains("canary"), "{}", answer.text());
    answer.json()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

async fn with_backups(folder: &Path, hours: &str) -> Gateway {
    let setup = setup().keys([key("one"), key("two")]).with("AUTH_TOKEN", PASSWORD);
    let setup = setup.with("BACKUP_INTERVAL_HOURS", hours).with("BACKUP_KEEP", "2");
    let setup = setup.with("BACKUP_FOLDER", folder.to_str().unwrap());
    setup.with("BACKUP_PASSPHRASE", PASSPHRASE).start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_made_by_the_clock_and_can_be_restored() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("deep/backups");
    let mut gateway = with_backups(&folder, "24").await;
    let mut administrator = gateway.client_with(PASSWORD);
    eventually("a backup was made", || async {
        get(&administrator, BACKUPS).await["last"]["ok"] == true
    })
    .await;
    let told = get(&administrator, BACKUPS).await;
    let [name]: [String; 1] = names(&folder).try_into().unwrap();
    assert_eq!((&told["last"]["file"], &told["files"][0]["name"]), (&json!(name), &json!(name)));
    assert_eq!((&told["every_hours"], &told["has_passphrase"]), (&json!(24), &json!(true)));
    let day = 24 * 60 * 60 * 1000;
    let [at, next] = [&told["last"]["at"], &told["next_at"]].map(|at| at.as_i64().unwrap());
    assert!((next - at - day).abs() < 60_000, "{told}");

    gateway.stop().await;
    gateway.start_again().await;
    administrator = gateway.client_with(PASSWORD);
    assert_eq!(get(&administrator, BACKUPS).await["next_at"], told["next_at"], "as it was");

    let other = setup();
    let passphrase = home.path().join("passphrase");
    fs::write(&passphrase, PASSPHRASE).unwrap();
    let file = folder.join(&name);
    let arguments = ["restore", file.to_str().unwrap(), "--passphrase-file"];
    other.run(&[&arguments[..], &[passphrase.to_str().unwrap()]].concat()).await.ok();
    let keys = other.json(&["keys", "list"]).await;
    assert_eq!(keys.as_array().unwrap().len(), 2, "{keys}");
    assert!(!gateway.stderr().text().contains("canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn old_backups_go_others_stay_and_what_fails_is_told() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("backups");
    fs::create_dir(&folder).unwrap();
    let old =
        ["gemini-balance-2025-01-01T000000Z.backup", "gemini-balance-2025-01-02T000000Z.backup"];
    for name in old.into_iter().chain(["mine.txt"]) {
        fs::write(folder.join(name), "x").unwrap();
    }
    let gateway = with_backups(&folder, "0").await;
    let administrator = gateway.client_with(PASSWORD);
    let before = get(&administrator, BACKUPS).await;
    assert_eq!((&before["last"], &before["next_at"]), (&Value::Null, &Value::Null), "{before}");
    let made = administrator.post(BACKUPS, "").send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    let left = names(&folder);
    assert_eq!(left.len(), 3, "{left:?}");
    assert_eq!(left[0], old[1], "the oldest went");
    assert_eq!(left[2], "mine.txt");
    let audit = administrator.get("/api/admin/audit?action=backup").send().await.text();
    assert!(audit.contains(&left[1]), "{audit}");

    let file = home.path().join("a file");
    fs::write(&file, "x").unwrap();
    gateway.run(&["config", "set", "BACKUP_FOLDER", file.to_str().unwrap()]).await.ok();
    let failed = administrator.post(BACKUPS, "").send().await;
    assert_eq!(failed.status, 409, "{}", failed.text());
    assert!(failed.text().contains("BACKUP_FOLDER"), "{}", failed.text());
    let told = get(&administrator, BACKUPS).await;
    assert_eq!((&told["last"]["ok"], &told["last"]["file"]), (&json!(false), &Value::Null));
    let short = gateway.run(&["config", "set", "BACKUP_PASSPHRASE", "short"]).await;
    assert!(short.stderr.contains("12 characters"), "{}", short.stderr);
}

/// A feed of releases that tells what it is told to, and remembers how it was asked.
async fn feed(says: Arc<Mutex<String>>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/repos/o/n/releases", listener.local_addr().unwrap());
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let ears = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut question = vec![0; 4096];
            let length = stream.read(&mut question).await.unwrap_or(0);
            ears.lock().unwrap().push(String::from_utf8_lossy(&question[..length]).into_owned());
            let body = says.lock().unwrap().clone();
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, heard)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_asked_for_newer_versions_once_the_owner_agrees() {
    let releases = json!([{"tag_name": "v99.1.0", "html_url": "https://example.org/v99.1.0",
        "body": "Everything is new.", "published_at": "2026-11-20T10:00:00Z"}]);
    let says = Arc::new(Mutex::new(releases.to_string()));
    let (address, heard) = feed(Arc::clone(&says)).await;
    let headers = r#"{"X-Canary": "canary-header"}"#;
    let setup = setup().keys([key("one")]).with("AUTH_TOKEN", PASSWORD);
    let mut gateway = setup.with("CUSTOM_HEADERS", headers).start().await;
    let administrator = gateway.client_with(PASSWORD);
    let told = get(&administrator, UPDATES).await;
    assert_eq!((&told["enabled"], &told["is_newer"]), (&json!(false), &json!(false)), "{told}");
    assert_eq!(administrator.post(UPDATES, "").send().await.status, 409);

    gateway.run(&["config", "set", "UPDATE_FEED_URL", &address]).await.ok();
    let told = administrator.post(UPDATES, "").send().await.json();
    assert_eq!((&told["is_newer"], &told["newest"]["version"]), (&json!(true), &json!("v99.1.0")));
    assert_eq!(told["newest"]["notes"], "Everything is new.");
    let asked = heard.lock().unwrap().clone();
    assert!(asked[0].starts_with("GET /repos/o/n/releases HTTP/1.1\r\n"), "{asked:?}");
    assert!(!asked.concat().contains(&key("one")) && !asked.concat().contains("canary"));

    gateway.stop().await;
    gateway.start_again().await;
    let administrator = gateway.client_with(PASSWORD);
    assert_eq!(get(&administrator, UPDATES).await["newest"]["version"], "v99.1.0", "kept");
    assert_eq!(heard.lock().unwrap().len(), asked.len(), "once a day is enough");
    "<html>".clone_into(&mut says.lock().unwrap());
    let told = administrator.post(UPDATES, "").send().await.json();
    assert!(told["error"].as_str().unwrap().contains("no release"), "{told}");
    assert_eq!(told["is_newer"], false);
}

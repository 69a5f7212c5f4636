//! Moving in through the admin API: looked at first, then confirmed.

use fake_gemini::KeyPlan;
use serde_json::{Value, json};
use testkit::{Ask, Gateway, Predecessor, eventually, key};

use crate::house::{google, setup};

const PASSWORD: &str = "correct horse battery staple";
const PASSPHRASE: &str = "a passphrase of some length";

async fn gateway() -> Gateway {
    setup().with("AUTH_TOKEN", PASSWORD).start().await
}

fn ask(gateway: &Gateway, method: &str, path: &str) -> Ask {
    gateway.client_with(PASSWORD).request(method, path)
}

async fn sent(gateway: &Gateway, method: &str, path: &str, body: Value) -> (u16, Value) {
    let ask = ask(gateway, method, path).header("content-type", "application/json");
    let answer = ask.body(body.to_string()).send().await;
    (answer.status, answer.json())
}

async fn uploaded(gateway: &Gateway, file: Vec<u8>) -> (u16, Value) {
    let ask = ask(gateway, "POST", "/api/admin/imports/file");
    let answer = ask.header("content-type", "application/octet-stream").body(file).send().await;
    (answer.status, answer.json())
}

/// The import, once nothing is done about it any more.
async fn settled(gateway: &Gateway, begun: &Value) -> Value {
    let path = format!("/api/admin/imports/{}", begun["id"].as_str().unwrap());
    let now = || async { ask(gateway, "GET", &path).send().await.json() };
    eventually("it is looked at", || async {
        let state = now().await["state"].as_str().unwrap().to_owned();
        state != "looking" && state != "taking"
    })
    .await;
    now().await
}

async fn confirmed(gateway: &Gateway, begun: &Value) -> (u16, Value) {
    let path = format!("/api/admin/imports/{}", begun["id"].as_str().unwrap());
    sent(gateway, "PATCH", &path, json!({"confirmed": true})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_before_it_is_confirmed_and_everything_once() {
    let gateway = gateway().await;
    let lines = format!(
        "API_KEYS=[\"{0}\", \"{0}\", \"AQ.{1}\"]\nMAX_RETRIES=5\nNO_SUCH_SETTING=1\n",
        key("one"),
        "aB3".repeat(12)
    );
    let (status, begun) =
        sent(&gateway, "POST", "/api/admin/imports", json!({"text": lines})).await;
    assert_eq!(status, 202, "{begun}");
    let ready = settled(&gateway, &begun).await;
    assert_eq!(ready["state"], "ready", "{ready}");
    let keys = &ready["report"]["keys"];
    assert_eq!(
        (&keys["found"], &keys["new"], &keys["duplicate"]),
        (&json!(3), &json!(2), &json!(1))
    );
    assert!(!ready.to_string().contains(&key("one")), "{ready}");
    assert_eq!(gateway.json(&["keys", "list"]).await, json!([]));
    let source = async || gateway.json(&["config", "get", "MAX_RETRIES"]).await["source"].clone();
    assert_eq!(source().await, "default");

    let (first, second) = (confirmed(&gateway, &begun).await, confirmed(&gateway, &begun).await);
    assert_eq!((first.0, second.0), (202, 409), "{second:?}");
    let done = settled(&gateway, &begun).await;
    assert_eq!((&done["state"], &done["report"]["applied"]), (&json!("done"), &json!(true)));
    assert_eq!(gateway.json(&["keys", "list"]).await.as_array().unwrap().len(), 2);
    assert_eq!(source().await, "imported");
    gateway.run(&["config", "set", "MAX_RETRIES", "6"]).await.ok();
    assert_eq!(source().await, "stored", "what an administrator changes is theirs");

    let path = format!("/api/admin/imports/{}", begun["id"].as_str().unwrap());
    assert_eq!(ask(&gateway, "DELETE", &path).send().await.status, 204);
    assert_eq!(ask(&gateway, "GET", &path).send().await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_administrator_brings_no_other_sees() {
    let gateway = gateway().await;
    let admin_token = async |name: &str| {
        let wanted = json!({"name": name, "scope": "full"});
        let (_, made) = sent(&gateway, "POST", "/api/admin/admin-tokens", wanted).await;
        made["token"].as_str().unwrap().to_owned()
    };
    let (anns, bobs) = (admin_token("ann").await, admin_token("bob").await);
    let text = json!({"text": key("anns")}).to_string();
    let begun = gateway.client_with(&anns).post("/api/admin/imports", text).send().await.json();
    let path = format!("/api/admin/imports/{}", begun["id"].as_str().unwrap());
    assert_eq!(gateway.client_with(&anns).get(&path).send().await.status, 200);
    for method in ["GET", "PATCH", "DELETE"] {
        let other = gateway.client_with(&bobs).request(method, &path);
        let other = other.header("content-type", "application/json").body(r#"{"confirmed":true}"#);
        assert_eq!(other.send().await.status, 404, "{method}");
    }
    assert_eq!(gateway.client_with(&anns).get(&path).send().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_sent_as_a_file_that_goes_again() {
    let folder = tempfile::TempDir::new().unwrap();
    let temporary = folder.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let gateway = setup()
        .with("AUTH_TOKEN", PASSWORD)
        .with("TMPDIR", temporary.display().to_string())
        .start()
        .await;
    let file = folder.path().join("default_db");
    let python = Predecessor::python_in(&file).await;
    let insert = format!(
        "INSERT INTO t_settings (\"key\", value) VALUES ('API_KEYS', '[\"{0}\"]'); \
         INSERT INTO t_request_log (request_time, model_name, api_key, is_success, status_code, \
         latency_ms) VALUES ('2025-07-01 18:00:00', 'gemini-2.5-pro', '{0}', 1, 200, 5)",
        key("old")
    );
    python.execute(&insert).await;
    let (status, begun) = uploaded(&gateway, std::fs::read(&file).unwrap()).await;
    assert_eq!(status, 202, "{begun}");
    let ready = settled(&gateway, &begun).await;
    assert_eq!(ready["report"]["kind"], "Python project, SQLite", "{ready}");
    assert!(!ready.to_string().contains(&temporary.display().to_string()), "{ready}");
    assert_eq!(ready["report"]["requests"]["new"], 1);
    let kept = || std::fs::read_dir(&temporary).unwrap().count();
    assert_eq!(kept(), 1);
    confirmed(&gateway, &begun).await;
    assert_eq!(settled(&gateway, &begun).await["state"], "done");
    let path = format!("/api/admin/imports/{}", begun["id"].as_str().unwrap());
    assert_eq!(ask(&gateway, "DELETE", &path).send().await.status, 204);
    eventually("the file is gone", || async { kept() == 0 }).await;
    for (odd, problem) in [(vec![], "file: is empty"), (vec![0xff, 0xfe], "holds nothing")] {
        let (status, answer) = uploaded(&gateway, odd).await;
        assert_eq!(status, 400, "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(problem), "{answer}");
    }
    assert_eq!(kept(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_opens_with_its_passphrase_only_and_replaces_everything() {
    let old = gateway().await;
    old.run(&["keys", "add", &key("kept"), "--name", "kept"]).await.ok();
    let token = old.run(&["tokens", "create", "phone"]).await.ok();
    let token = token.split_whitespace().find(|word| word.starts_with("gk_")).unwrap().to_owned();
    let form = format!("passphrase={}", PASSPHRASE.replace(' ', "+"));
    let backup = ask(&old, "POST", "/admin/system/backup")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await;
    assert_eq!(backup.status, 200);

    let google = google([("kept", KeyPlan::Valid)]).await;
    let new = setup()
        .with("AUTH_TOKEN", PASSWORD)
        .with("MASTER_KEY", "another master key, of another machine")
        .google(&google)
        .start()
        .await;
    new.run(&["admin", "add", "owner"]).await.ok();
    let (_, begun) = uploaded(&new, backup.body.to_vec()).await;
    assert_eq!(settled(&new, &begun).await["state"], "locked");
    let path = format!("/api/admin/imports/{}", begun["id"].as_str().unwrap());
    assert_eq!(confirmed(&new, &begun).await.0, 409, "it is not open yet");
    sent(&new, "PATCH", &path, json!({"passphrase": "not the right one"})).await;
    let wrong = settled(&new, &begun).await;
    assert_eq!(wrong["state"], "locked");
    assert!(wrong["problem"].as_str().unwrap().contains("not the one"), "{wrong}");
    assert_eq!(new.json(&["keys", "list"]).await, json!([]));
    sent(&new, "PATCH", &path, json!({"passphrase": PASSPHRASE})).await;
    let ready = settled(&new, &begun).await;
    let held = &ready["backup"]["contents"];
    assert_eq!((&held["keys"], &held["administrators"]), (&json!(1), &json!(0)), "{ready}");

    let (status, done) = confirmed(&new, &begun).await;
    assert_eq!((status, &done["state"]), (200, &json!("done")), "{done}");
    assert_eq!(new.json(&["keys", "list"]).await[0]["name"], "kept");
    let people = new.json(&["admin", "list"]).await;
    assert_eq!(people[0]["name"], "owner", "a backup without people locks nobody out: {people}");
    let client = new.client_with(&token);
    eventually("the old token lets in", || async { client.chat("hi").send().await.status == 200 })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_says_why() {
    let gateway = gateway().await;
    for (body, problem) in [
        (json!({}), "text: or url is needed"),
        (json!({"text": "nothing"}), "text: holds no key"),
        (json!({"url": "/etc/passwd"}), "url: names no database server"),
        (json!({"url": "mysql://user:CANARY@127.0.0.1:1/x"}), "url: "),
        (json!({"text": key("a"), "url": "mysql://h/x"}), "only one of them"),
        (json!({"words": "x"}), "unknown field"),
    ] {
        let (status, answer) = sent(&gateway, "POST", "/api/admin/imports", body.clone()).await;
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(problem) && !message.contains("CANARY"), "{body}: {message}");
        assert!(status == 400 || status == 422, "{body}: {status}");
    }
}

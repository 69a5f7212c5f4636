//! Settings that several people change: looked at before, tried out, and never overwritten unseen.

use fake_gemini::KeyPlan;
use serde_json::{Value, json};
use testkit::{Answer, Client, Gateway, eventually, key};

use crate::house::{google, setup};

const PASSWORD: &str = "an administrator's password";
const SETTINGS: &str = "/api/admin/settings";

async fn gateway(names: &[&str], limits: &str) -> (fake_gemini::FakeGemini, Gateway) {
    let google = google(names.iter().map(|name| (*name, KeyPlan::Valid))).await;
    let setup = setup().google(&google).keys(names.iter().map(|name| key(name)));
    let setup = setup.with("AUTH_TOKEN", PASSWORD).with("QUOTA_LIMITS", limits);
    (google, setup.with("POOL_WAIT", "0").start().await)
}

async fn change(administrator: &Client, revision: &str, wanted: Value) -> Answer {
    let ask = administrator.request("PATCH", SETTINGS).header("if-match", revision);
    ask.header("content-type", "application/json").body(wanted.to_string()).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_names_a_revision_overwrites_nothing_unseen() {
    let (_google, gateway) = gateway(&["one"], "[]").await;
    let administrator = gateway.client_with(PASSWORD);
    let listed = administrator.get(SETTINGS).send().await;
    let seen = listed.header("etag").unwrap().to_owned();
    let first = change(&administrator, &seen, json!({"MAX_RETRIES": "5"})).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let late = change(&administrator, &seen, json!({"MAX_RETRIES": "7"})).await;
    assert_eq!((late.status, &late.json()["error"]["code"]), (412, &json!("outdated")));
    let now = administrator.get(SETTINGS).send().await;
    assert_eq!(now.header("etag"), first.header("etag"), "what was answered is what is there");
    assert_eq!(value(&now, "MAX_RETRIES"), "5");
    let both = format!("\"other\", {}", now.header("etag").unwrap());
    assert_eq!(change(&administrator, &both, json!({"MAX_RETRIES": "7"})).await.status, 200);
    assert_eq!(change(&administrator, "*", json!({"MAX_RETRIES": "6"})).await.status, 200);
    let unbound = json!({"MAX_RETRIES": null}).to_string();
    let ask = administrator.request("PATCH", SETTINGS).header("content-type", "application/json");
    let back = ask.body(unbound).send().await;
    assert_eq!(back.header("etag").unwrap(), seen, "as it was at first");
}

fn value(listed: &Answer, name: &str) -> Value {
    let rows = listed.json();
    let row = rows.as_array().unwrap().iter().find(|row| row["name"] == name).cloned();
    row.unwrap()["value"].clone()
}

async fn preview(administrator: &Client, wanted: Value) -> Value {
    let path = format!("{SETTINGS}/preview");
    let answer = administrator.post(&path, wanted.to_string()).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_change_brings_about_is_said_before() {
    let (_google, gateway) = gateway(&["one", "two"], r#"[{"requests_per_day":2}]"#).await;
    let administrator = gateway.client_with(PASSWORD);
    for _ in 0..4 {
        assert_eq!(gateway.client().generate("hello").send().await.status, 200);
    }
    assert_eq!(gateway.client().generate("hello").send().await.status, 429);
    let higher = json!({"QUOTA_LIMITS": r#"[{"requests_per_day":3}]"#, "MAX_CONNECTIONS": "100"});
    let seen = preview(&administrator, higher).await;
    assert_eq!(seen["changes"].as_array().unwrap().len(), 2, "{seen}");
    let expected = json!([
        {"effect": "limits", "lowered": 0, "raised": 2, "opened": 2, "closed": 0},
        {"effect": "restart", "settings": ["MAX_CONNECTIONS"]},
    ]);
    assert_eq!(seen["effects"], expected);
    assert_eq!(gateway.client().generate("hello").send().await.status, 429, "nothing was saved");

    let proxied =
        json!({"PROXIES": "http://u:canary@127.0.0.1:9", "AUTH_TOKEN": "canary-password"});
    let seen = preview(&administrator, proxied).await;
    assert!(!seen.to_string().contains("canary"), "{seen}");
    let expected = json!([{"effect": "proxied"}, {"effect": "keys_move", "moved": 2, "of": 2}]);
    assert_eq!(seen["effects"], expected);

    let shorter = json!({"AUTO_DELETE_REQUEST_LOGS_DAYS": "7", "REQUEST_LOG_ENABLED": "false"});
    let seen = preview(&administrator, shorter).await;
    let expected = json!([
        {"effect": "not_recorded"},
        {"effect": "requests_deleted", "requests": 0, "days": 7},
    ]);
    assert_eq!(seen["effects"], expected, "nothing is so old");

    let model = testkit::MODEL;
    let refused = json!({"FILTERED_MODELS": format!("[\"{model}\"]")});
    eventually("the requests are counted", || async {
        let seen = preview(&administrator, refused.clone()).await;
        seen["effects"][0]["requests"].as_u64().is_some_and(|requests| requests >= 4)
    })
    .await;
    let wrong = administrator.post("/api/admin/settings/preview", r#"{"MAX_RETRIES":"many"}"#);
    assert_eq!(wrong.send().await.status, 400);
}

async fn test(administrator: &Client, wanted: Value) -> Value {
    let path = format!("{SETTINGS}/test");
    let answer = administrator.post(&path, wanted.to_string()).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_tried_out_before_they_are_saved() {
    let (_google, gateway) = gateway(&["one"], "[]").await;
    let administrator = gateway.client_with(PASSWORD);
    let [direct]: [Value; 1] =
        serde_json::from_value(test(&administrator, json!({"what": "upstream"})).await).unwrap();
    assert_eq!((&direct["what"], &direct["ok"]), (&json!("direct"), &json!(true)), "{direct}");
    let nowhere = json!({"BASE_URL": "http://127.0.0.1:9"});
    let tried = json!({"what": "upstream", "settings": nowhere});
    let tried = test(&administrator, tried).await;
    assert_eq!(tried[0]["ok"], false, "{tried}");
    let hook = json!({"NOTIFY_WEBHOOK_URL": "http://127.0.0.1:9/hook"});
    let tried = test(&administrator, json!({"what": "notifications", "settings": hook})).await;
    assert_eq!((&tried[0]["what"], &tried[0]["ok"]), (&json!("webhook"), &json!(false)), "{tried}");
    assert_eq!(test(&administrator, json!({"what": "pictures"})).await, json!([]));
    let host = json!({"UPLOAD_PROVIDER": "picgo", "PICGO_API_KEY": "canary",
        "PICGO_API_URL": "http://127.0.0.1:9/upload"});
    let tried = test(&administrator, json!({"what": "pictures", "settings": host})).await;
    assert_eq!((&tried[0]["what"], &tried[0]["ok"]), (&json!("PicGo"), &json!(false)), "{tried}");
    assert!(!tried.to_string().contains("canary"), "{tried}");
    let listed = administrator.get(SETTINGS).send().await;
    assert_eq!(value(&listed, "NOTIFY_WEBHOOK_URL"), Value::Null, "nothing was saved");
    assert_eq!(gateway.client().generate("hello").send().await.status, 200);
}

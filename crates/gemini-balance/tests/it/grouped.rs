//! What failed, put together; and how many requests there are of which kind.

use fake_gemini::{FakeGemini, KeyPlan, Script};
use serde_json::{Value, json};
use testkit::{Client, Gateway, eventually, key};

use crate::house::setup;

const PASSWORD: &str = "an administrator's password";

async fn gateway() -> (FakeGemini, Gateway) {
    let script = Script::new()
        .keys([key("bad"), key("worse")], &KeyPlan::Leaked)
        .key(key("good"), KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let keys = ["bad", "good"].map(key);
    let setup = setup().google(&google).keys(keys).with("AUTH_TOKEN", PASSWORD);
    let gateway = setup.start().await;
    (google, gateway)
}

async fn groups(administrator: &Client, query: &str) -> Vec<Value> {
    let told = administrator.get(&format!("/api/admin/errors?{query}")).send().await;
    assert_eq!(told.status, 200, "{}", told.text());
    told.json()["groups"].as_array().unwrap().clone()
}

async fn post(administrator: &Client, path: &str, body: Value) -> (u16, Value) {
    let answer = administrator.post(path, body.to_string()).send().await;
    let body = if answer.text().is_empty() { Value::Null } else { answer.json() };
    (answer.status, body)
}

/// Asks until every key has been met.
async fn meet_all_keys(gateway: &Gateway) {
    for _ in 0..6 {
        assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_dealt_with_until_they_happen_again() {
    let (_google, gateway) = gateway().await;
    let administrator = gateway.client_with(PASSWORD);
    meet_all_keys(&gateway).await;
    eventually("the failed attempt is summed up", || async {
        groups(&administrator, "hours=1").await.len() == 1
    })
    .await;
    let group = groups(&administrator, "hours=24&state=open").await.remove(0);
    assert_eq!((&group["outcome"], &group["times"]), (&json!("key_dead"), &json!(1)));
    assert_eq!((&group["keys"], &group["clients"]), (&json!(1), &json!(1)));
    assert_eq!(group["first_at"], group["last_at"]);
    assert_eq!((&group["state"], &group["decided_by"]), (&json!("open"), &Value::Null));

    let name = &group["group"];
    let mark = json!({"group": name, "state": "resolved"});
    assert_eq!(post(&administrator, "/api/admin/errors/mark", mark).await.0, 204);
    assert!(groups(&administrator, "state=open").await.is_empty());
    let resolved = groups(&administrator, "state=resolved").await.remove(0);
    assert_eq!(resolved["decided_by"], "admin");

    let added = json!({"keys": key("worse")});
    assert_eq!(post(&administrator, "/api/admin/keys", added).await.0, 202);
    eventually("the key has joined", || async { gateway.keys("total").await == 3 }).await;
    meet_all_keys(&gateway).await;
    eventually("it is back", || async { groups(&administrator, "state=open").await.len() == 1 })
        .await;
    let back = groups(&administrator, "hours=1").await.remove(0);
    assert_eq!(
        (&back["times"], &back["keys"], &back["state"]),
        (&2.into(), &2.into(), &"open".into())
    );
    assert!(back["last_at"].as_i64() > back["first_at"].as_i64());

    let mark = json!({"group": name, "state": "ignored"});
    assert_eq!(post(&administrator, "/api/admin/errors/mark", mark).await.0, 204);
    assert_eq!(groups(&administrator, "state=ignored").await.len(), 1);
    let action = json!({"group": name, "action": "verify", "hours": 1});
    let (status, begun) = post(&administrator, "/api/admin/errors/act", action).await;
    assert_eq!((status, &begun["total"]), (202, &json!(2)), "{begun}");
    let mark = json!({"group": name, "state": "open"});
    assert_eq!(post(&administrator, "/api/admin/errors/mark", mark).await.0, 204);
    assert_eq!(groups(&administrator, "state=open").await.len(), 1);

    let audit = administrator.get("/api/admin/audit").send().await.json();
    let actions: Vec<_> = audit.as_array().unwrap().iter().map(|one| &one["action"]).collect();
    for action in ["errors.resolve", "errors.ignore", "errors.act", "errors.reopen", "keys.verify"]
    {
        assert!(actions.contains(&&json!(action)), "{action}: {actions:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_about_a_decision_is_named() {
    let (_google, gateway) = gateway().await;
    let administrator = gateway.client_with(PASSWORD);
    for (path, body, field) in [
        ("mark", json!({"group": "nothing", "state": "ignored"}), "group"),
        ("mark", json!({"group": "key_dead/403/m", "state": "gone"}), "state"),
        ("act", json!({"group": "key_dead/403/m", "action": "dance"}), "action"),
        ("act", json!({"group": "key_dead/403/m", "action": "verify"}), "group"),
    ] {
        let (status, told) = post(&administrator, &format!("/api/admin/errors/{path}"), body).await;
        assert_eq!(status, 400, "{told}");
        assert!(told.to_string().contains(field), "{told}");
    }
    let wrong = administrator.get("/api/admin/errors?state=gone").send().await;
    assert!(wrong.status == 400 && wrong.text().contains("state"), "{}", wrong.text());
}

fn share<'s>(summary: &'s Value, of: &str, value: &str) -> &'s Value {
    let shares = summary[of].as_array().unwrap();
    let share = shares.iter().find(|share| share["value"] == value);
    share.map_or(&Value::Null, |share| &share["requests"])
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_what_they_were_and_deleted() {
    let (_google, gateway) = gateway().await;
    let administrator = gateway.client_with(PASSWORD);
    for _ in 0..3 {
        assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    }
    let unknown = r#"{"model":"no-such-model","messages":[{"role":"user","content":"hi"}]}"#;
    for _ in 0..2 {
        let refused = gateway.client().post("/v1/chat/completions", unknown).send().await;
        assert_eq!(refused.status, 404);
    }
    let summary = async |query: &str| {
        let path = format!("/api/admin/requests/summary?{query}");
        administrator.get(&path).send().await.json()
    };
    eventually("all are in the log", || async { summary("").await["requests"] == 5 }).await;
    let all = summary("").await;
    assert_eq!(all["of_newest"], Value::Null);
    let counted: u64 = all["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["requests"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, 5);
    assert_eq!(
        (share(&all, "statuses", "200"), share(&all, "statuses", "404")),
        (&3.into(), &2.into())
    );
    assert_eq!(share(&all, "dialects", "openai"), 5);
    assert_eq!(share(&all, "models", "no-such-model"), 2);
    let failed = summary("status_from=400").await;
    assert_eq!(
        (&failed["requests"], share(&failed, "models", "no-such-model")),
        (&2.into(), &2.into())
    );
    assert_eq!(share(&failed, "outcomes", "served"), &Value::Null);

    let delete = async |query: &str| {
        administrator.request("DELETE", &format!("/api/admin/requests{query}")).send().await
    };
    let nothing = delete("").await;
    assert!(nothing.status == 400 && nothing.text().contains("filter"), "{}", nothing.text());
    assert_eq!(delete("?limit=1").await.status, 400, "a deletion has no pages");
    assert_eq!(delete("?since=99999999999999").await.status, 400);
    let begun = delete("?status_from=400&model=no-such-model").await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    eventually("they are gone", || async {
        let left = administrator.get("/api/admin/requests").send().await.json();
        left["requests"].as_array().unwrap().len() == 3
    })
    .await;
    assert_eq!(summary("status_from=400").await["requests"], 0);
    eventually("it is written down", || async {
        let audit = administrator.get("/api/admin/audit?action=logs.").send().await.text();
        audit.contains("status_from=400") && audit.contains(r#"\"count\":2"#)
    })
    .await;
}

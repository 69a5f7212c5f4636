//! The ways out, as the administrator sees, changes and tests them.

use fake_gemini::KeyPlan;
use serde_json::{Value, json};
use testkit::{Client, Gateway, Passage, eventually, key};

use crate::house::{google, setup};

const PASSWORD: &str = "an administrator's password";

async fn list(administrator: &Client) -> Vec<Value> {
    let answer = administrator.get("/api/admin/proxies").send().await;
    assert!(!answer.everything().contains("canary"), "{}", answer.everything());
    answer.json().as_array().unwrap().clone()
}

async fn post(administrator: &Client, path: &str, body: Value) -> (u16, Value) {
    let answer = administrator.post(path, body.to_string()).send().await;
    assert!(!answer.everything().contains("canary"), "{}", answer.everything());
    (answer.status, answer.json())
}

async fn finished(administrator: &Client, begun: &Value) -> Value {
    let path = format!("/api/admin/jobs/{}", begun["job"].as_str().unwrap());
    eventually("the job is finished", || async {
        administrator.get(&path).send().await.json()["finished"] == true
    })
    .await;
    administrator.get(&path).send().await.json()
}

async fn gateway(google: &fake_gemini::FakeGemini, names: &[&str]) -> Gateway {
    let setup = setup().google(google).keys(names.iter().map(|name| key(name)));
    setup.with("AUTH_TOKEN", PASSWORD).with("WORKERS", "1").start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn proxies_are_pasted_counted_tested_and_removed() {
    let names = ["k1", "k2", "k3", "k4", "k5", "k6"];
    let google = google(names.map(|name| (name, KeyPlan::Valid))).await;
    let gateway = gateway(&google, &names).await;
    let administrator = gateway.client_with(PASSWORD);
    let direct = list(&administrator).await;
    assert_eq!((direct.len(), &direct[0]["kind"]), (1, &json!("direct")));
    assert_eq!(direct[0]["keys"], 6);

    let works = Passage::http().await;
    let text = format!("http://ann:canary@{}\n# gone\nsocks5://127.0.0.1:9", works.address());
    let wrong = json!({"proxies": format!("{text}\nftp://ann:canary@x")});
    let (status, refused) = post(&administrator, "/api/admin/proxies", wrong).await;
    assert_eq!(status, 400);
    assert!(refused.to_string().contains("line 4"), "{refused}");
    let added = post(&administrator, "/api/admin/proxies", json!({"proxies": text})).await;
    assert_eq!(added, (201, json!({"added": 2})));
    let again = post(&administrator, "/api/admin/proxies", json!({"proxies": text})).await;
    assert_eq!(again, (201, json!({"added": 0})));
    eventually("the gateway has taken them up", || async {
        list(&administrator).await.iter().all(|proxy| proxy["state"] == "up")
    })
    .await;
    for number in 0..12 {
        let answer = gateway.client().generate("hello").send().await;
        assert_eq!(answer.status, 200, "request {number}: {}", answer.text());
    }
    let [good, gone]: [Value; 2] = list(&administrator).await.try_into().unwrap();
    assert_eq!(good["address"], format!("http://***@{}", works.address()));
    assert_eq!(gone["address"], "socks5://127.0.0.1:9");
    assert_eq!(good["keys"].as_u64().unwrap() + gone["keys"].as_u64().unwrap(), 6);
    assert_eq!(good["counters"]["answered"], 12, "{good}");
    assert_eq!(gone["counters"]["broken"], gone["counters"]["attempts"], "{gone}");

    let (status, begun) = post(&administrator, "/api/admin/proxies/test", json!({})).await;
    assert_eq!((status, &begun["total"]), (202, &json!(2)));
    let job = finished(&administrator, &begun).await;
    assert_eq!((&job["ok"], &job["failed"]), (&json!(1), &json!(1)), "{job}");
    let [good, gone]: [Value; 2] = list(&administrator).await.try_into().unwrap();
    assert_eq!(good["test"]["ok"], true, "{good}");
    assert!(gone["test"]["error"].is_string(), "{gone}");
    let path = format!("/api/admin/proxies/{}", gone["id"].as_str().unwrap());
    assert_eq!(administrator.get(&path).send().await.json()["address"], gone["address"]);
    assert_eq!(administrator.request("DELETE", &path).send().await.status, 204);
    assert_eq!(administrator.request("DELETE", &path).send().await.status, 404);
    assert_eq!(administrator.get(&path).send().await.status, 404);
    assert_eq!(list(&administrator).await.len(), 1);
    let audit = administrator.get("/api/admin/audit").send().await.text();
    assert!(audit.contains("settings.save") && audit.contains("PROXIES"), "{audit}");
    assert!(!audit.contains("canary"), "{audit}");
    assert!(!gateway.stderr().text().contains("canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_environment_is_final_nothing_is_added() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("AUTH_TOKEN", PASSWORD);
    let gateway = setup.with("SETTINGS_READONLY", "true").start().await;
    let administrator = gateway.client_with(PASSWORD);
    let wanted = json!({"proxies": "http://127.0.0.1:9"});
    assert_eq!(post(&administrator, "/api/admin/proxies", wanted).await.0, 409);
    assert_eq!(list(&administrator).await[0]["kind"], "direct");
}

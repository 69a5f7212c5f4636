//! What was done to many keys is taken back, and work is stopped.

use fake_gemini::{Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{Client, Gateway, eventually, key};

use crate::house::{fault, google, setup};

const PASSWORD: &str = "an administrator's password";

async fn post(administrator: &Client, path: &str, body: Value) -> (u16, Value) {
    let answer = administrator.post(path, body.to_string()).send().await;
    (answer.status, if answer.status == 204 { Value::Null } else { answer.json() })
}

/// Does something as a job, and returns the job's address when it is over.
async fn done(administrator: &Client, path: &str, body: Value) -> String {
    let (status, begun) = post(administrator, path, body).await;
    assert_eq!(status, 202, "{begun}");
    let job = format!("/api/admin/jobs/{}", begun["job"].as_str().unwrap());
    eventually("the job is over", || async {
        administrator.get(&job).send().await.json()["finished"] == true
    })
    .await;
    job
}

async fn gateway(google: &fake_gemini::FakeGemini, names: &[&str]) -> Gateway {
    let setup = setup().google(google).keys(names.iter().map(|name| key(name)));
    setup.with("AUTH_TOKEN", PASSWORD).start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_and_labels_are_taken_back_for_those_that_were_changed() {
    let google = google(["a", "b", "c"].map(|name| (name, KeyPlan::Valid))).await;
    let gateway = gateway(&google, &["a", "b", "c"]).await;
    let administrator = gateway.client_with(PASSWORD);
    let keys = || async {
        let keys = administrator.get("/api/admin/keys?sort=key").send().await.json();
        keys["keys"].as_array().unwrap().clone()
    };
    let count = |status: &'static str| async move {
        keys().await.iter().filter(|key| key["status"] == status).count()
    };
    let first = keys().await[0]["id"].clone();
    let act = "/api/admin/keys/act";
    done(&administrator, act, json!({"action": "disable", "ids": [first]})).await;
    let job = done(&administrator, act, json!({"action": "disable", "filter": {}})).await;
    eventually("all are disabled", || async { count("disabled").await == 3 }).await;
    done(&administrator, &format!("{job}/undo"), json!({})).await;
    eventually("two serve again", || async { count("ready").await == 2 }).await;
    assert_eq!(count("disabled").await, 1, "it was disabled before");

    done(&administrator, act, json!({"action": "tag", "ids": [first], "tag": "old"})).await;
    let job = done(&administrator, act, json!({"action": "tag", "filter": {}, "tag": "old"})).await;
    let read = administrator.get(&job).send().await.json();
    assert_eq!((&read["about"], &read["can_be_undone"]), (&json!("old"), &json!(true)));
    done(&administrator, &format!("{job}/undo"), json!({})).await;
    eventually("the label is where it was before", || async {
        let tagged: Vec<_> =
            keys().await.into_iter().filter(|key| key["tags"] == json!(["old"])).collect();
        tagged.len() == 1 && tagged[0]["id"] == first
    })
    .await;
    let verify = done(&administrator, act, json!({"action": "verify", "filter": {}})).await;
    assert_eq!(post(&administrator, &format!("{verify}/undo"), json!({})).await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_stopped() {
    let google = google([("slow", fault(Fault::Hang))]).await;
    let gateway = gateway(&google, &["slow"]).await;
    let administrator = gateway.client_with(PASSWORD);
    let (_, begun) =
        post(&administrator, "/api/admin/keys/act", json!({"action": "verify", "filter": {}}))
            .await;
    let job = format!("/api/admin/jobs/{}", begun["job"].as_str().unwrap());
    assert_eq!(post(&administrator, &format!("{job}/cancel"), json!({})).await.0, 204);
    eventually("it has stopped", || async {
        let job = administrator.get(&job).send().await.json();
        job["finished"] == true && job["ok"] == 0
    })
    .await;
    let gone = post(&administrator, "/api/admin/jobs/0/cancel", json!({})).await;
    assert_eq!(gone.0, 404);
}

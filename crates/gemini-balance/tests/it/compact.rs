//! `POST /v1/responses/compact`.

use fake_gemini::KeyPlan;
use serde_json::{Value, json};
use testkit::{Answer, Client, MODEL};

use crate::house::{house, parse};

async fn post(client: &Client, path: &str, body: &Value) -> Answer {
    client.post(&format!("/v1/responses{path}"), body.to_string()).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_compacted_and_goes_on() {
    let (google, gateway) = house([("bad", KeyPlan::Leaked), ("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let first = post(&client, "", &json!({"model": MODEL, "input": "first"})).await.json();
    let body = json!({"model": MODEL, "previous_response_id": first["id"], "input": "second"});
    let answer = post(&client, "/compact", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let compacted = answer.json();
    assert_eq!(compacted["object"], "response.compaction");
    assert!(compacted["usage"]["output_tokens"].as_u64().unwrap() > 0);
    let mut input = compacted["output"].as_array().unwrap().clone();
    assert_eq!(input.len(), 3, "{compacted}");
    assert_eq!(input[2]["type"], "compaction");

    input.push(json!({"role": "user", "content": "third"}));
    let answer = post(&client, "", &json!({"model": MODEL, "input": input, "store": false})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let sent = parse(&String::from_utf8_lossy(&google.received().last().unwrap().body));
    let texts: Vec<_> = sent["contents"][0]["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["text"].as_str().unwrap())
        .collect();
    assert_eq!((texts[0], texts[1], texts[3]), ("first", "second", "third"));
    assert!(texts[2].starts_with("Summary of the earlier conversation:\nYou said: "), "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_told() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    for (body, param) in [
        (json!({"input": "x"}), "model"),
        (json!({"model": MODEL}), "input"),
        (json!({"model": MODEL, "previous_response_id": "resp_x"}), "previous_response_id"),
    ] {
        let answer = post(&client, "/compact", &body).await;
        assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!(param)));
    }
    assert_eq!(client.get("/v1/responses/compact").send().await.status, 405);
}

//! Google's own OpenAI-compatible layer, passed through.

use fake_gemini::KeyPlan;
use serde_json::json;
use testkit::{MODEL, key};

use crate::files::{other_client, upload};
use crate::house::{calls, house, rows, spent_for};

const CHAT: &str = "/v1beta/openai/chat/completions";

fn chat(stream: bool) -> String {
    let messages = json!([{"role": "user", "content": "hello"}]);
    json!({"model": MODEL, "messages": messages, "stream": stream, "odd": {"kept": 1.50}})
        .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_passes_with_another_key_where_one_is_dead_or_spent() {
    let keys = [("a", KeyPlan::Leaked), ("b", spent_for(30)), ("c", KeyPlan::Valid)];
    let (google, gateway) = house(keys).await;
    for stream in [false, true, false] {
        let answer = gateway.client().post(CHAT, chat(stream)).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let said = if stream { answer.events().concat() } else { answer.text() };
        assert!(said.contains("You said: hello"), "{said}");
        assert_eq!(said.ends_with("[DONE]"), stream);
    }
    assert_eq!((calls(&google, "a"), calls(&google, "b"), calls(&google, "c")), (1, 1, 3));
    let seen = google.received().pop().unwrap();
    assert_eq!(seen.body, chat(false), "byte for byte");
    let value = |name: &str| seen.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(value("authorization"), Some(format!("Bearer {}", key("c"))));
    assert_eq!(value("x-goog-api-key"), None);
    let models = gateway.client().get("/gemini/v1beta/openai/models").send().await;
    assert_eq!(models.json()["object"], "list");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_errors_are_those_of_openai() {
    let (google, gateway) = house([("a", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let wrong = client.post(CHAT, json!({"model": MODEL}).to_string()).send().await;
    assert_eq!(
        (wrong.status, wrong.json()["error"]["type"].as_str()),
        (400, Some("invalid_request_error"))
    );
    assert_eq!(client.anonymous("POST", CHAT).send().await.status, 401);
    google.script().update(|script| script.key(key("a"), KeyPlan::Suspended));
    let dead = client.post(CHAT, chat(true)).send().await;
    assert_eq!((dead.status, dead.json()["error"]["type"].as_str()), (503, Some("server_error")));
    assert!(!dead.everything().contains("CANARY"), "{}", dead.everything());
}

#[tokio::test(flavor = "multi_thread")]
async fn its_batches_and_videos_stay_where_they_were_begun() {
    let keys = ["a", "b", "c", "d", "e"].map(|name| (name, KeyPlan::Valid));
    let (google, gateway) = house(keys).await;
    let (mine, other) = (gateway.client(), other_client(&gateway).await);
    let file = upload(&mine, "{}").await;
    for (kind, body) in [
        ("batches", json!({"input_file_id": file["name"], "endpoint": "/v1/chat/completions"})),
        ("videos", json!({"model": "veo-3.1-generate-preview", "prompt": "a cat"})),
    ] {
        let path = format!("/v1beta/openai/{kind}");
        let made = mine.post(&path, body.to_string()).send().await;
        assert_eq!(made.status, 200, "{}", made.text());
        let one = format!("{path}/{}", made.json()["id"].as_str().unwrap());
        for _ in 0..4 {
            assert_eq!(mine.get(&one).send().await.json()["id"], made.json()["id"]);
        }
        assert_eq!(other.get(&one).send().await.status, 404);
        assert_eq!(mine.get(&path).send().await.json()["data"][0]["id"], made.json()["id"]);
        assert_eq!(other.get(&path).send().await.json()["data"], json!([]));
    }
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_its_streams_are_counted() {
    let (_google, gateway) = house([("a", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let mut told: serde_json::Value = serde_json::from_str(&chat(true)).unwrap();
    told["stream_options"] = json!({"include_usage": true});
    let interaction = json!({"model": MODEL, "input": "hello", "stream": true});
    for (path, body) in [
        (CHAT, told.to_string()),
        (CHAT, chat(true)),
        ("/v1beta/interactions", interaction.to_string()),
    ] {
        let answer = client.post(path, body).send().await;
        assert_eq!((answer.status, answer.events().is_empty()), (200, false), "{path}");
    }
    let mut rows = rows(&gateway, 3).await;
    rows.sort_by_key(|row| row.row);
    let counts: Vec<_> =
        rows.iter().map(|row| (row.usage.prompt, row.usage.completion, row.usage.total)).collect();
    assert_eq!((counts[0], counts[2]), ((3, 4, 7), (3, 4, 7)));
    let (prompt, completion, total) = counts[1];
    assert!(prompt > 0 && completion >= 4 && total == prompt + completion, "guessed: {counts:?}");
}

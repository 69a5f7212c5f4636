//! Misspelt addresses.

use fake_gemini::KeyPlan;
use serde_json::json;
use testkit::{MODEL, key};

use crate::house::{google, setup};

fn misspelt() -> Vec<(String, String)> {
    let messages = json!([{"role": "user", "content": "hello"}]);
    let chat = json!({"model": MODEL, "max_tokens": 9, "messages": messages}).to_string();
    let contents = json!([{"role": "user", "parts": [{"text": "hello"}]}]);
    let call = json!({ "contents": contents }).to_string();
    vec![
        ("/chat/completions".to_owned(), chat.clone()),
        ("/v1/v1/chat/completions".to_owned(), chat.clone()),
        ("//v1/chat/completions/".to_owned(), chat.clone()),
        ("/anthropic/messages".to_owned(), chat),
        (format!("/models/{MODEL}:generatecontent"), call.clone()),
        (format!("/v1beta/v1beta/models/{MODEL}:generateContent"), call),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn misspelt_addresses_are_repaired_where_the_administrator_wants_it() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]);
    let gateway = setup.with("URL_NORMALIZATION_ENABLED", "true").start().await;
    let client = gateway.client();
    for (path, body) in misspelt() {
        let answer = client.post(&path, body).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert!(answer.text().contains("You said: hello"), "{path}: {}", answer.text());
    }
    let list = client.get("/openai/models").send().await;
    assert_eq!(list.json()["object"], "list", "{}", list.text());
    let sent = google.received().len();
    for path in [
        "/v1/nonsense",
        "/v1beta/models/../files:generateContent",
        "/x/models/..%2ffiles:generateContent",
        "/x/models/m%3Fkey=1:generateContent",
    ] {
        let answer = client.post(path, "{}").send().await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    assert_eq!(client.anonymous("POST", "/chat/completions").send().await.status, 401);
    assert_eq!(google.received().len(), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn they_lead_nowhere_otherwise() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let gateway = setup().google(&google).keys([key("one")]).start().await;
    for (path, body) in misspelt() {
        let answer = gateway.client().post(&path, body).send().await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    assert_eq!(google.received().len(), 0);
}

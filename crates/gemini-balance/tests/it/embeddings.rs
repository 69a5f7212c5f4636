//! OpenAI's embeddings, and Google's own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fake_gemini::{Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{Answer, Client, key};

use crate::house::{calls, fault, google, house, rows, setup, spent_for};

const MODEL: &str = "gemini-embedding-2";

async fn ask(client: &Client, body: &Value) -> Answer {
    client.post("/v1/embeddings", body.to_string()).send().await
}

fn vector(answer: &Value, index: usize) -> Vec<f32> {
    let entry = &answer["data"][index];
    assert_eq!((&entry["object"], &entry["index"]), (&json!("embedding"), &json!(index)));
    let values = entry["embedding"].as_array().unwrap().iter();
    values.map(|value| value.as_f64().unwrap() as f32).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_become_vectors_past_dead_and_spent_keys_under_all_prefixes() {
    let keys = [("bad", KeyPlan::Leaked), ("spent", spent_for(40)), ("good", KeyPlan::Valid)];
    let (google, gateway) = house(keys).await;
    let client = gateway.client();
    let body = json!({"model": MODEL, "input": ["hello", "world"], "dimensions": 256});
    for path in ["/v1/embeddings", "/openai/v1/embeddings", "/hf/v1/embeddings"] {
        let answer = client.post(path, body.to_string()).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = answer.json();
        assert_eq!((&answer["object"], &answer["model"]), (&json!("list"), &json!(MODEL)));
        let (first, second) = (vector(&answer, 0), vector(&answer, 1));
        assert_eq!((first.len(), second.len()), (256, 256));
        assert_ne!(first, second);
        let length: f32 = first.iter().map(|value| value * value).sum();
        assert!((length - 1.0).abs() < 1e-4, "{length}");
        let usage = &answer["usage"];
        assert!(usage["prompt_tokens"].as_u64().unwrap() > 0);
        assert_eq!(usage["prompt_tokens"], usage["total_tokens"]);
    }
    assert_eq!((calls(&google, "bad"), calls(&google, "spent")), (1, 1));
    for row in rows(&gateway, 3).await {
        assert_eq!((row.operation.as_str(), row.outcome.as_str()), ("embeddings", "served"));
        assert_eq!(row.model.as_deref(), Some(MODEL));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn base64_holds_the_same_numbers() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let body = |format: &str| json!({"model": "text-embedding-3-small", "input": "hello", "encoding_format": format});
    let floats = vector(&ask(&client, &body("float")).await.json(), 0);
    assert_eq!(floats.len(), 1536, "as OpenAI's model has it");
    let coded = ask(&client, &body("base64")).await.json();
    let bytes = STANDARD.decode(coded["data"][0]["embedding"].as_str().unwrap()).unwrap();
    let numbers: Vec<f32> =
        bytes.as_chunks::<4>().0.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect();
    assert_eq!(numbers, floats);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_inputs_are_asked_about_side_by_side_and_come_back_in_order() {
    let keys =
        [("one", KeyPlan::Valid), ("two", fault(Fault::Status503)), ("three", KeyPlan::Valid)];
    let (google, gateway) = house(keys).await;
    let client = gateway.client();
    let inputs: Vec<String> = (0..1050).map(|number| format!("text {}", number % 7)).collect();
    let body = json!({"model": MODEL, "input": inputs, "dimensions": 8});
    let answer = ask(&client, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!(answer["data"].as_array().unwrap().len(), 1050);
    let vectors: Vec<Vec<f32>> = (0..1050).map(|index| vector(&answer, index)).collect();
    assert!((7..1050).all(|index| vectors[index] == vectors[index % 7]));
    let served = google.received().iter().filter(|seen| seen.status == Some(200)).count();
    assert_eq!(served, 11);
    assert_eq!(rows(&gateway, 1).await.len(), 1, "it is one request");
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_told_without_asking_google() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    for (body, status, param) in [
        (json!({"model": MODEL, "input": [1, 2, 3]}), 400, json!("input")),
        (json!({"model": MODEL, "input": [[1, 2], [3]]}), 400, json!("input")),
        (json!({"model": MODEL, "input": ""}), 400, json!("input")),
        (json!({"input": "a"}), 400, json!("model")),
        (json!({"model": "embedding-gecko-001", "input": "a"}), 404, json!("model")),
    ] {
        let answer = ask(&client, &body).await;
        assert_eq!((answer.status, &answer.json()["error"]["param"]), (status, &param));
    }
    let answer = client.get("/v1/embeddings").send().await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    assert!(google.received().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_google_refuses_is_told_in_openais_words() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let answer = ask(&client, &json!({"model": MODEL, "input": "a", "dimensions": 9999})).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["error"]["code"], "invalid_argument");
    let answer = ask(&client, &json!({"model": "gemini-99-embedding", "input": "a"})).await;
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (404, &json!("model_not_found")));
}

#[tokio::test(flavor = "multi_thread")]
async fn embeddings_count_against_the_limits_of_their_token() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let gateway = setup().google(&google).keys([key("one")]).start().await;
    let grant = ["tokens", "create", "few", "--requests-per-minute", "2"];
    let created = gateway.json(&grant).await;
    let client = gateway.client_with(created["token"].as_str().unwrap());
    testkit::eventually("the token is taken up", || async {
        client.get("/v1/models").send().await.status == 200
    })
    .await;
    let body = json!({"model": MODEL, "input": vec!["a"; 250]});
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(ask(&client, &body).await.status);
    }
    assert_eq!(statuses, [200, 200, 429], "three calls of Google are one request");
}

#[tokio::test(flavor = "multi_thread")]
async fn googles_own_methods_pass_through() {
    let (google, gateway) = house([("bad", KeyPlan::Invalid), ("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let one = json!({"content": {"parts": [{"text": "a"}]}, "taskType": "CLUSTERING"}).to_string();
    let path = format!("/v1beta/models/{MODEL}:embedContent");
    let answer = client.post(&path, one.clone()).send().await;
    assert_eq!(answer.json()["embedding"]["values"].as_array().unwrap().len(), 3072);
    assert_eq!(google.received().last().unwrap().body, one);
    let model = format!("models/{MODEL}");
    let request = json!({"model": model, "content": {"parts": [{"text": "a"}]}});
    let many = json!({"requests": [request, request]}).to_string();
    for version in ["v1beta", "v1"] {
        let path = format!("/{version}/models/{MODEL}:batchEmbedContents");
        let answer = client.post(&path, many.clone()).send().await;
        assert_eq!(answer.json()["embeddings"].as_array().unwrap().len(), 2);
        assert_eq!(google.received().last().unwrap().body, many);
    }
}

//! Names of models that only the gateway knows, and what the settings add to chats.

use fake_gemini::{FakeGemini, KeyPlan};
use serde_json::{Value, json};
use testkit::{Client, MODEL, Setup, key};

use crate::house::{google, house, parse, setup};

const HIDDEN: &str = "gemini-3.5-flash-lite";
const ALIASES: &str = r#"{"gpt-4o": "gemini-2.5-flash-search", "gpt-4": "gemini-2.5-pro"}"#;

fn offering(google: &FakeGemini) -> Setup {
    setup()
        .google(google)
        .keys([key("one")])
        .with("MODEL_ALIASES", ALIASES)
        .with("SEARCH_MODELS", MODEL)
        .with("THINKING_MODELS", MODEL)
        .with("THINKING_BUDGET_MAP", r#"{"gemini-2.5-pro": 300}"#)
        .with("FILTERED_MODELS", HIDDEN)
}

async fn chat(client: &Client, model: &str) -> Value {
    let messages = json!([{"role": "user", "content": "hello"}]);
    let body = json!({"model": model, "messages": messages}).to_string();
    let answer = client.post("/v1/chat/completions", body).send().await;
    assert_eq!(answer.status, 200, "{model}: {}", answer.text());
    answer.json()
}

/// The model that Google was asked for last, and what it was sent.
fn asked(google: &FakeGemini) -> (String, Value) {
    let last = google.received().pop().unwrap();
    (last.model.unwrap(), parse(std::str::from_utf8(&last.body).unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_may_name_aliases_and_endings() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let gateway = offering(&google).start().await;
    let client = gateway.client();
    chat(&client, "gpt-4o").await;
    let (model, body) = asked(&google);
    assert_eq!((model.as_str(), &body["tools"][0]), (MODEL, &json!({"googleSearch": {}})));

    chat(&client, &format!("{MODEL}-non-thinking")).await;
    let (model, body) = asked(&google);
    let thinking = &body["generationConfig"]["thinkingConfig"];
    assert_eq!((model.as_str(), &thinking["thinkingBudget"]), (MODEL, &json!(0)));

    chat(&client, "gpt-4").await;
    let (model, body) = asked(&google);
    let thinking = &body["generationConfig"]["thinkingConfig"];
    assert_eq!((model.as_str(), &thinking["thinkingBudget"]), ("gemini-2.5-pro", &json!(300)));

    chat(&client, MODEL).await;
    let (model, body) = asked(&google);
    assert_eq!((model.as_str(), &body["tools"]), (MODEL, &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn offered_names_are_listed_and_found() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let gateway = offering(&google).start().await;
    let client = gateway.client();
    let openai = client.get("/v1/models").send().await.json();
    let has = |id: &str| openai["data"].as_array().unwrap().iter().any(|one| one["id"] == id);
    for name in [MODEL, "gemini-2.5-flash-search", "gemini-2.5-flash-non-thinking", "gpt-4o"] {
        assert!(has(name), "{name}: {openai}");
    }
    assert!(!has(HIDDEN));
    let one = client.get("/v1/models/gpt-4o").send().await.json();
    assert_eq!(one["id"], "gpt-4o", "{one}");

    let gemini = client.get("/v1beta/models?pageSize=1000").send().await.json();
    let find = |id: &str| {
        let name = format!("models/{id}");
        gemini["models"].as_array().unwrap().iter().find(|one| one["name"] == name)
    };
    assert!(find("gemini-2.5-flash-search").unwrap()["inputTokenLimit"].is_number());
    assert!(find(MODEL).is_some() && find(HIDDEN).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn gemini_calls_may_name_them_too_and_all_others_stay_as_they_are() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let gateway = offering(&google).with("TOOLS_CODE_EXECUTION_ENABLED", "true").start().await;
    let client = gateway.client();
    let request = r#" {"contents": [ {"role":"user","parts":[{"text":"hello"}]} ]} "#;
    for (name, method) in [
        ("gpt-4o", "generateContent"),
        ("gemini-2.5-flash-search", "generateContent"),
        ("gemini-2.5-flash-search", "streamGenerateContent?alt=sse"),
    ] {
        let path = format!("/v1beta/models/{name}:{method}");
        let answer = client.post(&path, request).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let (model, body) = asked(&google);
        assert_eq!((model.as_str(), &body["tools"]), (MODEL, &json!([{"googleSearch": {}}])));
    }
    for (name, method) in [(MODEL, "generateContent"), ("gpt-4o", "countTokens")] {
        let path = format!("/v1beta/models/{name}:{method}");
        let answer = client.post(&path, request).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let last = google.received().pop().unwrap();
        assert_eq!((last.model.as_deref(), &last.body[..]), (Some(MODEL), request.as_bytes()));
    }
    let path = "/v1beta/models/gpt-4o:generateContent";
    let broken = client.post(path, "{").send().await;
    assert_eq!(broken.status, 400, "{}", broken.text());
    assert_eq!(broken.json()["error"]["status"], "INVALID_ARGUMENT", "{}", broken.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filtered_model_is_refused_under_all_its_names() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let gateway = offering(&google).with("FILTERED_MODELS", MODEL).start().await;
    let client = gateway.client();
    let chat = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]});
    let answer = client.post("/v1/chat/completions", chat.to_string()).send().await;
    assert_eq!(answer.status, 404, "{}", answer.text());
    let answer = client.post("/v1beta/models/gpt-4o:generateContent", "{}").send().await;
    assert_eq!(answer.status, 404, "{}", answer.text());
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_get_the_administrators_safety_settings() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    chat(&gateway.client(), MODEL).await;
    let (_, body) = asked(&google);
    assert_eq!(body["safetySettings"].as_array().unwrap().len(), 5, "{body}");
    let none = setup().google(&google).keys([key("one")]).with("SAFETY_SETTINGS", "[]");
    chat(&none.start().await.client(), MODEL).await;
    let (_, body) = asked(&google);
    assert_eq!(body["safetySettings"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn thoughts_are_handed_out_unless_the_administrator_hides_them() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let shown = setup().google(&google).keys([key("one")]).start().await;
    let hidden = setup().google(&google).keys([key("one")]).with("SHOW_THINKING_PROCESS", "false");
    let hidden = hidden.start().await;
    for (gateway, asks) in [(&shown, json!(true)), (&hidden, Value::Null)] {
        let messages = json!([{"role": "user", "content": "hello"}]);
        let body = json!({"model": MODEL, "messages": messages, "reasoning_effort": "high"});
        let answer = gateway.client().post("/v1/chat/completions", body.to_string()).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let (_, body) = asked(&google);
        assert_eq!(body["generationConfig"]["thinkingConfig"]["includeThoughts"], asks, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_dialect_knows_the_names_and_brings_the_safety_settings() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let claude = json!({"claude-*": "gpt-4o"}).to_string();
    let gateway = offering(&google).with("CLAUDE_MODELS", &claude).start().await;
    let client = gateway.client();
    let search = json!([{"googleSearch": {}}]);
    for (name, tools) in
        [("gpt-4o", &search), ("gemini-2.5-flash-search", &search), (MODEL, &Value::Null)]
    {
        for (path, body) in [
            ("/v1/responses", json!({"model": name, "input": "hello"})),
            (
                "/v1/messages",
                json!({"model": name, "max_tokens": 99, "messages": [{"role": "user", "content": "hello"}]}),
            ),
        ] {
            let answer = client.post(path, body.to_string()).send().await;
            assert_eq!(answer.status, 200, "{path} {name}: {}", answer.text());
            let (model, body) = asked(&google);
            assert_eq!((model.as_str(), &body["tools"]), (MODEL, tools), "{path} {name}");
            assert_eq!(body["safetySettings"].as_array().unwrap().len(), 5, "{path}: {body}");
        }
    }
    let body = json!({"model": "claude-opus-9", "max_tokens": 99, "messages": [{"role": "user", "content": "hello"}]});
    let answer = client.post("/v1/messages", body.to_string()).send().await;
    assert_eq!(answer.json()["model"], "claude-opus-9", "{}", answer.text());
    assert_eq!(asked(&google).0, MODEL);
    for (path, body) in [
        ("/v1/responses/input_tokens", json!({"model": "gpt-4o", "input": "hello"})),
        ("/v1/messages/count_tokens", body),
    ] {
        let answer = client.post(path, body.to_string()).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(google.received().pop().unwrap().model.as_deref(), Some(MODEL));
    }
}

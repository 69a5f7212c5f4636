//! OpenAI's older completions.

use fake_gemini::KeyPlan;
use serde_json::{Value, json};
use testkit::{MODEL, key};

use crate::house::{google, house, parse, setup, spent_for};

fn completion(prompt: &Value) -> Value {
    json!({"model": MODEL, "max_tokens": 50, "prompt": prompt})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_is_completed_whole_and_streamed() {
    let (_google, gateway) = house([("spent", spent_for(40)), ("good", KeyPlan::Valid)]).await;
    let client = gateway.client();
    for prompt in [json!("hello"), json!(["hello"])] {
        let answer = client.post("/v1/completions", completion(&prompt).to_string()).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = answer.json();
        assert_eq!(answer["object"], "text_completion", "{answer}");
        assert_eq!(answer["choices"][0]["text"], "You said: hello");
        assert_eq!(answer["choices"][0]["finish_reason"], "stop");
        assert!(answer["usage"]["completion_tokens"].as_u64().unwrap() > 0);
    }
    let mut body = completion(&json!("hello there, good old world"));
    body["stream"] = json!(true);
    body["echo"] = json!(true);
    let stream = client.post("/openai/v1/completions", body.to_string()).send().await;
    assert_eq!(stream.header("content-type"), Some("text/event-stream; charset=utf-8"));
    let mut events = stream.events();
    assert_eq!(events.pop().as_deref(), Some("[DONE]"));
    let texts = events.iter().map(|data| parse(data)["choices"][0]["text"].clone());
    let text: String = texts.filter_map(|text| text.as_str().map(str::to_owned)).collect();
    assert_eq!(text, "hello there, good old worldYou said: hello there, good old world");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_eight_calls_cannot_answer_is_refused_by_its_name() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let gateway = setup().google(&google).keys([key("one")]).start().await;
    let client = gateway.client();
    let mut several = completion(&json!("hello"));
    several["n"] = json!(9);
    let mut suffix = completion(&json!("hello"));
    suffix["suffix"] = json!("the end");
    for (body, param, code) in [
        (completion(&json!(vec!["a"; 9])), "prompt", "invalid_value"),
        (several, "n", "invalid_value"),
        (suffix, "suffix", "unsupported_value"),
    ] {
        let answer = client.post("/v1/completions", body.to_string()).send().await;
        let error = answer.json()["error"].clone();
        assert_eq!((answer.status, &error["param"]), (400, &json!(param)), "{error}");
        assert_eq!(error["code"], code, "{error}");
    }
    let answer = client.post("/v1/completions", json!({"model": MODEL}).to_string()).send().await;
    assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!("prompt")));
    assert_eq!(google.received().len(), 0);
}

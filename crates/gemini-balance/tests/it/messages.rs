//! Anthropic's Messages.

use fake_gemini::{ErrorForm, Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{Answer, Client, MODEL, TOKEN, key};

use crate::house::{calls, fault, house, parse, setup, spent_for};

fn message(model: &str, text: &str, stream: bool) -> String {
    let messages = json!([{"role": "user", "content": text}]);
    json!({"model": model, "max_tokens": 100, "stream": stream, "messages": messages}).to_string()
}

async fn ask(client: &Client, body: String) -> Answer {
    client.post("/v1/messages", body).header("anthropic-version", "2023-06-01").send().await
}

/// The events of a stream, by their names.
fn names(answer: &Answer) -> Vec<String> {
    answer.events().iter().map(|data| parse(data)["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_answered_whole_and_streamed_past_dead_and_spent_keys() {
    let keys = [("bad", KeyPlan::Leaked), ("spent", spent_for(40)), ("good", KeyPlan::Valid)];
    let (google, gateway) = house(keys).await;
    let client = gateway.client();
    for _ in 0..3 {
        let whole = ask(&client, message(MODEL, "hello", false)).await;
        assert_eq!(whole.status, 200, "{}", whole.text());
        let message = whole.json();
        assert_eq!((&message["type"], &message["role"]), (&json!("message"), &json!("assistant")));
        assert_eq!(message["content"][0]["text"], "You said: hello");
        assert_eq!(
            (&message["model"], &message["stop_reason"]),
            (&json!(MODEL), &json!("end_turn"))
        );
        assert!(message["usage"]["output_tokens"].as_u64().unwrap() > 0);

        let stream = ask(&client, message_stream()).await;
        assert_eq!(stream.header("content-type"), Some("text/event-stream; charset=utf-8"));
        let names = names(&stream);
        assert_eq!(names.first().map(String::as_str), Some("message_start"));
        assert_eq!(names.last().map(String::as_str), Some("message_stop"));
        let text: String = stream
            .events()
            .iter()
            .map(|data| parse(data)["delta"]["text"].as_str().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(text, "You said: hello there, good old world");
    }
    assert_eq!((calls(&google, "bad"), calls(&google, "spent")), (1, 1));
}

fn message_stream() -> String {
    message(MODEL, "hello there, good old world", true)
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_claude_lead_to_models_of_the_administrators_choice() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let answer = ask(&gateway.client(), message("claude-3-5-haiku-20241022", "hi", false)).await;
    assert_eq!(answer.json()["model"], "claude-3-5-haiku-20241022", "{}", answer.text());
    let asked = google.received().last().unwrap().path.clone();
    assert!(asked.contains("models/gemini-") && asked.contains("lite"), "{asked}");

    let choice = format!(r#"{{"claude-*": "{MODEL}"}}"#);
    let setup = setup().google(&google).keys([key("one")]).with("CLAUDE_MODELS", choice);
    let chosen = setup.start().await;
    ask(&chosen.client(), message("claude-opus-4-6", "hi", false)).await;
    assert!(google.received().last().unwrap().path.contains(MODEL));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_is_called_and_its_result_is_taken_back() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let tool = json!({"name": "get_weather", "description": "The weather of a city",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}});
    let question = json!({"role": "user", "content": "What is the weather in Paris?"});
    let mut body = json!({"model": "gemini-3.8-flash", "max_tokens": 100, "messages": [question],
        "tools": [tool], "tool_choice": {"type": "any"}});
    let first = ask(&client, body.to_string()).await.json();
    assert_eq!(first["stop_reason"], "tool_use", "{first}");
    let call = first["content"].as_array().unwrap().iter().find(|one| one["type"] == "tool_use");
    let call = call.unwrap_or_else(|| panic!("{first}"));
    assert_eq!(call["name"], "get_weather");
    let result = json!({"type": "tool_result", "tool_use_id": call["id"], "content": "sunny"});
    body["messages"].as_array_mut().unwrap().extend([
        json!({"role": "assistant", "content": first["content"]}),
        json!({"role": "user", "content": [result]}),
    ]);
    body["tool_choice"] = json!({"type": "auto"});
    let second = ask(&client, body.to_string()).await;
    assert_eq!(second.status, 200, "{}", second.text());
    assert!(second.text().contains("sunny"), "{}", second.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_counted_and_models_listed() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    for path in ["/v1/messages/count_tokens", "/anthropic/v1/messages/count_tokens"] {
        let counted = client.post(path, message(MODEL, "one two three", false)).send().await;
        assert!(counted.json()["input_tokens"].as_u64().unwrap() > 0, "{}", counted.text());
    }
    let anonymous = || client.anonymous("GET", "/anthropic/v1/models?limit=3");
    let list = anonymous().header("x-api-key", TOKEN).send().await.json();
    assert_eq!((list["data"].as_array().unwrap().len(), &list["has_more"]), (3, &json!(true)));
    let path = format!("/anthropic/v1/models/{MODEL}");
    assert_eq!(client.get(&path).send().await.json()["id"], MODEL);
    assert_eq!(anonymous().send().await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_and_failures_are_told_in_anthropics_words() {
    let busy = fault(Fault::Status503);
    let (google, gateway) = house([("one", busy)]).await;
    let client = gateway.client();
    let error =
        |answer: &Answer| -> (u16, Value) { (answer.status, answer.json()["error"].clone()) };
    let mistake = ask(&client, json!({"model": MODEL, "messages": []}).to_string()).await;
    let (status, told) = error(&mistake);
    assert_eq!((status, &told["type"]), (400, &json!("invalid_request_error")), "{told}");
    // The SDK acts on this code: it sends the whole conversation instead.
    let messages = json!([{"role": "user", "content": "hello"}]);
    let thread = json!({"model": MODEL, "max_tokens": 9, "messages": messages, "thread": {"type": "create"}});
    let (status, told) = error(&ask(&client, thread.to_string()).await);
    assert_eq!((status, &told["type"]), (400, &json!("invalid_request_error")), "{told}");
    assert_eq!(told["details"]["error_code"], "thread_unsupported_request");
    let (status, told) = error(&ask(&client, message(MODEL, "hello", false)).await);
    assert_eq!((status, &told["type"]), (529, &json!("overloaded_error")), "{told}");

    let broken = Fault::MidStreamError(ErrorForm::Data);
    google.script().update(|script| script.key(key("one"), fault(broken)));
    let stream = ask(&client, message_stream()).await;
    assert_eq!(names(&stream).last().map(String::as_str), Some("error"), "{}", stream.text());
    assert!(!stream.text().contains("message_stop"), "{}", stream.text());
}

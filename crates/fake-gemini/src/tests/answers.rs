use serde_json::{Value, json};

use super::harness::{Harness, KEY, MODEL, hello, joined, path, says};
use crate::KeyPlan;

async fn harness() -> Harness {
    Harness::with(KeyPlan::Valid).await
}

fn parts(response: &Value) -> Vec<Value> {
    response["candidates"][0]["content"]["parts"].as_array().cloned().unwrap_or_default()
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

fn weather_tool() -> Value {
    json!([{"functionDeclarations": [
        {"name": "add", "parametersJsonSchema": {"type": "object",
            "properties": {"a": {"type": "integer"}}, "required": ["a"]}},
        {"name": "get_weather", "parametersJsonSchema": {"type": "object",
            "properties": {"city": {"type": "string"}}, "required": ["city"]}},
    ]}])
}

#[tokio::test]
async fn the_model_repeats_what_it_was_told() {
    let body = with(hello(), "system_instruction", json!({"parts": {"text": "Be brief"}}));
    let got = harness().await.generate(&body).await.json();
    assert_eq!(
        parts(&got)[0]["text"],
        "You said: Hello there, good old world (I was told: Be brief)"
    );
    assert!(parts(&got)[0]["thoughtSignature"].is_string());
    assert_eq!(got["candidates"][0]["finishReason"], "STOP");
    assert_eq!(got["modelVersion"], MODEL);
    assert!(got["responseId"].as_str().unwrap().len() > 15);
    let usage = &got["usageMetadata"];
    assert_eq!(usage["promptTokenCount"], 9);
    let sum: u64 = ["promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount"]
        .map(|field| usage[field].as_u64().unwrap())
        .iter()
        .sum();
    assert_eq!(usage["totalTokenCount"], sum);
}

#[tokio::test]
async fn streams_say_the_same_in_pieces() {
    let got = harness().await.stream(&hello()).await;
    assert_eq!(got.headers["content-type"], "text/event-stream");
    let events = got.events();
    assert!(events.len() > 3);
    assert_eq!(joined(&events), "You said: Hello there, good old world");
    let finishes: Vec<&Value> =
        events.iter().map(|event| &event["candidates"][0]["finishReason"]).collect();
    assert!(finishes[..finishes.len() - 1].iter().all(|finish| finish.is_null()));
    assert_eq!(*finishes[finishes.len() - 1], "STOP");
    assert!(parts(&events[events.len() - 1])[0]["thoughtSignature"].is_string());
}

#[tokio::test]
async fn without_alt_the_stream_is_an_array() {
    let harness = harness().await;
    let got = harness.post(&path(MODEL, "streamGenerateContent"), KEY, &hello()).await;
    assert_eq!(got.headers["content-type"], "application/json; charset=UTF-8");
    assert!(got.text.starts_with("[{") && got.text.contains("}\n,\n{"), "{}", got.text);
    let elements = got.json().as_array().cloned().unwrap();
    assert_eq!(joined(&elements), "You said: Hello there, good old world");
}

#[tokio::test]
async fn a_question_about_the_weather_is_a_call_for_each_city() {
    let harness = harness().await;
    let ask = with(says("What is the weather in Oslo and Rome?"), "tools", weather_tool());
    let got = harness.generate(&ask).await.json();
    let calls = parts(&got);
    assert_eq!(calls[0]["functionCall"]["name"], "get_weather");
    assert_eq!(calls[0]["functionCall"]["args"], json!({"city": "Oslo"}));
    assert_eq!(calls[1]["functionCall"]["args"], json!({"city": "Rome"}));
    assert!(calls[0]["thoughtSignature"].is_string() && calls[1]["thoughtSignature"].is_null());
    assert_ne!(calls[0]["functionCall"]["id"], calls[1]["functionCall"]["id"]);
    assert_eq!(got["candidates"][0]["finishReason"], "STOP");

    let mut next = ask.clone();
    let result = |id: &Value, degrees: u64| {
        json!({"functionResponse":
        {"id": id, "name": "get_weather", "response": {"degrees": degrees}}})
    };
    next["contents"].as_array_mut().unwrap().extend([
        json!({"role": "model", "parts": calls}),
        json!({"role": "user", "parts": [
            result(&calls[0]["functionCall"]["id"], 3),
            result(&calls[1]["functionCall"]["id"], 21),
        ]}),
    ]);
    let got = harness.generate(&next).await.json();
    assert_eq!(
        parts(&got)[0]["text"],
        "The tool get_weather answered {\"degrees\":3}. The tool get_weather answered \
         {\"degrees\":21}."
    );
}

#[tokio::test]
async fn calls_can_be_dictated() {
    let harness = harness().await;
    let words =
        "Call add with {\"a\": 2}. Call nothing with {}. Call get_weather with {\"city\": \"Ur\"}";
    let ask = with(says(words), "tools", weather_tool());
    let calls = parts(&harness.generate(&ask).await.json());
    let called: Vec<Value> = calls
        .iter()
        .map(|part| json!([part["functionCall"]["name"], part["functionCall"]["args"]]))
        .collect();
    assert_eq!(called, [json!(["add", {"a": 2}]), json!(["get_weather", {"city": "Ur"}])]);
    let never = json!({"functionCallingConfig": {"mode": "NONE"}});
    let got = harness.generate(&with(ask, "toolConfig", never)).await.json();
    assert_eq!(parts(&got)[0]["text"], format!("You said: {words}"));
}

#[tokio::test]
async fn modes_force_and_forbid_calls() {
    let harness = harness().await;
    let config = |mode: &str, names: Value| json!({"functionCallingConfig": {"mode": mode, "allowedFunctionNames": names}});
    let ask = |text, config| with(with(says(text), "tools", weather_tool()), "toolConfig", config);
    let got = harness.generate(&ask("Hi", config("any", json!(["add"])))).await.json();
    assert_eq!(parts(&got)[0]["functionCall"]["name"], "add");
    assert_eq!(parts(&got)[0]["functionCall"]["args"], json!({"a": 1}));
    let got = harness.generate(&ask("weather", config("NONE", json!([])))).await.json();
    assert_eq!(parts(&got)[0]["text"], "You said: weather");
}

#[tokio::test]
async fn older_models_give_calls_no_ids() {
    let ask = with(says("weather in Paris"), "tools", weather_tool());
    let older = path("gemini-2.5-flash", "generateContent");
    let got = harness().await.post(&older, KEY, &ask).await.json();
    let call = &parts(&got)[0];
    assert!(call["functionCall"].get("id").is_none() && call.get("thoughtSignature").is_none());
}

#[tokio::test]
async fn a_schema_is_filled_in() {
    let config = json!({"response_mime_type": "application/json", "response_json_schema": {
        "type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}});
    let got = harness().await.generate(&with(hello(), "generation_config", config)).await.json();
    assert_eq!(parts(&got)[0]["text"], "{\"n\":1}");
}

#[tokio::test]
async fn media_are_seen_and_made() {
    let harness = harness().await;
    let body = json!({"contents": [{"parts": [{"text": "Look"},
        {"inline_data": {"mime_type": "image/png", "data": "iVBORw0KGgo="}}]}]});
    let got = harness.generate(&body).await.json();
    assert_eq!(parts(&got)[0]["text"], "I see image/png of 8 bytes. You said: Look");
    assert_eq!(got["usageMetadata"]["promptTokenCount"], 259);
    let config = json!({"responseModalities": ["TEXT", "IMAGE"]});
    let painter = path("gemini-3.1-flash-image", "generateContent");
    let got = harness.post(&painter, KEY, &with(hello(), "generationConfig", config)).await.json();
    assert_eq!(parts(&got)[0]["inlineData"]["mimeType"], "image/png");
}

#[tokio::test]
async fn limits_stops_and_thoughts_are_honoured() {
    let harness = harness().await;
    let ask = |config: Value| with(hello(), "generationConfig", config);
    let got = harness.generate(&ask(json!({"maxOutputTokens": 3}))).await.json();
    assert_eq!(parts(&got)[0]["text"], "You said: He");
    assert_eq!(got["candidates"][0]["finishReason"], "MAX_TOKENS");
    let got = harness.stream(&ask(json!({"stopSequences": ["zebra", " good"]}))).await;
    assert_eq!(joined(&got.events()), "You said: Hello there,");
    let thinking = json!({"thinkingConfig": {"includeThoughts": true, "thinkingLevel": "low"}});
    let got = harness.generate(&ask(thinking)).await.json();
    assert_eq!(parts(&got)[0]["thought"], true);
    assert_eq!(got["usageMetadata"]["thoughtsTokenCount"], 16);
}

#[tokio::test]
async fn older_models_answer_several_times_at_once() {
    let harness = harness().await;
    let body = with(hello(), "generationConfig", json!({"candidateCount": 2}));
    let got = harness.post(&path("gemini-2.5-flash", "generateContent"), KEY, &body).await.json();
    let indices: Vec<&Value> =
        got["candidates"].as_array().unwrap().iter().map(|each| &each["index"]).collect();
    assert_eq!(indices, [0, 1]);
}

#[tokio::test]
async fn tokens_are_counted_and_texts_embedded() {
    let harness = harness().await;
    let count = |body: Value| {
        let harness = &harness;
        async move { harness.post(&path(MODEL, "countTokens"), KEY, &body).await.json() }
    };
    assert_eq!(count(hello()).await["totalTokens"], 7);
    let whole = json!({"generateContentRequest": {"model": format!("models/{MODEL}"),
        "contents": hello()["contents"], "systemInstruction": {"parts": [{"text": "Be brief"}]}}});
    assert_eq!(count(whole).await["totalTokens"], 9);

    let text = |text: &str| {
        json!({"model": "models/gemini-embedding-001",
        "content": {"parts": [{"text": text}]}, "outputDimensionality": 128})
    };
    let embed = path("gemini-embedding-001", "embedContent");
    let got = harness.post(&embed, KEY, &text("a")).await.json();
    assert_eq!(got["embedding"]["values"].as_array().unwrap().len(), 128);
    let batch = json!({"requests": [text("a"), text("b")]});
    let embed = path("gemini-embedding-001", "batchEmbedContents");
    let both = harness.post(&embed, KEY, &batch).await.json();
    assert_eq!(both["embeddings"][0], got["embedding"]);
    assert_ne!(both["embeddings"][0], both["embeddings"][1]);
    let unnamed = json!({"requests": [{"content": {"parts": [{"text": "a"}]}}]});
    assert_eq!(harness.post(&embed, KEY, &unnamed).await.status, 400);
}

#[tokio::test]
async fn long_answers_come_part_by_part() {
    let script = crate::Script::new().key(KEY, KeyPlan::Valid).long_answers(2);
    let harness = Harness::new(script).await;
    let path = "/v1beta/models/gemini-4-argon:generateContent";
    let body = with(hello(), "generationConfig", json!({"maxOutputTokens": 100}));
    let first = harness.post(path, KEY, &body).await.json();
    let candidate = &first["candidates"][0];
    assert_eq!(candidate["finishReason"], "CONTINUATION");
    let again = with(body, "continuationToken", candidate["continuationToken"].clone());
    let second = harness.post(path, KEY, &again).await.json();
    assert_eq!(second["candidates"][0]["finishReason"], "STOP");
    let said = [&first, &second].map(|part| parts(part)[0]["text"].as_str().unwrap().to_owned());
    assert_eq!(said.concat(), "You said: Hello there, good old world");
    let prompt = |part: &Value| part["usageMetadata"]["promptTokenCount"].as_u64().unwrap();
    assert!(prompt(&second) > prompt(&first), "what was said before is read again");
    let wrong = with(hello(), "continuationToken", json!("AAAA"));
    assert_eq!(harness.post(path, KEY, &wrong).await.status, 400);
}

//! The older API without messages.

use bytes::BytesMut;
use dialect::{
    DialectError,
    gemini::{self, FanOut},
    openai::{
        chat::{self, ChatContext, ChatStream, Options},
        completions,
    },
};
use serde_json::{Value, json};

use crate::{chunks, stamp};

fn ask(more: &Value) -> Result<(ChatContext, Vec<Value>), DialectError> {
    let mut body = json!({"model": "gemini-3.5-flash"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let options = Options { fan_out: true, ..Options::default() };
    let (context, bodies) = completions::translate(body.to_string().as_bytes(), &options)?;
    Ok((context, bodies.iter().map(|body| serde_json::from_slice(body).unwrap()).collect()))
}

fn answer(text: &str, reason: &str) -> Vec<u8> {
    json!({"candidates": [{"content": {"parts": [{"text": "hm", "thought": true}, {"text": text}]},
            "finishReason": reason}],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 1, "totalTokenCount": 4},
        "modelVersion": "gemini-3.5-flash", "responseId": "R"})
    .to_string()
    .into_bytes()
}

#[test]
fn a_prompt_is_a_chat_of_one_message() {
    let (context, bodies) = ask(&json!({"prompt": "Say \"hi\"", "max_tokens": 5, "stop": "\n",
        "best_of": 3, "temperature": 0.5, "logprobs": 2, "suffix": "", "user": "u"}))
    .unwrap();
    insta::assert_snapshot!(bodies[0], @r#"{"contents":[{"role":"user","parts":[{"text":"Say \"hi\""}]}],"generationConfig":{"temperature":0.5,"maxOutputTokens":5,"stopSequences":["\n"]}}"#);
    assert_eq!((context.calls(), context.dropped()), (1, ["logprobs"].as_slice()));
    let translated = chat::response(&context, &answer("hi", "MAX_TOKENS"), &mut stamp()).unwrap();
    insta::assert_snapshot!(String::from_utf8(translated.body).unwrap(), @r#"{"id":"cmpl-R","object":"text_completion","created":1790000000,"model":"gemini-3.5-flash","choices":[{"text":"hi","index":0,"logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}"#);
}

#[test]
fn streams_hold_text_only() {
    let (context, _) = ask(&json!({"prompt": "a ", "echo": true, "stream": true,
        "stream_options": {"include_usage": true}}))
    .unwrap();
    assert!(context.stream());
    let mut stream = ChatStream::new(context, stamp());
    let mut out = BytesMut::new();
    stream.event(&answer("b", ""), &mut out).unwrap();
    stream.event(&answer("\n", "STOP"), &mut out).unwrap();
    stream.finish(&mut out).unwrap();
    let told = chunks(&out);
    let texts: Vec<&str> =
        told.iter().filter_map(|chunk| chunk["choices"][0]["text"].as_str()).collect();
    assert_eq!(texts, ["a ", "b", "\n", ""]);
    insta::assert_snapshot!(std::str::from_utf8(&out).unwrap().lines().rev().take(5).collect::<Vec<_>>().join("|"), @r#"|data: [DONE]||data: {"id":"cmpl-R","object":"text_completion","created":1790000000,"model":"gemini-3.5-flash","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}|"#);
}

#[test]
fn every_prompt_has_its_choices() {
    let (context, bodies) = ask(&json!({"prompt": ["a", "b"], "n": 2, "echo": true})).unwrap();
    assert_eq!((context.calls(), bodies.len()), (4, 2));
    assert_eq!(bodies[1]["contents"][0]["parts"][0]["text"], "b");
    let answers: Vec<Vec<u8>> = ["1", "2", "3", "4"].map(|text| answer(text, "STOP")).into();
    let slices: Vec<&[u8]> = answers.iter().map(Vec::as_slice).collect();
    let merged = gemini::merge(bodies.len(), &slices).unwrap();
    let translated = chat::response(&context, &merged, &mut stamp()).unwrap();
    let body: Value = serde_json::from_slice(&translated.body).unwrap();
    let texts: Vec<&str> = body["choices"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|choice| choice["text"].as_str())
        .collect();
    assert_eq!(texts, ["a1", "a2", "b3", "b4"]);
    assert_eq!(body["usage"]["prompt_tokens"], 6);

    let mut calls = FanOut::of_prompts(2, 2);
    let mut stream = ChatStream::new(context, stamp());
    let mut out = BytesMut::new();
    for (call, answer) in answers.iter().enumerate() {
        stream.event(&calls.event(call, answer), &mut out).unwrap();
    }
    stream.finish(&mut out).unwrap();
    let mut texts = [const { String::new() }; 4];
    for chunk in &chunks(&out) {
        let choice = &chunk["choices"][0];
        if let (Some(index), Some(text)) = (choice["index"].as_u64(), choice["text"].as_str()) {
            texts[index as usize].push_str(text);
        }
    }
    assert_eq!(texts, ["a1", "a2", "b3", "b4"]);
}

#[test]
fn blocked_prompts_and_filters() {
    let (context, _) = ask(&json!({"prompt": "a"})).unwrap();
    let blocked = br#"{"promptFeedback":{"blockReason":"SAFETY"}}"#;
    let translated = chat::response(&context, blocked, &mut stamp()).unwrap();
    let body: Value = serde_json::from_slice(&translated.body).unwrap();
    assert_eq!(
        body["choices"],
        json!([{"text": "", "index": 0, "logprobs": null, "finish_reason": "content_filter"}])
    );
}

#[test]
fn mistakes_name_the_field() {
    let mistake = |more: Value| {
        let error = ask(&more).unwrap_err();
        (error.param.unwrap(), error.code.unwrap())
    };
    let pair = |param: &str, code: &'static str| (param.to_owned(), code);
    assert_eq!(mistake(json!({})), pair("prompt", "missing_required_parameter"));
    assert_eq!(mistake(json!({"prompt": ""})), pair("prompt", "invalid_value"));
    assert_eq!(mistake(json!({"prompt": []})), pair("prompt", "invalid_value"));
    assert_eq!(mistake(json!({"prompt": [1, 2]})), pair("prompt[0]", "invalid_value"));
    assert_eq!(mistake(json!({"prompt": "a", "suffix": "b"})), pair("suffix", "unsupported_value"));
    assert_eq!(mistake(json!({"prompt": "a", "n": 0})), pair("n", "invalid_value"));
    assert_eq!(mistake(json!({"prompt": ["a", "b"], "n": 5})), pair("prompt", "invalid_value"));
    assert_eq!(
        mistake(json!({"prompt": "a", "max_tokens": 0})),
        pair("max_tokens", "invalid_value")
    );
    let alone = completions::translate(br#"{"model":"m","prompt":["a","b"]}"#, &Options::default());
    assert_eq!(alone.unwrap_err().code, Some("unsupported_value"));
}

//! Several choices from models that give one a call.

use bytes::BytesMut;
use dialect::{
    gemini::{self, FanOut},
    openai::chat::{self, ChatContext, ChatStream, Options},
};
use serde_json::{Value, json};

use crate::{chunks, stamp};

fn ask(model: &str, n: i64, fan_out: bool) -> Result<(ChatContext, Value), dialect::DialectError> {
    let body = json!({"model": model, "n": n, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": "x"}]})
    .to_string();
    let options = Options { fan_out, ..Options::default() };
    let (context, upstream) =
        chat::translate(body.as_bytes(), &options)?.without_fetching(body.as_bytes())?;
    Ok((context, serde_json::from_slice(&upstream).unwrap()))
}

fn answer(text: &str, completion: u64) -> Vec<u8> {
    json!({"candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": completion,
            "totalTokenCount": 5 + completion},
        "responseId": text})
    .to_string()
    .into_bytes()
}

#[test]
fn one_call_a_choice_where_the_model_gives_one() {
    let (context, upstream) = ask("gemini-3.8-flash", 3, true).unwrap();
    assert_eq!(context.calls(), 3);
    assert_eq!(upstream.get("generationConfig"), None);
    let (context, upstream) = ask("gemini-2.5-flash", 3, true).unwrap();
    assert_eq!((context.calls(), &upstream["generationConfig"]["candidateCount"]), (1, &json!(3)));
    assert_eq!(ask("gemini-3.8-flash", 1, true).unwrap().0.calls(), 1);
    assert_eq!(ask("gemini-3.8-flash", 9, true).unwrap_err().code, Some("invalid_value"));
    assert_eq!(ask("gemini-3.8-flash", 2, false).unwrap_err().code, Some("unsupported_value"));
}

#[test]
fn whole_answers_are_numbered_and_their_usage_summed() {
    let (context, _) = ask("gemini-3.8-flash", 2, true).unwrap();
    let (first, second) = (answer("a", 2), answer("b", 3));
    let merged = gemini::merge(1, &[&first, &second]).unwrap();
    let translated = chat::response(&context, &merged, &mut stamp()).unwrap();
    let body: Value = serde_json::from_slice(&translated.body).unwrap();
    let told =
        |at: usize| (&body["choices"][at]["index"], &body["choices"][at]["message"]["content"]);
    assert_eq!(body["id"], "chatcmpl-a");
    assert_eq!((told(0), told(1)), ((&json!(0), &json!("a")), (&json!(1), &json!("b"))));
    assert_eq!(body["usage"]["prompt_tokens"], 5);
    assert_eq!(body["usage"]["completion_tokens"], 5);
}

#[test]
fn streams_are_interleaved() {
    let (context, _) = ask("gemini-3.8-flash", 2, true).unwrap();
    let mut calls = FanOut::new(context.calls());
    let mut stream = ChatStream::new(context, stamp());
    let mut out = BytesMut::new();
    for (call, text) in [(1, "b"), (0, "a"), (1, "B")] {
        let event = calls.event(call, &answer(text, 2)).into_owned();
        stream.event(&event, &mut out).unwrap();
    }
    stream.finish(&mut out).unwrap();
    let chunks = chunks(&out);
    let told: Vec<(u64, String)> = chunks
        .iter()
        .filter_map(|chunk| {
            let choice = &chunk["choices"][0];
            let told = &choice["delta"]["content"];
            let end = &choice["finish_reason"];
            let what = end.as_str().or(told.as_str().filter(|text| !text.is_empty()))?;
            Some((choice["index"].as_u64()?, what.to_owned()))
        })
        .collect();
    let expected = [(1, "b"), (0, "a"), (1, "B"), (1, "stop"), (0, "stop")];
    assert_eq!(told, expected.map(|(index, text)| (index, text.to_owned())));
    let usage = &chunks[chunks.len() - 2]["usage"];
    assert_eq!((&usage["prompt_tokens"], &usage["completion_tokens"]), (&json!(5), &json!(4)));
}

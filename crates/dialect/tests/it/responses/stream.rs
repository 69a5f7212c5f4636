//! Streamed answers.

use bytes::BytesMut;
use dialect::openai::responses::{ResponsesStream, StreamError};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::{context, events, kinds, run};
use crate::stamp;

fn event(parts: &Value) -> Value {
    json!({"candidates": [{"content": {"parts": parts}}], "responseId": "R"})
}

fn last(parts: &Value) -> Value {
    json!({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]})
}

#[test]
fn nothing_goes_out_before_there_is_something_to_say() {
    let mut stream = ResponsesStream::new(context(&json!({})), stamp());
    let mut out = BytesMut::new();
    stream
        .event(br#"{"usageMetadata":{"promptTokenCount":3},"responseId":"R"}"#, &mut out)
        .unwrap();
    stream.event(event(&json!([{"text": ""}])).to_string().as_bytes(), &mut out).unwrap();
    assert!(out.is_empty() && !stream.has_content());
    stream.event(event(&json!([{"text": "a"}])).to_string().as_bytes(), &mut out).unwrap();
    assert!(stream.has_content());
    assert_eq!(events(&out)[0]["response"]["id"], "resp_R");
    assert_eq!(stream.usage().prompt, 3);
}

#[test]
fn every_kind_of_item_has_its_events() {
    let tools = json!([{"type": "custom", "name": "sh"}, {"type": "local_shell"}]);
    let mut end = last(&json!([{"text": "ü mild."}]));
    end["candidates"][0]["groundingMetadata"] = json!({"webSearchQueries": ["q"],
        "groundingChunks": [{"web": {"uri": "u", "title": "t"}}],
        "groundingSupports": [{"segment": {"endIndex": 9, "text": "ü mild."}, "groundingChunkIndices": [0]}]});
    let upstream = [
        event(&json!([{"text": "**A**\n\na\n\n\n**B**\n\nb", "thought": true}])),
        event(&json!([{"text": "more", "thought": true}])),
        event(
            &json!([{"functionCall": {"id": "x", "name": "sh", "args": {"input": "ls"}}, "thoughtSignature": "s"},
                      {"functionCall": {"id": "y", "name": "local_shell", "args": {"command": ["ls"]}}}]),
        ),
        event(&json!([{"executableCode": {"code": "1"}}])),
        event(
            &json!([{"codeExecutionResult": {"output": "1"}}, {"inlineData": {"mimeType": "image/png", "data": "AA"}}]),
        ),
        event(&json!([{"text": "Wärme: "}])),
        end,
    ];
    let events = run(context(&json!({"tools": tools, "store": false})), &upstream).unwrap();
    assert_json_snapshot!(kinds(&events));
    let ended = &events.last().unwrap()["response"];
    assert_json_snapshot!(ended["output"]);
    check_accumulates(&events);
}

/// What a client puts together from the events is what the last one says.
pub(crate) fn check_accumulates(events: &[Value]) {
    let mut items: Vec<Value> = Vec::new();
    for event in events {
        let index = event["output_index"].as_u64().map(|index| index as usize);
        match (event["type"].as_str().unwrap(), index) {
            ("response.output_item.added", Some(index)) => {
                assert_eq!(index, items.len());
                assert_eq!(event["item"]["status"], "in_progress");
                items.push(event["item"].clone());
            }
            ("response.output_item.done", Some(index)) => {
                assert_eq!(items[index]["id"], event["item"]["id"]);
                assert_eq!(items[index]["call_id"], event["item"]["call_id"]);
                items[index] = event["item"].clone();
            }
            (_, Some(index)) => assert_eq!(items[index]["id"], event["item_id"]),
            (_, None) => {}
        }
    }
    let end = &events.last().unwrap()["response"];
    assert_eq!(end["output"].as_array().unwrap(), &items);
}

#[test]
fn probabilities_ride_with_their_text() {
    let mut only = last(&json!([{"text": "a"}]));
    only["candidates"][0]["logprobsResult"] =
        json!({"chosenCandidates": [{"token": "a", "logProbability": -1.5}]});
    let events = run(context(&json!({})), &[only]).unwrap();
    let delta = events.iter().find(|event| event["type"] == "response.output_text.delta").unwrap();
    assert_eq!(delta["logprobs"][0]["logprob"], -1.5);
    let output = &events.last().unwrap()["response"]["output"];
    assert_eq!(output[0]["content"][0]["logprobs"][0]["token"], "a");
}

#[test]
fn refusals_have_events_of_their_own() {
    let blocked = json!({"promptFeedback": {"blockReason": "SAFETY"}});
    let events = run(context(&json!({})), &[blocked]).unwrap();
    assert_eq!(
        kinds(&events),
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.refusal.delta",
            "response.refusal.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.incomplete"
        ]
    );
    check_accumulates(&events);
}

#[test]
fn a_stream_that_breaks_never_ends_cleanly() {
    let truncated = run(context(&json!({})), &[event(&json!([{"text": "a"}]))]);
    assert!(matches!(truncated, Err(StreamError::Truncated)));
    let empty = run(context(&json!({})), &[json!({"candidates": [{"finishReason": "OTHER"}]})]);
    assert!(matches!(empty, Err(StreamError::Empty)));

    let mut stream = ResponsesStream::new(context(&json!({})), stamp());
    let mut out = BytesMut::new();
    stream.event(event(&json!([{"text": "a"}])).to_string().as_bytes(), &mut out).unwrap();
    let error = stream.event(br#"{"error":{"code":429,"message":"m"}}"#, &mut out).unwrap_err();
    stream.fail(&error, &mut out);
    let told = events(&out).pop().unwrap();
    assert_eq!(
        (&told["type"], &told["response"]["status"]),
        (&json!("response.failed"), &json!("failed"))
    );
    assert_eq!(told["response"]["error"]["code"], "rate_limit_exceeded");
    assert_eq!(told["response"]["output"][0]["status"], "incomplete");
    assert_eq!(serde_json::from_slice::<Value>(stream.object()).unwrap(), told["response"]);

    let mut early = ResponsesStream::new(context(&json!({})), stamp());
    let mut out = BytesMut::new();
    let long = "The input token count (9) exceeds the maximum number of tokens allowed (8).";
    let error = json!({"error": {"code": 400, "message": long}}).to_string();
    let error = early.event(error.as_bytes(), &mut out).unwrap_err();
    early.fail(&error, &mut out);
    let all = events(&out);
    assert_eq!(kinds(&all), ["response.created", "response.in_progress", "response.failed"]);
    assert_eq!(all[2]["response"]["error"]["code"], "context_length_exceeded");
}

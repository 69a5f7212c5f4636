//! Responses that nobody waits for.

use bytes::BytesMut;
use dialect::openai::responses::{
    self, Earlier, ResponsesContext, ResponsesStream, StoredResponse, ThoughtSignatures, ToldEvent,
};
use serde_json::{Value, json};

use super::{body, context, events, kinds, parts};
use crate::stamp;

fn asked() -> ResponsesContext {
    let context = context(&json!({"background": true})).known_as("B".into(), 7);
    assert!(context.background() && context.store());
    context
}

/// A response that has just been asked for, as the store gives it back.
fn queued() -> StoredResponse {
    let request = body(&json!({"background": true})).to_string();
    let object = responses::queued(&asked());
    let none = ThoughtSignatures::default();
    let stored =
        StoredResponse::new(request.as_bytes(), &object, &none, Earlier::default()).unwrap();
    kept(&stored)
}

fn kept(stored: &StoredResponse) -> StoredResponse {
    serde_json::from_str(&serde_json::to_string(stored).unwrap()).unwrap()
}

fn object(stored: &StoredResponse) -> Value {
    serde_json::from_str(stored.response()).unwrap()
}

fn data(event: &Value) -> ToldEvent {
    ToldEvent::read(event.to_string().as_bytes()).unwrap()
}

/// Everything that is told of a response which answers "x".
fn whole_stream() -> BytesMut {
    let mut out = BytesMut::new();
    for event in responses::told_queued(queued().response()) {
        event.write(&mut out);
    }
    let mut stream = ResponsesStream::new(asked(), stamp());
    let answer = parts(&json!([{"text": "x"}]));
    stream.event(answer.to_string().as_bytes(), &mut out).unwrap();
    stream.finish(9, &mut out).unwrap();
    out
}

#[test]
fn a_queued_response_has_an_object() {
    let stored = queued();
    let object = object(&stored);
    assert_eq!(
        (&object["id"], &object["status"], &object["created_at"], &object["background"]),
        (&json!("resp_B"), &json!("queued"), &json!(7), &json!(true))
    );
    assert!(stored.is_running() && stored.is_background());
}

#[test]
fn it_ends_in_more_than_one_way_and_stays_itself() {
    let stored = queued();
    for (ended, status, error) in [
        (stored.cancelled(), "cancelled", Value::Null),
        (
            stored.failed("server_error", "m"),
            "failed",
            json!({"code": "server_error", "message": "m"}),
        ),
    ] {
        assert!(!ended.is_running() && ended.is_background());
        let ended = object(&kept(&ended));
        assert_eq!((&ended["status"], &ended["error"]), (&json!(status), &error));
        let mut before = object(&stored);
        before["status"] = json!(status);
        before["error"] = error;
        assert_eq!(ended, before);
    }
}

#[test]
fn events_are_numbered_through_and_told_again_as_they_were() {
    let out = whole_stream();
    let told = events(&out);
    assert_eq!(
        kinds(&told)[..4],
        [
            "response.created",
            "response.queued",
            "response.in_progress",
            "response.output_item.added"
        ]
    );
    let last = told.last().unwrap();
    assert_eq!(last["type"], "response.completed");
    let read: Vec<ToldEvent> = told.iter().map(data).collect();
    assert_eq!(read.iter().filter(|event| event.progress().is_some()).count(), 1);
    assert_eq!(read.iter().position(|event| event.end().is_some()), Some(read.len() - 1));

    let ended = queued().answered(last["response"].to_string().as_bytes()).unwrap();
    let ended = kept(&ended.told(read));
    assert_eq!(object(&ended), last["response"]);
    assert_eq!(ended.stream(None), out);
    for after in 0..told.len() {
        let text = String::from_utf8(ended.stream(Some(after as u64)).to_vec()).unwrap();
        let again = text.split_terminator("\n\n").count();
        assert_eq!(again, told.len() - after - 1, "{after}");
        assert!(std::str::from_utf8(&out).unwrap().ends_with(&text));
    }
    assert!(ended.stream(Some(u64::MAX)).is_empty());
}

#[test]
fn a_stream_that_was_not_kept_has_a_beginning_and_an_end() {
    let failed = queued().failed("server_error", "m");
    let told = events(&failed.stream(None));
    assert_eq!(kinds(&told), ["response.created", "response.failed"]);
    assert_eq!(told[0]["response"]["status"], "in_progress");
    assert_eq!(told[1]["response"], object(&failed));
    let text = String::from_utf8(failed.stream(Some(41)).to_vec()).unwrap();
    assert!(text.starts_with("event: response.failed\n"), "{text}");
    assert!(text.contains(r#""sequence_number":42"#), "{text}");
}

#[test]
fn a_stream_ends_with_the_event_that_fits() {
    for (status, kind) in [
        ("completed", "response.completed"),
        ("incomplete", "response.incomplete"),
        ("failed", "response.failed"),
        ("cancelled", "response.failed"),
    ] {
        let mut response = object(&queued());
        response["status"] = json!(status);
        let ended = queued().answered(response.to_string().as_bytes()).unwrap();
        let mut out = BytesMut::new();
        ToldEvent::ending(&ended, 3).unwrap().write(&mut out);
        assert!(out.starts_with(format!("event: {kind}\n").as_bytes()), "{status}");
    }
    assert!(ToldEvent::read(b"{}").is_none() && ToldEvent::read(b"x").is_none());
}

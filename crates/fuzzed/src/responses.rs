//! OpenAI's Responses.

use bytes::{Bytes, BytesMut};
use dialect::openai::responses::{
    self, Earlier, Page, ResponsesContext, ResponsesStream, StoredResponse, ThoughtSignatures,
};
use serde_json::{Value, value::RawValue};

use crate::{
    delivery::{check_cuts, named_events},
    stamp,
    upstream::{check_mistake, check_request},
};

/// A request becomes one for Gemini, or the client is told why not; and what was asked can be kept
/// and gone on from.
pub(crate) fn request(body: &[u8]) {
    if let Ok((_, upstream)) =
        responses::input_tokens(body, Earlier::default(), &responses::Options::default())
            .and_then(|translated| translated.without_fetching(body))
    {
        serde_json::from_slice::<Value>(&upstream).unwrap();
    }
    let (context, upstream) = match responses::request(body, Earlier::default()) {
        Ok(translated) => translated,
        Err(mistake) => return check_mistake(&mistake),
    };
    check_request(body, &upstream);
    let object = responses::queued(&context);
    let none = ThoughtSignatures::default();
    let queued = StoredResponse::new(body, &object, &none, Earlier::default()).unwrap();
    assert!(queued.is_running());
    let kept = queued.failed("server_error", "m");
    assert_eq!(kept.status(), "failed");
    assert!(named_events(&kept.stream(None)).all(|event| event["response"].is_object()));
    let page = Page::read(None, None, None).unwrap();
    // Halves of characters stay as the client wrote them.
    serde_json::from_slice::<&RawValue>(&responses::input_items(&kept, &page)).unwrap();
    go_on(kept);
}

/// A further request, behind what was kept.
fn go_on(kept: StoredResponse) {
    let body = serde_json::json!({
        "model": "gemini-3.8-flash", "input": "Go on", "previous_response_id": kept.id()
    });
    let chain = [kept];
    let earlier = Earlier { chain: &chain, referenced: &[] };
    match responses::request(body.to_string().as_bytes(), earlier) {
        Ok((_, upstream)) => drop(serde_json::from_slice::<Value>(&upstream).unwrap()),
        Err(mistake) => check_mistake(&mistake),
    }
}

const PLAIN: &str = r#"{"model":"gemini-3.8-flash","input":"Hi","store":false}"#;

const RICH: &str = r#"{"model":"gemini-3.8-flash","stream":true,"input":"Hi",
    "include":["reasoning.encrypted_content"],"reasoning":{"summary":"auto"},
    "tools":[{"type":"web_search"},{"type":"function","name":"f","parameters":{"type":"object"}},
        {"type":"custom","name":"g"}]}"#;

fn context(choice: u8) -> ResponsesContext {
    let body = [PLAIN, RICH][usize::from(choice % 2)];
    responses::request(body.as_bytes(), Earlier::default()).unwrap().0
}

/// Any events become events of a response, however they are cut, and end with its object.
pub(crate) fn stream(input: &[u8]) {
    let told = |choice, events: &[Bytes]| translate(context(choice), events);
    let Some((choice, events)) = check_cuts(input, told) else { return };
    for event in &events {
        if let Ok(answer) = responses::response(&context(choice), event, &mut stamp(), 1) {
            let answer: Value = serde_json::from_slice(&answer.body).unwrap();
            assert!(answer["output"].is_array() && answer["status"].is_string());
        }
    }
}

fn translate(context: ResponsesContext, events: &[Bytes]) -> BytesMut {
    let mut stream = ResponsesStream::new(context, stamp());
    let mut out = BytesMut::new();
    let fed = events.iter().try_for_each(|event| stream.event(event, &mut out).map(drop));
    let ended = fed.and_then(|()| stream.finish(1, &mut out));
    if let Err(error) = &ended {
        stream.fail(error, &mut out);
    }
    check_events(&out, ended.is_ok());
    serde_json::from_slice::<Value>(stream.object()).unwrap();
    out
}

/// Events are numbered, items come one after the other, and the last event tells the whole.
fn check_events(out: &[u8], ended: bool) {
    let (mut items, mut last) = (0_u64, Value::Null);
    for (number, data) in named_events(out).enumerate() {
        assert_eq!(data["sequence_number"], number);
        if data["type"] == "response.output_item.added" {
            assert_eq!(data["output_index"], items);
            items += 1;
        }
        last = data;
    }
    assert_eq!(last["type"] != "response.failed", ended);
    assert_eq!(last["response"]["output"].as_array().unwrap().len() as u64, items);
}

//! OpenAI's chat completions, and the older completions.

use bytes::{Bytes, BytesMut};
use dialect::openai::{
    chat::{self, ChatContext, ChatStream, Options},
    completions,
};
use serde_json::Value;

use crate::{
    delivery::check_cuts,
    stamp,
    upstream::{check_mistake, check_request},
};

/// A request becomes one for Gemini, or the client is told why not.
pub(crate) fn request(body: &[u8]) {
    let unusual =
        Options { hide_thoughts: true, hoist_system: true, fan_out: true, ..Options::default() };
    for options in [Options::default(), unusual] {
        let translated = chat::translate(body, &options);
        match translated.and_then(|translated| translated.without_fetching(body)) {
            Ok((_, upstream)) => check_request(body, &upstream),
            Err(mistake) => check_mistake(&mistake),
        }
        match completions::translate(body, &options) {
            Ok((_, bodies)) => bodies.iter().for_each(|upstream| check_request(body, upstream)),
            Err(mistake) => check_mistake(&mistake),
        }
    }
}

const PLAIN: &str = r#"{"model":"gemini-3.8-flash","messages":[{"role":"user","content":"Hi"}]}"#;

const RICH: &str = r#"{"model":"gemini-3.8-flash","stream":true,"n":2,"logprobs":true,
    "stream_options":{"include_usage":true},"web_search_options":{},
    "messages":[{"role":"user","content":"Hi"}],
    "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]}"#;

const TEXT: &str = r#"{"model":"gemini-3.8-flash","stream":true,"prompt":"Hi","echo":true}"#;

fn context(choice: u8) -> ChatContext {
    let options = Options { fan_out: true, ..Options::default() };
    let body = match choice % 3 {
        0 => PLAIN,
        1 => RICH,
        _ => return completions::translate(TEXT.as_bytes(), &options).unwrap().0,
    };
    let translated = chat::translate(body.as_bytes(), &options).unwrap();
    translated.ready().unwrap().0
}

/// Any events become chunks, however they are cut, and end properly or with an error.
pub(crate) fn stream(input: &[u8]) {
    let told = |choice, events: &[Bytes]| translate(context(choice), events);
    let Some((choice, events)) = check_cuts(input, told) else { return };
    for event in &events {
        if let Ok(answer) = chat::response(&context(choice), event, &mut stamp()) {
            let answer: Value = serde_json::from_slice(&answer.body).unwrap();
            assert!(!answer["choices"].as_array().unwrap().is_empty());
        }
    }
}

fn translate(context: ChatContext, events: &[Bytes]) -> BytesMut {
    let mut stream = ChatStream::new(context, stamp());
    let mut out = BytesMut::new();
    let fed = events.iter().try_for_each(|event| stream.event(event, &mut out).map(drop));
    let ended = fed.and_then(|()| stream.finish(&mut out));
    if let Err(error) = &ended {
        stream.fail(error, &mut out);
    }
    check_chunks(&out, ended.is_ok());
    out
}

fn check_chunks(out: &[u8], ended: bool) {
    let text = std::str::from_utf8(out).unwrap();
    let mut chunks: Vec<&str> =
        text.split_terminator("\n\n").map(|event| event.strip_prefix("data: ").unwrap()).collect();
    let last = chunks.pop().unwrap();
    if ended {
        assert_eq!(last, "[DONE]");
    } else {
        let error: Value = serde_json::from_str(last).unwrap();
        assert!(error["error"]["message"].is_string());
    }
    let mut ids = Vec::new();
    for chunk in chunks {
        let chunk: Value = serde_json::from_str(chunk).unwrap();
        assert!(chunk["choices"].is_array());
        ids.push(chunk["id"].as_str().unwrap().to_owned());
    }
    ids.dedup();
    assert!(ids.len() <= 1);
}

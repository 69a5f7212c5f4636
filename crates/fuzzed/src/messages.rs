//! Anthropic's Messages, and their token counts.

use bytes::{Bytes, BytesMut};
use dialect::anthropic::{
    Aliases, count_tokens,
    messages::{self, MessagesContext, MessagesStream, Options},
};
use serde_json::Value;

use crate::{
    delivery::{check_cuts, named_events},
    stamp,
    upstream::{check_mistake, check_request},
};

/// A request becomes one for Gemini, or the client is told why not.
pub(crate) fn request(body: &[u8]) {
    let aliases = Aliases::default();
    let recall = |_: &str, generation: &str| Some(format!("c2lnbmF0dXJl{}", generation.len()));
    let remembering = Options { recall: Some(&recall), ..Options::new(&aliases) };
    for options in [Options::new(&aliases), remembering] {
        match messages::request(body, &options) {
            Ok((_, upstream)) => check_request(body, &upstream),
            Err(mistake) => check_mistake(&mistake),
        }
    }
    match count_tokens::request(body, &Options::new(&aliases)) {
        Ok((_, upstream)) => {
            let upstream: Value = serde_json::from_slice(&upstream).unwrap();
            assert!(upstream["generateContentRequest"]["contents"].is_array());
        }
        Err(mistake) => check_mistake(&mistake),
    }
}

const PLAIN: &str = r#"{"model":"gemini-3.8-flash","max_tokens":9,
    "messages":[{"role":"user","content":"Hi"}]}"#;

const RICH: &str = r#"{"model":"gemini-3.8-flash","max_tokens":9,"stream":true,
    "thinking":{"type":"adaptive"},"messages":[{"role":"user","content":"Hi"}],
    "tools":[{"type":"web_search_20250305","name":"web_search"},
        {"name":"f","input_schema":{"type":"object"}}]}"#;

const SINGLE_CALL: &str = r#"{"model":"gemini-2.5-flash","max_tokens":9,"stream":true,
    "messages":[{"role":"user","content":"Hi"}],
    "tools":[{"name":"f","input_schema":{"type":"object"}}],
    "tool_choice":{"type":"any","disable_parallel_tool_use":true}}"#;

fn context(choice: u8) -> MessagesContext {
    let body = [PLAIN, RICH, SINGLE_CALL][usize::from(choice % 3)];
    messages::request(body.as_bytes(), &Options::new(&Aliases::default())).unwrap().0
}

/// Any events become events of a message, however they are cut, and end properly or with an error.
pub(crate) fn stream(input: &[u8]) {
    let told = |choice, events: &[Bytes]| translate(context(choice), events);
    let Some((choice, events)) = check_cuts(input, told) else { return };
    for event in &events {
        if let Ok(answer) = messages::response(&context(choice), event, &mut stamp()) {
            let answer: Value = serde_json::from_slice(&answer.body).unwrap();
            assert!(answer["stop_reason"].is_string() && answer["content"].is_array());
        }
    }
}

fn translate(context: MessagesContext, events: &[Bytes]) -> BytesMut {
    let mut stream = MessagesStream::new(context, stamp());
    let mut out = BytesMut::new();
    let fed = events.iter().try_for_each(|event| stream.event(event, &mut out).map(drop));
    let ended = fed.and_then(|()| stream.finish(&mut out));
    if let Err(error) = &ended {
        stream.fail(error, Some("req_1"), &mut out);
    }
    check_events(&out, ended.is_ok());
    out
}

/// A message begins, its blocks come one after the other, and it stops; or an error ends it.
fn check_events(out: &[u8], ended: bool) {
    let (mut blocks, mut open, mut last) = (0_u64, false, String::new());
    for data in named_events(out) {
        let kind = data["type"].as_str().unwrap();
        assert_eq!(kind == "message_start" || kind == "error" && last.is_empty(), last.is_empty());
        match kind {
            "message_start" | "error" => {}
            "content_block_start" => {
                assert!(!open && data["index"] == blocks);
                open = true;
            }
            "content_block_delta" => assert!(open && data["index"] == blocks),
            "content_block_stop" => {
                assert!(open && data["index"] == blocks);
                (open, blocks) = (false, blocks + 1);
            }
            "message_delta" => assert!(!open && data["delta"]["stop_reason"].is_string()),
            other => assert_eq!((other, last.as_str()), ("message_stop", "message_delta")),
        }
        kind.clone_into(&mut last);
    }
    assert_eq!(last, if ended { "message_stop" } else { "error" });
}

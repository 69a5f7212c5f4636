//! Every answer of the worked cases and of the captures, through every dialect: what comes out is
//! what went in, whole and streamed, however the stream is cut.

mod held;
pub(crate) mod through;

use serde_json::{Value, json};

use crate::sources::{Source, decode, sources};
use held::{Held, Protocol, expected};

/// How the client of one dialect gets an answer.
struct Way {
    protocol: Protocol,
    /// A whole answer; `None`: the client is told of a failure.
    whole: fn(&[u8]) -> Option<Value>,
    /// A stream, put together; `None`: the client is told of a failure.
    streamed: fn(&[bytes::Bytes]) -> through::Streamed,
    read: fn(&Value) -> Held,
}

const WAYS: [Way; 3] = [
    Way {
        protocol: Protocol::Chat,
        whole: through::chat,
        streamed: through::chat_stream,
        read: Held::of_chat,
    },
    Way {
        protocol: Protocol::Messages,
        whole: through::message,
        streamed: through::message_stream,
        read: Held::of_message,
    },
    Way {
        protocol: Protocol::Responses,
        whole: through::response,
        streamed: through::response_stream,
        read: Held::of_response,
    },
];

/// What the client of this dialect should find in the answer.
fn wanted(source: &Source, protocol: Protocol) -> Option<Held> {
    let events = source.events();
    let events: Result<Vec<Value>, _> =
        events.iter().map(|event| serde_json::from_slice(event)).collect();
    let mut held = expected(&events.ok()?, protocol)?;
    if protocol == Protocol::Messages {
        held.usage[2] = 0;
    }
    Some(held)
}

#[test]
fn whole_answers_keep_everything() {
    for source in sources().iter().filter(|source| !source.streamed) {
        for way in &WAYS {
            let told = (way.whole)(&source.body).map(|told| (way.read)(&told));
            let what = format!("{} as {:?}", source.name, way.protocol);
            assert_eq!(told, wanted(source, way.protocol), "{what}");
        }
    }
}

/// A whole answer is streamed as one event.
#[test]
fn streamed_answers_keep_everything() {
    for source in &sources() {
        for way in &WAYS {
            let (_, told) = (way.streamed)(&source.events());
            let told = told.map(|told| (way.read)(&told));
            let what = format!("{} as {:?}", source.name, way.protocol);
            assert_eq!(told, wanted(source, way.protocol), "{what}");
        }
    }
}

/// Streams that are joined into a whole answer, as for a client that wants no stream.
#[test]
fn joined_streams_keep_everything() {
    for source in sources().iter().filter(|source| source.streamed) {
        let mut joined = dialect::gemini::WholeAnswer::default();
        let taken = source.events().iter().try_for_each(|event| joined.event(event));
        let whole = taken.and_then(|()| joined.finish()).ok();
        for way in &WAYS {
            let told = whole.as_ref().and_then(|body| (way.whole)(body));
            let told = told.map(|told| (way.read)(&told));
            let what = format!("{} as {:?}", source.name, way.protocol);
            assert_eq!(told, wanted(source, way.protocol), "{what}");
        }
    }
}

/// Gemini's own clients get Google's bytes. What the gateway notes of them is what they say.
#[test]
fn what_is_noted_of_answers_that_pass_through_is_what_they_say() {
    for source in &sources() {
        for event in source.events() {
            let observed = dialect::gemini::observe(&event);
            let Ok(read) = serde_json::from_slice::<Value>(&event) else {
                assert!(observed.malformed, "{}", source.name);
                continue;
            };
            let candidate = &read["candidates"][0];
            let count = |name: &str| read["usageMetadata"][name].as_u64().unwrap_or(0);
            let usage = observed.usage.unwrap_or_default();
            let name = &source.name;
            assert_eq!(observed.error.is_some(), read.get("error").is_some(), "{name}");
            assert_eq!(json!(observed.finish_reason), candidate["finishReason"], "{name}");
            assert_eq!(json!(observed.model_version), read["modelVersion"], "{name}");
            assert_eq!(usage.prompt, count("promptTokenCount"), "{name}");
            let visible = read["usageMetadata"]["candidatesTokenCount"].as_u64();
            assert!(visible.is_none_or(|visible| usage.completion == visible), "{name}");
            assert_eq!(usage.thoughts, count("thoughtsTokenCount"), "{name}");
            assert_eq!(usage.total, count("totalTokenCount"), "{name}");
        }
    }
}

#[test]
fn streams_come_out_the_same_however_they_are_cut() {
    for source in sources().iter().filter(|source| source.streamed) {
        let whole = source.events();
        for cut in 1..source.body.len() {
            let (before, after) = source.body.split_at(cut);
            // Translators see events only: the same events are the same answer.
            assert!(decode(&[before, after]) == whole, "{} cut at {cut}", source.name);
        }
        let bytes: Vec<&[u8]> = source.body.chunks(1).collect();
        let bytewise = decode(&bytes);
        for way in &WAYS {
            let what = format!("{} as {:?}", source.name, way.protocol);
            assert_eq!((way.streamed)(&bytewise), (way.streamed)(&whole), "{what}");
        }
    }
}

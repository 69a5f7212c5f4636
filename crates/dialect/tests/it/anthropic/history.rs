//! Whatever the history, nothing of it is lost.

use dialect::anthropic::{
    Aliases,
    messages::{self, Options},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::plain;
use crate::conversation::{
    Document, Form, Manners, Medium, MediumKind, Reply, Said, Turn, told, turns,
};

const MANNERS: Manners =
    Manners { missing_results: false, failed_results: true, calls_first: true };

fn messages(turns: &[Turn]) -> Vec<Value> {
    let mut messages = Vec::new();
    for (number, turn) in turns.iter().enumerate() {
        match turn {
            Turn::System(text) => messages.push(json!({"role": "system", "content": text})),
            Turn::User(said) => messages.push(json!({"role": "user", "content": blocks(said)})),
            Turn::Assistant(reply) => {
                messages.push(json!({"role": "assistant", "content": assistant(reply, number)}));
                let results = reply.results(number).into_iter().map(|(id, call, said)| {
                    json!({"type": "tool_result", "tool_use_id": id, "is_error": call.failed,
                        "content": blocks(said)})
                });
                let results: Vec<Value> = results.collect();
                if !results.is_empty() {
                    messages.push(json!({"role": "user", "content": results}));
                }
            }
        }
    }
    messages
}

fn assistant(reply: &Reply, number: usize) -> Vec<Value> {
    let calls = reply.calls(number).map(
        |(id, made)| json!({"type": "tool_use", "id": id, "name": "f", "input": made.arguments()}),
    );
    let said = reply.text.iter().map(text).chain(reply.picture.map(medium));
    if reply.calls_first { calls.chain(said).collect() } else { said.chain(calls).collect() }
}

fn blocks(said: &[Said]) -> Vec<Value> {
    let block = |said: &Said| match said {
        Said::Text(said) => text(said),
        Said::Medium(said) => medium(*said),
        Said::Document(said) => document(said),
    };
    said.iter().map(block).collect()
}

fn text(text: &String) -> Value {
    json!({"type": "text", "text": text})
}

fn medium(medium: Medium) -> Value {
    let kind = match medium.kind {
        MediumKind::Picture | MediumKind::Web | MediumKind::File => "image",
        _ => "document",
    };
    let source = match medium.kind {
        MediumKind::Web | MediumKind::Clip => json!({"type": "url", "url": medium.url()}),
        MediumKind::File => json!({"type": "file", "file_id": medium.file_id()}),
        _ => json!({"type": "base64", "media_type": medium.mime(), "data": medium.data()}),
    };
    json!({"type": kind, "source": source})
}

fn document(said: &Document) -> Value {
    let source = match said.form {
        Form::Text => json!({"type": "text", "media_type": "text/plain", "data": said.body}),
        Form::Content => json!({"type": "content", "content": said.body}),
        Form::Blocks => {
            let inside: Vec<Value> =
                std::iter::once(text(&said.body)).chain(said.picture.map(medium)).collect();
            json!({"type": "content", "content": inside})
        }
        Form::SearchResult => {
            return json!({"type": "search_result", "title": said.title, "source": said.context,
                "content": [text(&said.body)]});
        }
    };
    json!({"type": "document", "title": said.title, "context": said.context, "source": source})
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_is_there_in_order(turns in turns(MANNERS)) {
        let body = plain(&json!({"messages": messages(&turns)})).to_string();
        let aliases = Aliases::default();
        let upstream = told::translated(|media| {
            messages::translate(body.as_bytes(), &Options { media, ..Options::new(&aliases) })
        });
        told::check_order(&upstream);
        prop_assert_eq!(told::read(&upstream), told::expected(&turns, true));
    }
}

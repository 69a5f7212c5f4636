//! Whatever a history holds reaches Gemini, in its order.

use dialect::openai::chat::{self, Options};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::conversation::{Call, Manners, Medium, MediumKind, Reply, Said, Turn, told, turns};

const MANNERS: Manners =
    Manners { missing_results: true, failed_results: false, calls_first: false };

fn messages(turns: &[Turn]) -> Vec<Value> {
    let mut messages = Vec::new();
    for (number, turn) in turns.iter().enumerate() {
        match turn {
            Turn::System(text) => messages.push(json!({"role": "system", "content": text})),
            Turn::User(said) => messages.push(json!({"role": "user", "content": parts(said)})),
            Turn::Assistant(reply) => {
                messages.push(assistant(reply, number));
                let results = reply.results(number).into_iter().map(|(id, _, said)| {
                    json!({"role": "tool", "tool_call_id": id, "content": parts(said)})
                });
                messages.extend(results);
            }
        }
    }
    messages
}

fn assistant(reply: &Reply, number: usize) -> Value {
    let mut message = json!({"role": "assistant", "content": reply.text});
    if let Some(picture) = reply.picture {
        message["images"] = json!([medium(picture)]);
    }
    let calls: Vec<Value> = reply.calls(number).map(|(id, made)| call(&id, made)).collect();
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    message
}

fn call(id: &str, made: &Call) -> Value {
    if made.custom {
        return json!({"id": id, "type": "custom", "custom": {"name": "g", "input": made.asks}});
    }
    let arguments = made.arguments().to_string();
    json!({"id": id, "type": "function", "function": {"name": "f", "arguments": arguments}})
}

fn parts(said: &[Said]) -> Vec<Value> {
    let text = |text: &String| json!({"type": "text", "text": text});
    let parts = said.iter().flat_map(|said| match said {
        Said::Text(said) => vec![text(said)],
        Said::Medium(said) => vec![medium(*said)],
        Said::Document(document) => {
            let texts = document.texts().map(text).into_iter();
            texts.chain(document.picture.map(medium)).collect()
        }
    });
    parts.collect()
}

fn medium(medium: Medium) -> Value {
    let odd = medium.number % 2 == 1;
    match medium.kind {
        MediumKind::Picture => {
            json!({"type": "image_url", "image_url": {"url": medium.data_url()}})
        }
        MediumKind::Web => json!({"type": "image_url", "image_url": {"url": medium.url()}}),
        MediumKind::Pdf if odd => {
            json!({"type": "file", "file": {"file_data": medium.data(), "filename": "a.pdf"}})
        }
        MediumKind::Pdf => json!({"type": "file", "file": {"file_data": medium.data_url()}}),
        MediumKind::Sound => {
            json!({"type": "input_audio", "input_audio": {"data": medium.data(), "format": "wav"}})
        }
        MediumKind::Film => json!({"type": "video_url", "video_url": {"url": medium.data_url()}}),
        MediumKind::Clip => json!({"type": "video_url", "video_url": {"url": medium.url()}}),
        MediumKind::File => json!({"type": "file", "file": {"file_id": medium.file_id()}}),
    }
}

fn translate(model: &str, turns: &[Turn]) -> Value {
    let body = json!({"model": model, "messages": messages(turns)}).to_string();
    told::translated(|media| {
        chat::translate(body.as_bytes(), &Options { media, ..Options::default() })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keeps_everything_in_order(turns in turns(MANNERS)) {
        let upstream = translate("gemini-3.8-flash", &turns);
        told::check_order(&upstream);
        prop_assert_eq!(told::read(&upstream), told::expected(&turns, true));
    }

    #[test]
    fn older_models_get_media_behind_results(turns in turns(MANNERS)) {
        let upstream = translate("gemini-2.5-flash", &turns);
        prop_assert_eq!(told::read(&upstream), told::expected(&turns, false));
    }
}

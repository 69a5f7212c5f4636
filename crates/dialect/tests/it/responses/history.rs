//! Whatever the history, nothing of it is lost.

use dialect::openai::responses::{self, Earlier, Options};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::body;
use crate::conversation::{Call, Manners, Medium, MediumKind, Reply, Said, Turn, told, turns};

const MANNERS: Manners =
    Manners { missing_results: false, failed_results: false, calls_first: true };

fn items(turns: &[Turn]) -> Vec<Value> {
    let mut items = Vec::new();
    for (number, turn) in turns.iter().enumerate() {
        match turn {
            Turn::System(text) => items.push(json!({"role": "developer", "content": text})),
            Turn::User(said) => items.push(json!({"role": "user", "content": parts(said)})),
            Turn::Assistant(reply) => assistant(reply, number, &mut items),
        }
    }
    items
}

fn assistant(reply: &Reply, number: usize, items: &mut Vec<Value>) {
    items.push(json!({"type": "reasoning", "id": "r", "summary": []}));
    let calls = reply.calls(number).map(|(id, made)| call(&id, made));
    let text = reply.text.iter().map(|text| {
        json!({"type": "message", "role": "assistant",
            "content": [{"type": "output_text", "text": text}]})
    });
    let picture = reply.picture.iter().map(
        |picture| json!({"type": "image_generation_call", "id": "ig", "result": picture.data()}),
    );
    let said = text.chain(picture);
    if reply.calls_first {
        items.extend(calls.chain(said));
    } else {
        items.extend(said.chain(calls));
    }
    items.extend(reply.results(number).into_iter().map(|(id, call, said)| {
        let kind = if call.custom { "custom_tool_call_output" } else { "function_call_output" };
        json!({"type": kind, "call_id": id, "output": output(said)})
    }));
}

fn call(id: &str, made: &Call) -> Value {
    if made.custom {
        return json!({"type": "custom_tool_call", "call_id": id, "name": "g", "input": made.asks});
    }
    let arguments = made.arguments().to_string();
    json!({"type": "function_call", "call_id": id, "name": "f", "arguments": arguments})
}

/// Texts alone are sent as such.
fn output(said: &[Said]) -> Value {
    match said {
        [] => "".into(),
        [Said::Text(text)] => text.as_str().into(),
        said => parts(said).into(),
    }
}

fn parts(said: &[Said]) -> Vec<Value> {
    let text = |text: &String| json!({"type": "input_text", "text": text});
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
        MediumKind::Picture => json!({"type": "input_image", "image_url": medium.data_url()}),
        MediumKind::Web if odd => json!({"type": "input_file", "file_url": medium.url()}),
        MediumKind::Web => json!({"type": "input_image", "image_url": medium.url()}),
        MediumKind::Pdf if odd => {
            json!({"type": "input_file", "file_data": medium.data(), "filename": "a.pdf"})
        }
        MediumKind::Pdf | MediumKind::Film => {
            json!({"type": "input_file", "file_data": medium.data_url()})
        }
        MediumKind::Sound => {
            json!({"type": "input_audio", "input_audio": {"data": medium.data(), "format": "wav"}})
        }
        MediumKind::Clip => json!({"type": "input_file", "file_url": medium.url()}),
        MediumKind::File if odd => json!({"type": "input_image", "file_id": medium.file_id()}),
        MediumKind::File => json!({"type": "input_file", "file_id": medium.file_id()}),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_is_there_in_order(turns in turns(MANNERS)) {
        let body = body(&json!({"input": items(&turns)})).to_string();
        let upstream = told::translated(|media| {
            let asked = responses::read(body.as_bytes())?;
            asked.translate(Earlier::default(), &Options { media, ..Options::default() })
        });
        told::check_order(&upstream);
        prop_assert_eq!(told::read(&upstream), told::expected(&turns, true));
    }
}

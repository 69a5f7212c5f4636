//! What holds for every history and every answer.

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ask, assemble, context, plain, run, stamp};
use dialect::anthropic::messages;

/// What is said in one message, in the order in which it must arrive.
#[derive(Debug, Clone)]
enum Said {
    Text(String),
    Image(u8),
    /// As many calls, with the same number of results in the next message.
    Calls(usize),
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        "t[a-zé\"\\\\\n ]{0,12}".prop_map(Said::Text),
        any::<u8>().prop_map(Said::Image),
        (1..4_usize).prop_map(Said::Calls),
    ]
}

fn conversation() -> impl Strategy<Value = Vec<(bool, Vec<Said>)>> {
    prop::collection::vec((any::<bool>(), prop::collection::vec(said(), 0..4)), 1..8)
}

/// A marker for each thing that is said.
#[derive(Debug, Default, PartialEq)]
struct Told {
    /// Texts and pictures, in order.
    things: Vec<String>,
    /// Calls, in order.
    calls: Vec<String>,
    /// Results by call.
    results: HashMap<String, String>,
}

struct Writer {
    messages: Vec<Value>,
    told: Told,
    number: usize,
}

impl Writer {
    fn message(&mut self, assistant: bool, content: &[Said]) {
        let (mut blocks, mut results) = (Vec::new(), Vec::new());
        for said in content {
            match said {
                Said::Text(text) => {
                    self.told.things.push(text.clone());
                    blocks.push(json!({"type": "text", "text": text}));
                }
                Said::Image(seed) => {
                    let data = format!("AAA{}=", char::from(b'A' + seed % 26));
                    self.told.things.push(data.clone());
                    let source = json!({"type": "base64", "media_type": "image/png", "data": data});
                    blocks.push(json!({"type": "image", "source": source}));
                }
                Said::Calls(count) if assistant => {
                    for _ in 0..*count {
                        self.number += 1;
                        let id = format!("toolu_{}", self.number);
                        blocks.push(json!({"type": "tool_use", "id": id, "name": "f", "input": {"n": self.number}}));
                        let output = format!("result {}", self.number);
                        results.push(
                            json!({"type": "tool_result", "tool_use_id": id, "content": output}),
                        );
                        self.told.calls.push(id.clone());
                        self.told.results.insert(id, output);
                    }
                }
                Said::Calls(_) => {}
            }
        }
        let role = if assistant { "assistant" } else { "user" };
        self.messages.push(json!({"role": role, "content": blocks}));
        if !results.is_empty() {
            // Clients answer in any order.
            results.reverse();
            self.messages.push(json!({"role": "user", "content": results}));
        }
    }
}

/// What Gemini is told, without what was put in to repair.
fn read(contents: &Value) -> Told {
    let mut told = Told::default();
    for part in
        contents.as_array().unwrap().iter().flat_map(|content| content["parts"].as_array().unwrap())
    {
        if let Some(text) = part["text"].as_str() {
            if text != " " && !text.starts_with("Continue exactly") {
                told.things.push(text.into());
            }
        } else if let Some(data) = part["inlineData"]["data"].as_str() {
            told.things.push(data.into());
        } else if let Some(id) = part["functionCall"]["id"].as_str() {
            told.calls.push(id.into());
        } else {
            let result = &part["functionResponse"];
            let output = result["response"]["output"].as_str().unwrap();
            told.results.insert(result["id"].as_str().unwrap().into(), output.into());
        }
    }
    told
}

/// Roles alternate, the user begins and ends, and results stand where their calls were, in order.
fn check_shape(contents: &Value) {
    let contents = contents.as_array().unwrap();
    let mut open: Vec<&Value> = Vec::new();
    for (position, content) in contents.iter().enumerate() {
        let role = if position % 2 == 0 { "user" } else { "model" };
        assert_eq!(content["role"], role);
        let ids = |kind: &str| -> Vec<&Value> {
            content["parts"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|part| part.get(kind))
                .map(|call| &call["id"])
                .collect()
        };
        assert_eq!(ids("functionResponse"), open);
        open = ids("functionCall");
    }
    assert!(open.is_empty() && contents.len() % 2 == 1);
}

/// Parts of an answer.
fn parts() -> impl Strategy<Value = Vec<Value>> {
    let part = prop_oneof![
        "[a-zé\"\n]{0,8}".prop_map(|text| json!({"text": text})),
        "[a-z\n]{0,8}".prop_map(|text| json!({"text": text, "thought": true})),
        any::<u8>().prop_map(|n| json!({"functionCall": {"name": "f", "args": {"n": n}}})),
        any::<u8>().prop_map(|n| json!({"functionCall": {"name": "f", "args": {"n": n}}, "thoughtSignature": format!("s{n}")})),
    ];
    prop::collection::vec(part, 1..8)
}

fn event(parts: &[Value]) -> Value {
    json!({"candidates": [{"content": {"parts": parts}}], "responseId": "R"})
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn histories_keep_everything_in_order(conversation in conversation()) {
        let mut writer = Writer { messages: Vec::new(), told: Told::default(), number: 0 };
        for (assistant, content) in &conversation {
            writer.message(*assistant, content);
        }
        let (_, upstream) = ask(&plain(&json!({"messages": writer.messages})));
        check_shape(&upstream["contents"]);
        prop_assert_eq!(read(&upstream["contents"]), writer.told);
    }

    #[test]
    fn streams_say_what_whole_answers_say(parts in parts(), cuts in prop::collection::vec(any::<bool>(), 8)) {
        let context = || context(&json!({"thinking": {"type": "adaptive"}}));
        let mut whole = event(&parts);
        whole["candidates"][0]["finishReason"] = "STOP".into();
        let translated = messages::response(&context(), whole.to_string().as_bytes(), &mut stamp()).unwrap();
        let mut whole: Value = serde_json::from_slice(&translated.body).unwrap();
        let mut events = vec![Vec::new()];
        for (part, cut) in parts.iter().zip(cuts) {
            if cut {
                events.push(Vec::new());
            }
            events.last_mut().unwrap().push(part.clone());
        }
        let mut upstream: Vec<Value> = events.iter().map(|parts| event(parts)).collect();
        upstream.push(json!({"candidates": [{"finishReason": "STOP"}]}));
        let told = run(context(), &upstream).unwrap();
        let one_by_one: Vec<Value> = parts.iter().map(|part| event(std::slice::from_ref(part))).chain(upstream.pop()).collect();
        prop_assert_eq!(&run(context(), &one_by_one).unwrap(), &told);
        let mut streamed = assemble(&told);
        // Nothing was counted, and a stream begins with one token.
        for message in [&mut whole, &mut streamed] {
            message.as_object_mut().unwrap().remove("usage");
        }
        prop_assert_eq!(streamed, whole);
    }
}

//! Whatever a history holds reaches Gemini, in its order.

use dialect::openai::chat;
use proptest::prelude::*;
use serde_json::{Value, json};

/// One turn of a conversation, with numbers in place of what is said.
#[derive(Debug, Clone)]
enum Turn {
    System(u32),
    User { text: u32, image: Option<u32> },
    Assistant { text: Option<u32>, calls: Vec<u32>, answered: Vec<u32>, backwards: bool },
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let number = 0..100_000_u32;
    let numbers = || prop::collection::btree_set(0..100_000_u32, 0..4);
    let assistant = (prop::option::of(number.clone()), numbers(), any::<u32>(), any::<bool>())
        .prop_map(|(text, calls, mask, backwards)| {
            let calls: Vec<u32> = calls.into_iter().collect();
            let answered = calls.iter().enumerate();
            let answered =
                answered.filter(|(at, _)| mask >> at & 1 == 1).map(|(_, call)| *call).collect();
            Turn::Assistant { text, calls, answered, backwards }
        });
    let turn = prop_oneof![
        number.clone().prop_map(Turn::System),
        (number.clone(), prop::option::of(number))
            .prop_map(|(text, image)| Turn::User { text, image }),
        assistant,
    ];
    prop::collection::vec(turn, 1..12)
}

/// The messages, and what Gemini must be told, in order. Ids are unique to their turn.
fn write(turns: &[Turn]) -> (Vec<Value>, Vec<String>) {
    let (mut messages, mut told) = (Vec::new(), Vec::new());
    for (turn_number, turn) in turns.iter().enumerate() {
        match turn {
            Turn::System(text) => {
                messages.push(json!({"role": "system", "content": format!("<t{text}>")}));
                told.push(format!("<t{text}>"));
            }
            Turn::User { text, image } => {
                let mut content = vec![json!({"type": "text", "text": format!("<t{text}>")})];
                told.push(format!("<t{text}>"));
                if let Some(image) = image {
                    let url = format!("data:image/png;base64,I{image:07}");
                    content.push(json!({"type": "image_url", "image_url": {"url": url}}));
                    told.push(format!("I{image:07}"));
                }
                messages.push(json!({"role": "user", "content": content}));
            }
            Turn::Assistant { text, calls, answered, backwards } => {
                let id = |call: &u32| format!("c{turn_number}_{call}");
                let tool_calls: Vec<Value> = calls
                    .iter()
                    .map(|call| {
                        json!({"id": id(call), "type": "function",
                        "function": {"name": "f", "arguments": format!("{{\"n\":{call}}}")}})
                    })
                    .collect();
                told.extend(text.map(|text| format!("<t{text}>")));
                told.extend(calls.iter().map(|call| format!("call {} {call}", id(call))));
                let content = text.map(|text| format!("<t{text}>"));
                let mut message = json!({"role": "assistant", "content": content});
                if !tool_calls.is_empty() {
                    message["tool_calls"] = tool_calls.into();
                }
                messages.push(message);
                let result = |call: &u32| {
                    json!({"role": "tool", "tool_call_id": id(call),
                    "content": format!("r{call}")})
                };
                let mut results: Vec<Value> = answered.iter().map(result).collect();
                if *backwards {
                    results.reverse();
                }
                messages.extend(results);
                told.extend(calls.iter().map(|call| {
                    let missing = !answered.contains(call);
                    let output = if missing { "missing".to_owned() } else { format!("r{call}") };
                    format!("result {} {output}", id(call))
                }));
            }
        }
    }
    (messages, told)
}

/// What Gemini is told.
fn read(upstream: &Value) -> Vec<String> {
    let system = upstream["systemInstruction"]["parts"].as_array().into_iter().flatten();
    let contents = upstream["contents"].as_array().into_iter().flatten();
    let parts = contents.flat_map(|content| content["parts"].as_array().into_iter().flatten());
    system
        .chain(parts)
        .filter_map(|part| {
            if let Some(text) = part["text"].as_str() {
                let begin = text.find("<t")?;
                let end = begin + text[begin..].find('>')?;
                return Some(text[begin..=end].to_owned());
            }
            if let Some(call) = part.get("functionCall") {
                return Some(format!("call {} {}", call["id"].as_str()?, call["args"]["n"]));
            }
            if let Some(result) = part.get("functionResponse") {
                let output = result["response"]["output"].as_str().unwrap_or("missing");
                return Some(format!("result {} {output}", result["id"].as_str()?));
            }
            Some(part["inlineData"]["data"].as_str()?.to_owned())
        })
        .collect()
}

/// What Gemini would refuse.
fn check_order(contents: &[Value]) -> Result<(), TestCaseError> {
    for pair in contents.windows(2) {
        prop_assert_ne!(&pair[0]["role"], &pair[1]["role"]);
    }
    prop_assert_eq!(&contents.first().unwrap()["role"], "user");
    prop_assert_eq!(&contents.last().unwrap()["role"], "user");
    for content in contents {
        let parts = content["parts"].as_array().unwrap();
        prop_assert!(!parts.is_empty());
        let empty = json!({"text": ""});
        prop_assert!(parts.iter().all(|part| *part != empty));
        let first = parts.iter().find(|part| part.get("functionCall").is_some());
        prop_assert!(first.is_none_or(|call| call["thoughtSignature"].is_string()));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keeps_every_text_call_result_and_picture_in_order(turns in turns()) {
        let (messages, told) = write(&turns);
        let body = json!({"model": "gemini-3.8-flash", "messages": messages}).to_string();
        let (_, upstream) = chat::request(body.as_bytes()).unwrap();
        let upstream: Value = serde_json::from_slice(&upstream).unwrap();
        check_order(upstream["contents"].as_array().unwrap())?;
        prop_assert_eq!(read(&upstream), told);
    }
}

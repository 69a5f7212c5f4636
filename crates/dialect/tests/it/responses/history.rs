//! Whatever the history, nothing of it is lost.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ask, body};

#[derive(Debug, Clone, Copy)]
enum Step {
    User,
    Assistant,
    Picture,
    Calls(usize),
    Reasoning,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        Just(Step::User),
        Just(Step::Assistant),
        Just(Step::Picture),
        (1..4_usize).prop_map(Step::Calls),
        Just(Step::Reasoning),
    ];
    prop::collection::vec(step, 1..12)
}

/// Items, and what must be found in the contents, in order.
fn write(steps: &[Step]) -> (Vec<Value>, Vec<String>) {
    let (mut items, mut expected) = (Vec::new(), Vec::new());
    for (number, step) in steps.iter().enumerate() {
        match step {
            Step::User => {
                items.push(json!({"role": "user", "content": format!("u{number}")}));
                expected.push(format!("text u{number}"));
            }
            Step::Assistant => {
                items.push(json!({"type": "message", "role": "assistant",
                    "content": [{"type": "output_text", "text": format!("a{number}")}]}));
                expected.push(format!("text a{number}"));
            }
            Step::Picture => {
                let data = format!("AAA{}", number % 10);
                items.push(json!({"role": "user", "content": [
                    {"type": "input_image", "image_url": format!("data:image/png;base64,{data}")}]}));
                expected.push(format!("data {data}"));
            }
            Step::Reasoning => items.push(json!({"type": "reasoning", "id": "r", "summary": []})),
            Step::Calls(count) => {
                let ids: Vec<String> =
                    (0..*count).map(|call| format!("c{number}_{call}")).collect();
                for id in &ids {
                    items.push(json!({"type": "function_call", "call_id": id, "name": "f", "arguments": "{}"}));
                    expected.push(format!("call {id}"));
                }
                // Results come in any order.
                for id in ids.iter().rev() {
                    items.push(json!({"type": "function_call_output", "call_id": id, "output": format!("r{id}")}));
                }
                expected.extend(ids.iter().map(|id| format!("result {id} r{id}")));
            }
        }
    }
    (items, expected)
}

fn found(contents: &Value) -> Vec<String> {
    let parts = contents
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|content| content["parts"].as_array().unwrap());
    parts
        .filter_map(|part| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            if let Some(call) = part.get("functionCall") {
                return Some(format!("call {}", text(&call["id"])));
            }
            if let Some(result) = part.get("functionResponse") {
                return Some(format!(
                    "result {} {}",
                    text(&result["id"]),
                    text(&result["response"]["output"])
                ));
            }
            if let Some(data) = part.get("inlineData") {
                return Some(format!("data {}", text(&data["data"])));
            }
            let said = text(&part["text"]);
            (!matches!(said.as_str(), " " | "Continue.")).then(|| format!("text {said}"))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_is_there_in_order(steps in steps()) {
        let (items, expected) = write(&steps);
        let (_, upstream) = ask(&body(&json!({"input": items})));
        prop_assert_eq!(found(&upstream["contents"]), expected);
        let roles: Vec<&Value> =
            upstream["contents"].as_array().unwrap().iter().map(|content| &content["role"]).collect();
        prop_assert!(roles.windows(2).all(|pair| pair[0] != pair[1]));
        prop_assert_eq!(roles[0], "user");
    }
}

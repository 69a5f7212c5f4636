//! What holds for every answer.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{assemble, context, run, stamp};
use dialect::anthropic::messages;

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

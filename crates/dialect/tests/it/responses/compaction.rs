//! Conversations that are made shorter.

use dialect::openai::responses::{
    self, Compaction, Earlier, Options, ResponseError, StoredResponse, ThoughtSignatures,
};
use serde_json::{Value, json};

use super::{body, context, parts, whole};

fn asked(input: &Value, earlier: Earlier<'_>) -> (Compaction, Value) {
    let mut request = json!({"model": "gemini-3.8-flash", "input": input});
    if let Some(last) = earlier.chain.last() {
        request["previous_response_id"] = json!(last.id());
    }
    let body = request.to_string();
    let translated = responses::compaction(body.as_bytes(), earlier, &Options::default()).unwrap();
    let (context, sent) = translated.without_fetching(body.as_bytes()).unwrap();
    let compaction =
        Compaction::new(context.known_as("K".into(), 7), body.as_bytes(), earlier).unwrap();
    (compaction, serde_json::from_slice(&sent).unwrap())
}

fn compacted(compaction: &Compaction, answer: &Value) -> Value {
    let translated = compaction.answer(answer.to_string().as_bytes()).unwrap();
    serde_json::from_slice(&translated.body).unwrap()
}

fn conversation() -> Value {
    json!([
        {"role": "developer", "content": "Be kind"},
        {"role": "user", "content": "a"},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "r"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "b"}]},
    ])
}

fn summary() -> Value {
    let mut answer =
        parts(&json!([{"text": "hidden", "thought": true}, {"text": "sum "}, {"text": "üp"}]));
    answer["usageMetadata"] =
        json!({"promptTokenCount": 9, "candidatesTokenCount": 2, "totalTokenCount": 11});
    answer
}

#[test]
fn the_model_is_asked_to_sum_up_all_of_it() {
    let (_, sent) = asked(&conversation(), Earlier::default());
    let contents = sent["contents"].as_array().unwrap();
    assert!(sent.to_string().contains("functionCall") && sent.to_string().contains("Be kind"));
    let last = contents.last().unwrap();
    assert_eq!(last["role"], "user");
    assert!(last["parts"].to_string().contains("the summary alone"), "{last}");
}

#[test]
fn what_the_client_said_is_kept_and_the_rest_summed_up() {
    let (compaction, _) = asked(&conversation(), Earlier::default());
    let told = compacted(&compaction, &summary());
    assert_eq!(
        (&told["id"], &told["object"], &told["created_at"]),
        (&json!("resp_K"), &json!("response.compaction"), &json!(7))
    );
    let output = told["output"].as_array().unwrap();
    let kinds: Vec<_> = output.iter().map(|item| (&item["type"], &item["role"])).collect();
    let message = json!("message");
    let (developer, user, compacted) = (json!("developer"), json!("user"), json!("compaction"));
    let none = Value::Null;
    assert_eq!(kinds, [(&message, &developer), (&message, &user), (&compacted, &none)]);
    assert_eq!(told["usage"]["total_tokens"], 11);
    assert!(!told.to_string().contains("sum"), "a summary is not for people to read: {told}");
}

#[test]
fn a_conversation_goes_on_from_what_was_compacted() {
    let (compaction, _) = asked(&conversation(), Earlier::default());
    let mut next = compacted(&compaction, &summary())["output"].clone();
    next.as_array_mut().unwrap().push(json!({"role": "user", "content": "next"}));
    let request = body(&json!({"input": next})).to_string();
    let (_, sent) = responses::request(request.as_bytes(), Earlier::default()).unwrap();
    let sent: Value = serde_json::from_slice(&sent).unwrap();
    let texts: Vec<_> =
        sent["contents"][0]["parts"].as_array().unwrap().iter().map(|part| &part["text"]).collect();
    assert_eq!(texts, ["a", "Summary of the earlier conversation:\nsum üp", "next"], "{sent}");

    // And can be compacted again: the former summary goes into the new one.
    let (again, sent) = asked(&next, Earlier::default());
    assert!(sent.to_string().contains("sum üp"));
    let output = compacted(&again, &summary())["output"].clone();
    let compactions = output.as_array().unwrap().iter().filter(|item| item["type"] == "compaction");
    assert_eq!(compactions.count(), 1, "{output}");
}

#[test]
fn a_chain_is_compacted_with_what_was_said_in_it() {
    let request = body(&json!({"input": "first"})).to_string();
    let (_, answer) = whole(&context(&json!({})), &parts(&json!([{"text": "answered"}])));
    let none = ThoughtSignatures::default();
    let chain =
        [StoredResponse::new(request.as_bytes(), &answer.body, &none, Earlier::default()).unwrap()];
    let (compaction, sent) = asked(&json!("second"), Earlier { chain: &chain, referenced: &[] });
    assert!(sent.to_string().contains("answered"));
    let output = compacted(&compaction, &summary())["output"].clone();
    assert_eq!(output[0]["content"][0]["text"], "first");
    assert_eq!(output[1]["content"][0]["text"], "second");
    assert_eq!(output.as_array().unwrap().len(), 3, "{output}");
}

#[test]
fn no_summary_is_no_answer() {
    let (compaction, _) = asked(&conversation(), Earlier::default());
    for answer in [json!({}), parts(&json!([])), parts(&json!([{"text": "x", "thought": true}]))] {
        let error = compaction.answer(answer.to_string().as_bytes()).unwrap_err();
        assert!(matches!(error, ResponseError::Empty { .. }), "{answer}");
    }
    let error = json!({"error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT"}});
    let error = compaction.answer(error.to_string().as_bytes()).unwrap_err();
    assert!(matches!(error, ResponseError::Upstream(_)));
}

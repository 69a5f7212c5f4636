use bytes::Bytes;
use serde_json::{Value, json};

use super::*;
use crate::models::Models;
use crate::reply::Reply;

/// Google's message for this request; empty where the request is fine.
fn refusal(model: &str, body: &Value) -> String {
    let models = Models::load();
    let checked = parse(&Bytes::from(body.to_string()), &GENERATE_REQUEST)
        .and_then(|body| generate(&Ask::new(models.find(model).unwrap(), &body)));
    let Err(Reply::Http(answered)) = checked else { return String::new() };
    let sent = answered.steps.filter_map(|step| match step {
        crate::feed::Step::Send(bytes) => Some(bytes),
        _ => None,
    });
    let body: Value = serde_json::from_slice(&sent.collect::<Vec<_>>().concat()).unwrap();
    body["error"]["message"].as_str().unwrap().to_owned()
}

#[track_caller]
fn refused(model: &str, body: &Value, says: &str) {
    let message = refusal(model, body);
    assert!(message.contains(says), "expected `{says}`, got `{message}`");
}

#[track_caller]
fn accepted(model: &str, body: &Value) {
    assert_eq!(refusal(model, body), "", "{body}");
}

const NEW: &str = "gemini-3.8-flash";
const OLD: &str = "gemini-2.5-flash";

fn user(text: &str) -> Value {
    json!({"role": "user", "parts": [{"text": text}]})
}

fn with(fields: &Value) -> Value {
    let mut body = json!({"contents": [user("hi")]});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body
}

fn config(fields: &Value) -> Value {
    with(&json!({"generationConfig": fields}))
}

#[test]
fn both_spellings_are_taken_but_not_together() {
    accepted(NEW, &config(&json!({"maxOutputTokens": 5, "top_p": 0.5})));
    accepted(NEW, &with(&json!({"generation_config": {"max_output_tokens": "5"}})));
    refused(NEW, &config(&json!({"topP": 1, "top_p": 1})), "already set");
}

#[test]
fn unknown_names_are_refused_with_their_place() {
    refused(
        NEW,
        &with(&json!({"messages": []})),
        "Invalid JSON payload received. Unknown name \"messages\": Cannot find field.",
    );
    refused(
        NEW,
        &config(&json!({"maxTokens": 1})),
        "Invalid JSON payload received. Unknown name \"maxTokens\" at 'generation_config': Cannot \
         find field.",
    );
    refused(
        NEW,
        &json!({"contents": [{"role": "user", "parts": [{"text": "a", "type": "text"}]}]}),
        "Unknown name \"type\" at 'contents[0].parts[0]'",
    );
    refused(
        OLD,
        &with(&json!({"tools": [{"functionDeclarations": [{"name": "f", "parameters":
            {"type": "object", "additionalProperties": false}}]}]})),
        "Unknown name \"additionalProperties\" at 'tools[0].function_declarations[0].parameters'",
    );
}

#[test]
fn values_have_types() {
    for (body, says) in [
        (config(&json!({"temperature": "hot"})), "(TYPE_FLOAT), \"hot\""),
        (config(&json!({"topK": 1.5})), "'generation_config.top_k' (TYPE_INT32), 1.5"),
        (config(&json!({"thinkingConfig": {"thinkingLevel": "enormous"}})), "\"enormous\""),
        (json!({"contents": [{"parts": [{"text": 5}]}]}), "contents[0].parts[0].text"),
        (json!({"contents": [{"parts": [{"text": ["a"]}]}]}), "Proto field is not repeating"),
        (json!({"contents": ["hi"]}), "'contents[0]' (type.googleapis.com/"),
        (json!([]), "'root'"),
        (
            json!({"contents": [{"parts": [{"inlineData": {"mimeType": "image/png",
                "data": "not base64!"}}]}]}),
            "Base64 decoding failed",
        ),
        (json!({"contents": [{"parts": [{"text": "a", "inlineData": {}}]}]}), "(oneof)"),
    ] {
        refused(NEW, &body, says);
    }
    let broken = parse(&Bytes::from_static(b"{\"contents\": [}"), &GENERATE_REQUEST);
    assert!(broken.is_err());
}

#[test]
fn single_values_stand_for_lists_and_nulls_for_nothing() {
    accepted(NEW, &json!({"contents": {"parts": {"text": "hi"}}, "tools": null}));
}

#[test]
fn contents_must_hold_something() {
    refused(NEW, &json!({}), "contents is not specified");
    refused(NEW, &json!({"contents": [{"role": "user"}]}), "contents.parts must not be empty");
    refused(NEW, &json!({"contents": [{"parts": [{}]}]}), "must have one initialized field");
    refused(
        NEW,
        &json!({"contents": [{"role": "assistant", "parts": [{"text": "a"}]}]}),
        "Please use a valid role: user, model.",
    );
    refused(
        NEW,
        &json!({"contents": [{"parts": [{"inlineData":
            {"mimeType": "application/octet-stream", "data": "AAAA"}}]}]}),
        "Unsupported MIME type",
    );
}

fn call(name: &str, signature: Option<&str>) -> Value {
    let mut part = json!({"functionCall": {"name": name, "args": {}}});
    if let Some(signature) = signature {
        part["thoughtSignature"] = json!(signature);
    }
    part
}

fn result(name: &str) -> Value {
    json!({"functionResponse": {"name": name, "response": {"ok": true}}})
}

fn talk(turns: &[(&str, Vec<Value>)]) -> Value {
    let content = |(role, parts): &(&str, Vec<Value>)| json!({"role": role, "parts": parts});
    json!({"contents": turns.iter().map(content).collect::<Vec<_>>()})
}

#[test]
fn calls_and_results_come_in_order() {
    let ask = ("user", vec![json!({"text": "go"})]);
    let signed = call("f", Some("c2ln"));
    accepted(
        NEW,
        &talk(&[ask.clone(), ("model", vec![signed.clone()]), ("user", vec![result("f")])]),
    );
    let two_calls = ("model", vec![signed.clone(), call("g", None)]);
    refused(
        NEW,
        &talk(&[ask.clone(), two_calls.clone(), ("user", vec![result("f")])]),
        "number of function response parts is equal",
    );
    accepted(NEW, &talk(&[ask.clone(), two_calls, ("user", vec![result("f"), result("g")])]));
    refused(
        NEW,
        &talk(&[("model", vec![signed.clone()]), ("user", vec![result("f")])]),
        "comes immediately after a user turn",
    );
    refused(
        NEW,
        &talk(&[ask.clone(), ("user", vec![result("f")])]),
        "function response turn comes immediately after a function call turn",
    );
    refused(
        NEW,
        &talk(&[ask.clone(), ("model", vec![signed]), ask]),
        "number of function response parts is equal",
    );
}

#[test]
fn signatures_are_asked_for_in_the_current_turn_of_third_generation_models() {
    let ask = || ("user", vec![json!({"text": "go"})]);
    let unsigned = || ("model", vec![call("f", None)]);
    let answered = || ("user", vec![result("f")]);
    let current = talk(&[ask(), unsigned(), answered()]);
    refused(NEW, &current, "missing a thought_signature in functionCall parts");
    accepted(OLD, &current);
    let past =
        talk(&[ask(), unsigned(), answered(), ("model", vec![json!({"text": "ok"})]), ask()]);
    accepted(NEW, &past);
    let dummy = ("model", vec![call("f", Some("skip_thought_signature_validator"))]);
    accepted(NEW, &talk(&[ask(), dummy, answered()]));
}

#[test]
fn newer_models_do_not_continue_their_own_words() {
    let prefill =
        talk(&[("user", vec![json!({"text": "go"})]), ("model", vec![json!({"text": "Sure, "})])]);
    refused(NEW, &prefill, "Request contains an invalid argument.");
    accepted("gemini-3.5-flash", &prefill);
    accepted(OLD, &prefill);
}

#[test]
fn configurations_must_fit_the_model() {
    for (model, fields, says) in [
        (NEW, json!({"temperature": 2.5}), "temperature must be in the range [0.0, 2.0]"),
        (NEW, json!({"candidateCount": 2}), "Multiple candidates is not enabled"),
        (NEW, json!({"stopSequences": ["1", "2", "3", "4", "5", "6"]}), "at most 5"),
        (NEW, json!({"thinkingConfig": {"thinkingLevel": "minimal"}}), "not supported"),
        (OLD, json!({"thinkingConfig": {"thinkingLevel": "low"}}), "not supported"),
        (OLD, json!({"thinkingConfig": {"thinkingBudget": 50_000}}), "between 0 and 24576"),
        (OLD, json!({"presencePenalty": 1}), "Penalty is not enabled"),
        ("gemini-2.5-pro", json!({"thinkingConfig": {"thinkingBudget": 0}}), "Budget 0 is invalid"),
        ("gemma-4-31b-it", json!({"thinkingConfig": {}}), "Thinking is not enabled"),
        (
            NEW,
            json!({"thinkingConfig": {"thinkingBudget": 1, "thinkingLevel": "low"}}),
            "only set only one",
        ),
        (NEW, json!({"responseJsonSchema": {}}), "only allowed with response_mime_type"),
        (NEW, json!({"responseMimeType": "text/html"}), "allowed mimetypes"),
    ] {
        refused(model, &config(&fields), says);
    }
    accepted("gemini-3.6-flash", &config(&json!({"thinkingConfig": {"thinkingLevel": "minimal"}})));
    accepted(OLD, &config(&json!({"thinkingConfig": {"thinkingBudget": -1}})));
}

#[test]
fn functions_must_fit_their_configuration() {
    let tools = json!([{"functionDeclarations": [{"name": "f"}]}]);
    let calling = |mode: &str, names: Value| json!({"functionCallingConfig": {"mode": mode, "allowedFunctionNames": names}});
    let ask = |tool_config: Value| with(&json!({"tools": tools, "toolConfig": tool_config}));
    accepted(NEW, &ask(calling("ANY", json!(["f"]))));
    refused(NEW, &ask(calling("AUTO", json!(["f"]))), "mode must be ANY");
    refused(NEW, &ask(calling("ANY", json!(["g"]))), "is not in the function_declarations");
    let without = with(&json!({"toolConfig": calling("ANY", json!([]))}));
    refused(NEW, &without, "set without function_declarations");
    let named = with(&json!({"tools": [{"functionDeclarations": [{"name": "1st"}]}]}));
    refused(NEW, &named, "Invalid function name");
    let mixed = with(&json!({"tools": [{"functionDeclarations": [{"name": "f"}]},
        {"googleSearch": {}}]}));
    refused(OLD, &mixed, "Tool use with function calling is unsupported");
    accepted(NEW, &mixed);
    let structured = with(&json!({"tools": [{"functionDeclarations": [{"name": "f"}]}],
        "generationConfig": {"responseMimeType": "application/json"}}));
    refused(OLD, &structured, "'application/json' is unsupported");
    accepted(NEW, &structured);
}

#[test]
fn what_is_too_long_is_refused() {
    let body = json!({"contents": [user(&"x".repeat(5_000_000))]});
    refused(NEW, &body, "exceeds the maximum number of tokens allowed (1048576)");
}

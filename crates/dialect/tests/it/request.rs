//! Requests, beyond the golden files.

use serde_json::{Value, json};

use crate::ask;

fn with(model: &str, more: &Value) -> (Vec<&'static str>, Value) {
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": "Hi"}]});
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    let (context, upstream) = ask(&body);
    (context.dropped().to_vec(), upstream)
}

fn config(model: &str, more: &Value) -> Value {
    with(model, more).1["generationConfig"].clone()
}

#[expect(clippy::needless_pass_by_value, reason = "reads better with a literal")]
fn contents(model: &str, messages: Value) -> Value {
    ask(&json!({"model": model, "messages": messages})).1["contents"].clone()
}

fn tool(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name,
        "parameters": {"type": "object", "properties": {"a": {"type": "string"}}}}})
}

fn call(id: &str, arguments: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": "f", "arguments": arguments}})
}

fn calling(config: &Value) -> Value {
    config["toolConfig"]["functionCallingConfig"].clone()
}

const SCHEMA: &str = r#"{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"x":{"type":"string"}}}}}"#;

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

#[test]
fn sampling_goes_to_the_models_that_honour_it() {
    let sampling = json!({"temperature": 0.5, "top_p": 0.9, "top_k": 40.0, "presence_penalty": 1,
        "frequency_penalty": 0});
    let (dropped, upstream) = with("gemini-3.8-flash", &sampling);
    assert_eq!(dropped, ["temperature", "top_p", "top_k"]);
    assert_eq!(upstream["generationConfig"], json!({"presencePenalty": 1.0}));
    let (dropped, upstream) = with("models/gemini-2.5-flash", &sampling);
    assert_eq!(dropped, ["presence_penalty"]);
    assert_eq!(upstream["generationConfig"], json!({"temperature": 0.5, "topP": 0.9, "topK": 40}));
}

#[test]
fn lengths_stops_and_seeds_fit_gemini() {
    let many = json!({"max_tokens": 999_999, "stop": ["a", "", "b", "c", "d", "e"], "seed": -5});
    assert_eq!(
        config("gemini-3.8-flash", &many),
        json!({"maxOutputTokens": 65536, "stopSequences": ["a", "b", "c", "d", "e"], "seed": -5})
    );
    let both = json!({"max_completion_tokens": 7.0, "max_tokens": 9, "stop": null, "n": 1});
    assert_eq!(config("gemini-9-unknown", &both), json!({"maxOutputTokens": 7}));
}

#[test]
fn what_has_no_counterpart_is_reported() {
    let (dropped, upstream) = with(
        "gemini-3.8-flash",
        &json!({"logit_bias": {"1": 2}, "prediction": {"type": "content"}, "verbosity": "low",
            "metadata": {}, "store": true, "user": "u", "service_tier": "flex", "unknown": [1]}),
    );
    assert_eq!(dropped, ["logit_bias", "verbosity", "prediction"]);
    assert_eq!(
        upstream,
        json!({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}], "serviceTier": "flex"})
    );
    assert!(with("gemini-3.8-flash", &json!({"logit_bias": {}})).0.is_empty());
}

#[test]
fn thoughts_are_asked_for_in_all_ways_of_clients() {
    let thinking = |model: &str, more: Value| config(model, &more)["thinkingConfig"].clone();
    let shown = json!({"thinkingLevel": "HIGH", "includeThoughts": true});
    assert_eq!(thinking("gemini-3.8-flash", json!({"reasoning": {"effort": "xhigh"}})), shown);
    assert_eq!(
        thinking("gemini-3.8-flash", json!({"reasoning": {"effort": "low", "exclude": true}})),
        json!({"thinkingLevel": "LOW"})
    );
    assert_eq!(
        thinking("gemini-2.5-pro", json!({"thinking": {"type": "enabled", "budget_tokens": 99}})),
        json!({"thinkingBudget": 128, "includeThoughts": true})
    );
    assert_eq!(
        thinking("gemini-2.5-flash", json!({"thinking": {"type": "disabled"}})),
        json!({"thinkingBudget": 0})
    );
    assert_eq!(
        thinking("gemini-3.8-flash", json!({"enable_thinking": true})),
        json!({"includeThoughts": true})
    );
    assert_eq!(thinking("gemma-4-31b-it", json!({"reasoning_effort": "high"})), Value::Null);
    assert_eq!(thinking("gemini-3.8-flash", json!({})), Value::Null);
}

#[test]
fn pieces_of_a_gemini_request_go_over_ours() {
    let google = json!({"thinking_config": {"thinking_budget": 5}, "service_tier": "flex",
        "generation_config": {"max_output_tokens": 3}, "tools": [{"google_search": {}}]});
    let (_, upstream) = with(
        "gemini-2.5-flash",
        &json!({"reasoning_effort": "high", "max_tokens": 9, "extra_body": {"google": google}}),
    );
    assert_eq!(
        upstream["generationConfig"],
        json!({"maxOutputTokens": 3, "thinkingConfig": {"thinkingBudget": 5, "includeThoughts": true}})
    );
    assert_eq!(upstream["serviceTier"], "flex");
    assert_eq!(upstream["tools"], json!([{"googleSearch": {}}]));
}

#[test]
fn missing_duplicate_and_orphan_results_are_repaired() {
    let history = json!([
        {"role": "user", "content": "go"},
        {"role": "assistant", "tool_calls": [call("a", "{}"), call("b", "")]},
        {"role": "tool", "tool_call_id": "b", "content": "old"},
        {"role": "tool", "tool_call_id": "b", "content": "new"},
        {"role": "tool", "tool_call_id": "z", "content": "lost"},
        {"role": "user", "content": "on"},
    ]);
    let contents = contents("gemini-2.5-flash", history);
    assert_eq!(
        contents[2],
        json!({"role": "user", "parts": [
            {"functionResponse": {"id": "a", "name": "f", "response": {"error": "tool result missing"}}},
            {"functionResponse": {"id": "b", "name": "f", "response": {"output": "new"}}},
            {"text": "Tool result z:\nlost"},
            {"text": "on"}
        ]})
    );
}

#[test]
fn what_is_said_between_results_comes_after_all_of_them() {
    let contents = contents(
        "gemini-3.8-flash",
        json!([
            {"role": "user", "content": "go"},
            {"role": "assistant", "tool_calls": [call("a", "{}"), call("b", "{}")]},
            {"role": "tool", "tool_call_id": "a", "content": "1"},
            {"role": "system", "content": "hurry"},
            {"role": "tool", "tool_call_id": "b", "content": "2"},
        ]),
    );
    let parts = contents[2]["parts"].as_array().unwrap();
    assert_eq!(parts[0]["functionResponse"]["id"], "a");
    assert_eq!(parts[1]["functionResponse"]["id"], "b");
    assert_eq!(parts[2]["text"], "<system_message>\nhurry\n</system_message>");
}

#[test]
fn unanswered_calls_at_the_end_get_a_result_too() {
    let contents = contents(
        "gemini-3.8-flash",
        json!([
            {"role": "assistant", "tool_calls": [call("a", "[1]")]},
        ]),
    );
    assert_eq!(contents[0], json!({"role": "user", "parts": [{"text": " "}]}));
    assert_eq!(contents[1]["parts"][0]["functionCall"]["args"], json!({"value": [1]}));
    assert_eq!(contents[2]["role"], "user");
}

#[test]
fn signatures_come_from_every_carrier_or_the_placeholder() {
    let signature = |call: Value, model: &str| {
        let history =
            json!([{"role": "user", "content": "x"}, {"role": "assistant", "tool_calls": [call]}]);
        contents(model, history)[1]["parts"][0].clone()
    };
    let with = |member: &str, value: Value| {
        let mut call = call("a", "{}");
        call[member] = value;
        signature(call, "gemini-3.8-flash")["thoughtSignature"].clone()
    };
    assert_eq!(with("extra_content", json!({"google": {"thought_signature": "s1"}})), "s1");
    assert_eq!(with("thought_signature", json!("s2")), "s2");
    assert_eq!(with("provider_specific_fields", json!({"thought_signature": "s3"})), "s3");
    let hidden = signature(call("a__thought__s4", "{}"), "gemini-3.8-flash");
    assert_eq!(hidden["thoughtSignature"], "s4==");
    assert_eq!(hidden["functionCall"]["id"], "a");
    let lost = signature(call("a", "{}"), "gemini-3.8-flash");
    assert_eq!(lost["thoughtSignature"], "skip_thought_signature_validator");
    assert_eq!(signature(call("a", "{}"), "gemini-2.5-flash").get("thoughtSignature"), None);
}

#[test]
fn a_message_signature_returns_to_its_last_text() {
    let contents = contents(
        "gemini-3.8-flash",
        json!([
            {"role": "user", "content": "x"},
            {"role": "model", "content": [{"type": "text", "text": "a"}, {"type": "refusal", "refusal": "b"}],
             "extra_content": {"google": {"thought_signature": "s"}}},
            {"role": "user", "content": "y"},
        ]),
    );
    assert_eq!(
        contents[1]["parts"],
        json!([{"text": "a"}, {"text": "b", "thoughtSignature": "s"}])
    );
}

#[test]
fn legacy_functions_are_tools() {
    let (_, upstream) = ask(&json!({
        "model": "gemini-3.8-flash",
        "functions": [{"name": "f", "parameters": {"type": "object", "properties": {}}}],
        "function_call": {"name": "f"},
        "messages": [
            {"role": "user", "content": "x"},
            {"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}},
            {"role": "function", "name": "f", "content": "done"},
        ],
    }));
    assert_eq!(
        upstream["tools"],
        json!([{"functionDeclarations": [{"name": "f", "description": ""}]}])
    );
    assert_eq!(calling(&upstream), json!({"mode": "ANY", "allowedFunctionNames": ["f"]}));
    let result = &upstream["contents"][2]["parts"][0]["functionResponse"];
    assert_eq!(*result, json!({"id": "fc_legacy_1", "name": "f", "response": {"output": "done"}}));
}

#[test]
fn tool_choice_in_all_forms() {
    let mode = |choice: Value| {
        let more = json!({"tools": [tool("f"), tool("2g")], "tool_choice": choice});
        calling(&with("gemini-3.8-flash", &more).1)
    };
    assert_eq!(mode(json!("auto")), Value::Null);
    assert_eq!(mode(json!("required")), json!({"mode": "ANY"}));
    assert_eq!(mode(json!("none")), json!({"mode": "NONE"}));
    assert_eq!(
        mode(json!({"type": "function", "function": {"name": "2g"}})),
        json!({"mode": "ANY", "allowedFunctionNames": ["_2g"]})
    );
    let allowed = |mode: &str| {
        json!({"type": "allowed_tools", "allowed_tools": {"mode": mode,
            "tools": [{"type": "function", "function": {"name": "f"}}]}})
    };
    assert_eq!(mode(allowed("auto")), json!({"mode": "VALIDATED", "allowedFunctionNames": ["f"]}));
    assert_eq!(mode(allowed("required")), json!({"mode": "ANY", "allowedFunctionNames": ["f"]}));
    let mut strict = tool("f");
    strict["function"]["strict"] = json!(true);
    assert_eq!(
        calling(&with("gemini-3.8-flash", &json!({"tools": [strict]})).1),
        json!({"mode": "VALIDATED"})
    );
    let without = with("gemini-3.8-flash", &json!({"tool_choice": "required"})).1;
    assert_eq!(without.get("toolConfig"), None);
}

#[test]
fn custom_and_built_in_tools() {
    let custom = json!({"type": "custom", "custom": {"name": "sh", "description": "Runs.",
        "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: x"}}}});
    let (_, upstream) = with(
        "gemini-3.8-flash",
        &json!({"tools": [custom, {"type": "web_search"}, {"google_search": {}}]}),
    );
    let declaration = &upstream["tools"][0]["functionDeclarations"][0];
    assert_eq!(declaration["description"], "Runs.\nstart: x");
    assert_eq!(declaration["parametersJsonSchema"]["required"], json!(["input"]));
    assert_eq!(upstream["tools"][1], json!({"googleSearch": {}}));
    assert_eq!(
        upstream["toolConfig"],
        json!({"includeServerSideToolInvocations": true, "functionCallingConfig": {"mode": "VALIDATED"}})
    );
}

#[test]
fn json_and_tools_together() {
    let ask = |model: &str, choice: Value| {
        with(
            model,
            &json!({"tools": [tool("json")], "tool_choice": choice, "response_format": schema()}),
        )
        .1
    };
    let modern = ask("gemini-3.8-flash", json!("auto"));
    assert_eq!(modern["generationConfig"]["responseMimeType"], "application/json");
    assert_eq!(modern.get("toolConfig"), None);
    let forced = ask("gemini-3.8-flash", json!("required"));
    assert_eq!(forced.get("generationConfig"), None);
    assert_eq!(calling(&forced), json!({"mode": "ANY"}));
    let answer = &forced["tools"][0]["functionDeclarations"][1];
    assert_eq!(answer["name"], "json_1");
    assert_eq!(answer["parametersJsonSchema"]["title"], "n");
    assert_eq!(calling(&ask("gemini-2.5-flash", json!("auto"))), json!({"mode": "ANY"}));
    let none = ask("gemini-2.5-flash", json!("none"));
    assert_eq!(none.get("tools"), None);
    assert_eq!(none["generationConfig"]["responseMimeType"], "application/json");
    let named = ask("gemini-2.5-flash", json!({"type": "function", "function": {"name": "json"}}));
    assert_eq!(named.get("generationConfig"), None);
}

#[test]
fn json_object_needs_no_schema() {
    let format = json!({"response_format": {"type": "json_object"}});
    assert_eq!(
        config("gemini-3.8-flash", &format),
        json!({"responseMimeType": "application/json"})
    );
    let tools = json!({"response_format": {"type": "json_object"}, "tools": [tool("f")]});
    let (dropped, upstream) = with("gemini-2.5-flash", &tools);
    assert_eq!(dropped, ["response_format"]);
    assert_eq!(upstream.get("generationConfig"), None);
}

#[test]
fn gemma_reads_its_instructions_from_the_user() {
    let (_, upstream) = ask(&json!({
        "model": "gemma-4-31b-it", "response_format": {"type": "json_object"},
        "messages": [{"role": "system", "content": "A"}, {"role": "system", "content": "B"},
                     {"role": "user", "content": "x\n"}],
    }));
    assert_eq!(
        upstream,
        json!({"contents": [{"role": "user", "parts": [
            {"text": "A\n\nB\n\nx\n"}, {"text": "Respond with a JSON object only."}]}]})
    );
}

#[test]
fn pictures_in_tool_results() {
    let history = json!([
        {"role": "user", "content": "x"},
        {"role": "assistant", "tool_calls": [call("a", "{}")]},
        {"role": "tool", "tool_call_id": "a", "content": [
            {"type": "text", "text": "see "}, {"type": "text", "text": "this"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]},
    ]);
    let inline = json!({"inlineData": {"mimeType": "image/png", "data": "AA=="}});
    let modern = contents("gemini-3.8-flash", history.clone());
    let result = &modern[2]["parts"][0]["functionResponse"];
    assert_eq!(result["response"], json!({"output": "see this"}));
    assert_eq!(result["parts"], json!([inline]));
    let older = contents("gemini-2.5-flash", history);
    assert_eq!(older[2]["parts"][1], inline);
    assert_eq!(older[2]["parts"][2]["text"], "(returned by the tool f)");
}

#[test]
fn files_that_google_reads_itself_are_named() {
    let uri = "https://generativelanguage.googleapis.com/v1beta/files/abc";
    let part = |part: Value| {
        contents("gemini-3.8-flash", json!([{"role": "user", "content": [part]}]))[0]["parts"][0]
            .clone()
    };
    let file = json!({"fileData": {"fileUri": uri}});
    assert_eq!(part(json!({"type": "image_url", "image_url": {"url": uri}})), file);
    assert_eq!(part(json!({"type": "file", "file": {"file_id": "files/abc"}})), file);
    assert_eq!(
        part(json!({"type": "image_url", "image_url": "gs://bucket/a.png"})),
        json!({"fileData": {"fileUri": "gs://bucket/a.png", "mimeType": "image/png"}})
    );
}

#[test]
fn empty_texts_leave_something_to_answer() {
    assert_eq!(
        contents("gemini-3.8-flash", json!([{"role": "user", "content": ""}])),
        json!([{"role": "user", "parts": [{"text": " "}]}])
    );
    let media = json!([{"role": "user", "content": [{"type": "file", "file": {"file_data": "JVBERi0xLjQK"}}]}]);
    let parts = contents("gemini-3.8-flash", media);
    assert_eq!(parts[0]["parts"][0]["inlineData"]["mimeType"], "application/pdf");
    assert_eq!(parts[0]["parts"][1]["text"], " ");
}

#[test]
fn a_prefill_stays_where_it_is_allowed() {
    let history =
        json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": "Once"}]);
    assert_eq!(contents("gemini-2.5-flash", history).as_array().unwrap().len(), 2);
}

#[test]
fn escapes_go_through_untouched() {
    let body = r#"{"model":"gemini-3.8-flash","messages":[{"role":"user","content":"a\n\u00e9\ud83d\ude00"},
        {"role":"user","content":[{"type":"text","text":"\"q\"\\ \u003c"}]}]}"#;
    let (_, upstream) = dialect::openai::chat::request(body.as_bytes()).unwrap();
    let upstream: Value = serde_json::from_slice(&upstream).unwrap();
    assert_eq!(
        upstream["contents"][0]["parts"],
        json!([{"text": "a\né😀"}, {"text": "\"q\"\\ <"}])
    );
}

#[test]
fn pictures_and_speech_are_asked_of_models_that_make_them() {
    assert_eq!(
        config("gemini-3.1-flash-image", &json!({"modalities": ["image", "text"]})),
        json!({"responseModalities": ["TEXT", "IMAGE"]})
    );
    let speech =
        json!({"modalities": ["text", "audio"], "audio": {"voice": "Kore", "format": "wav"}});
    assert_eq!(
        config("gemini-2.5-flash-preview-tts", &speech),
        json!({"responseModalities": ["AUDIO"],
            "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}})
    );
    assert_eq!(config("gemini-3.8-flash", &json!({"modalities": ["text"]})), Value::Null);
}

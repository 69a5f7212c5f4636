//! Requests, rule by rule.

use dialect::openai::responses::{self, Earlier};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::{ask, body};

fn contents(items: &Value) -> Value {
    ask(&body(&json!({"input": items}))).1["contents"].clone()
}

fn refused(more: &Value) -> (String, Option<&'static str>) {
    let body = body(more).to_string();
    let mistake = responses::request(body.as_bytes(), Earlier::default()).unwrap_err();
    assert_eq!(mistake.status, 400);
    (mistake.param.unwrap(), mistake.code)
}

const PIXEL: &str = "data:image/png;base64,iVBORw0KGgo=";

#[test]
fn every_part_of_a_message() {
    assert_json_snapshot!(contents(&json!([
        {"role": "user", "content": [
            {"type": "input_text", "text": "a\n"},
            {"type": "input_image", "image_url": PIXEL, "detail": "low"},
            {"type": "input_image", "file_id": "files/abc"},
            {"type": "input_file", "filename": "a.pdf", "file_data": "JVBERi0xLjQK"},
            {"type": "input_file", "file_url": "https://youtu.be/x"},
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}}]},
        {"type": "message", "role": "assistant", "id": "msg_1", "status": "completed", "phase": "final",
         "content": [{"type": "output_text", "text": "b", "annotations": []}, {"type": "refusal", "refusal": "c"}]},
        {"role": "developer", "content": "late"},
        {"role": "user", "content": "d"}])));
}

#[test]
fn calls_of_every_kind_and_their_results() {
    assert_json_snapshot!(contents(&json!([
        {"role": "user", "content": "go"},
        {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{\"x\":1}"},
        {"type": "function_call", "call_id": "2", "name": "g", "namespace": "ns", "arguments": ""},
        {"type": "custom_tool_call", "call_id": "3", "name": "sh", "input": "ls\n"},
        {"type": "local_shell_call", "id": "lsh", "call_id": "4", "status": "completed",
         "action": {"type": "exec", "command": ["ls"], "env": {}}},
        {"type": "shell_call", "call_id": "5", "action": {"commands": ["ls"]}},
        {"type": "apply_patch_call", "call_id": "6", "status": "completed",
         "operation": {"type": "delete_file", "path": "a"}},
        {"type": "function_call_output", "call_id": "2", "output": [
            {"type": "input_text", "text": "seen"}, {"type": "input_image", "image_url": PIXEL}]},
        {"type": "function_call_output", "call_id": "1", "output": "{\"$ref\":1}"},
        {"type": "custom_tool_call_output", "call_id": "3", "output": "a b"},
        {"type": "local_shell_call_output", "id": "4", "output": "out"},
        {"type": "shell_call_output", "call_id": "5", "output": [
            {"stdout": "o", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}]},
        {"type": "apply_patch_call_output", "call_id": "6", "status": "completed", "output": "done"}])));
}

#[test]
fn items_that_say_nothing_are_left_out_and_unknown_ones_reported() {
    let (context, upstream) = ask(&body(&json!({"input": [
        {"role": "user", "content": "a"},
        {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "gAAAA foreign"},
        {"type": "web_search_call", "id": "ws", "status": "completed", "action": {"type": "search"}},
        {"type": "image_generation_call", "id": "ig", "status": "completed", "result": "iVBORw0KGgo="},
        {"type": "compaction", "encrypted_content": "gwc1.YWxsIG9mIGl0"},
        {"type": "brand_new", "output": {"x": 1}, "input": 3}]})));
    assert_eq!(context.dropped(), ["input"]);
    assert_json_snapshot!(upstream["contents"]);
}

#[test]
fn a_call_without_result_and_a_result_without_call_are_repaired() {
    assert_json_snapshot!(contents(&json!([
        {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
        {"role": "user", "content": "never mind"},
        {"type": "function_call_output", "call_id": "gone", "output": "late"}])));
}

#[test]
fn text_between_a_call_and_its_result_stays_in_the_same_turn() {
    assert_json_snapshot!(contents(&json!([
        {"role": "user", "content": "go"},
        {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
        {"role": "assistant", "content": "working"},
        {"type": "function_call_output", "call_id": "1", "output": "r"}])));
}

#[test]
fn tools_of_every_kind() {
    let schema =
        json!({"type": "object", "properties": {"x": {"const": 1}}, "additionalProperties": false});
    let grammar = json!({"type": "grammar", "syntax": "lark", "definition": "start: /a/"});
    let tools = json!([
        {"type": "function", "name": "2f", "description": "d", "parameters": schema, "strict": true},
        {"type": "custom", "name": "apply", "description": "Free", "format": grammar},
        {"type": "namespace", "name": "mcp", "description": "", "tools": [{"type": "function", "name": "read", "parameters": schema}]},
        {"type": "local_shell"}, {"type": "shell"}, {"type": "apply_patch"},
        {"type": "web_search", "filters": {"allowed_domains": ["a"]}, "search_context_size": "low"},
        {"type": "code_interpreter", "container": {"type": "auto"}},
        {"type": "mcp", "server_label": "x"}, {"type": "file_search", "vector_store_ids": []},
        {"type": "image_generation"}, {"type": "computer_use_preview"}, {"type": "from_tomorrow"}]);
    let (context, upstream) = ask(&body(&json!({"tools": tools})));
    assert_json_snapshot!(context.dropped());
    assert_json_snapshot!(
        json!({"tools": upstream["tools"], "toolConfig": upstream["toolConfig"]})
    );
}

#[test]
fn older_models_keep_functions_and_lose_search() {
    let tools = json!([{"type": "web_search"}, {"type": "function", "name": "f"}]);
    let (context, upstream) = ask(&body(&json!({"model": "gemini-2.5-flash", "tools": tools})));
    assert_eq!(upstream["tools"].as_array().unwrap().len(), 1);
    assert_eq!(context.dropped(), ["tools.built_in"]);
    let offline = json!([{"type": "web_search", "external_web_access": false}]);
    let (context, upstream) = ask(&body(&json!({"tools": offline})));
    assert_eq!((upstream.get("tools"), context.dropped()), (None, ["tools.web_search"].as_slice()));
}

#[test]
fn choices_of_tools() {
    let choose = |choice: Value| {
        let tools = json!([{"type": "function", "name": "f"}, {"type": "custom", "name": "c"},
            {"type": "shell"}, {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "g"}]}]);
        let (_, upstream) = ask(&body(&json!({"tools": tools, "tool_choice": choice})));
        upstream["toolConfig"]["functionCallingConfig"].clone()
    };
    let any = |name: &str| json!({"mode": "ANY", "allowedFunctionNames": [name]});
    assert_eq!(choose(json!("auto")), Value::Null);
    assert_eq!(choose(json!("none")), json!({"mode": "NONE"}));
    assert_eq!(choose(json!("required")), json!({"mode": "ANY"}));
    assert_eq!(choose(json!({"type": "function", "name": "f"})), any("f"));
    assert_eq!(choose(json!({"type": "custom", "name": "c"})), any("c"));
    assert_eq!(choose(json!({"type": "shell"})), any("shell"));
    assert_eq!(choose(json!({"type": "function", "name": "g", "namespace": "n"})), any("n__g"));
    assert_eq!(choose(json!({"type": "web_search"})), Value::Null);
    let allowed = json!({"type": "allowed_tools", "mode": "auto",
        "tools": [{"type": "function", "name": "f"}, {"type": "web_search"}]});
    assert_eq!(choose(allowed), json!({"mode": "VALIDATED", "allowedFunctionNames": ["f"]}));
}

#[test]
fn the_form_of_the_answer() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string", "default": "x"}}});
    let format = json!({"type": "json_schema", "name": "n", "schema": schema, "strict": true});
    let (context, upstream) = ask(&body(&json!({"text": {"format": format, "verbosity": "low"}})));
    assert_json_snapshot!(upstream["generationConfig"]);
    assert_eq!(context.dropped(), ["text.verbosity"]);
    let (_, upstream) = ask(&body(&json!({"text": {"format": {"type": "json_object"}}})));
    assert_eq!(upstream["generationConfig"], json!({"responseMimeType": "application/json"}));
}

#[test]
fn reasoning_by_generation() {
    let thinking = |model: &str, reasoning: Value| {
        let (_, upstream) = ask(&body(&json!({"model": model, "reasoning": reasoning})));
        upstream["generationConfig"]["thinkingConfig"].clone()
    };
    assert_eq!(
        thinking("gemini-3.8-flash", json!({"effort": "high", "summary": "auto"})),
        json!({"thinkingLevel": "HIGH", "includeThoughts": true})
    );
    assert_eq!(
        thinking("gemini-2.5-flash", json!({"effort": "low", "summary": null})),
        json!({"thinkingBudget": 1024})
    );
    assert_eq!(
        thinking("gemini-2.5-flash", json!({"effort": "none", "summary": "auto"})),
        json!({"thinkingBudget": 0})
    );
    assert_eq!(
        thinking("gemini-3.8-flash", json!({"summary": "concise"})),
        json!({"includeThoughts": true})
    );
    assert_eq!(thinking("gemini-3.8-flash", Value::Null), Value::Null);
}

#[test]
fn sampling_and_length() {
    let more = json!({"temperature": 0.5, "top_p": 0.9, "max_output_tokens": 99_999_999, "top_logprobs": 3,
        "service_tier": "flex", "truncation": "auto", "client_metadata": {"a": 1}, "prompt_cache_key": "k"});
    let mut old = more.clone();
    old["model"] = "gemini-2.5-flash".into();
    assert_json_snapshot!(ask(&body(&old)).1);
    assert_eq!(ask(&body(&more)).0.dropped(), ["temperature", "top_p"]);
}

#[test]
fn mistakes_name_the_field() {
    let check = |more: Value, param: &str, code: &str| {
        assert_eq!(refused(&more), (param.to_owned(), Some(code)), "{more}");
    };
    check(json!({"prompt": {"id": "p"}}), "prompt", "unsupported_parameter");
    check(json!({"conversation": "c"}), "conversation", "unsupported_parameter");
    check(
        json!({"previous_response_id": "resp_x"}),
        "previous_response_id",
        "previous_response_not_found",
    );
    check(
        json!({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}),
        "input[0].content[0].image_url",
        "missing_required_parameter",
    );
    check(
        json!({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "https://a/b.png"}]}]}),
        "input[0].content[0].image_url",
        "unsupported_value",
    );
    check(
        json!({"input": [{"role": "user", "content": [{"type": "odd"}]}]}),
        "input[0].content[0].type",
        "invalid_value",
    );
    check(json!({"input": [{"role": "king", "content": "x"}]}), "input[0].role", "invalid_value");
    check(
        json!({"input": [{"type": "function_call", "name": "f", "arguments": "{}"}]}),
        "input[0].call_id",
        "missing_required_parameter",
    );
    check(
        json!({"input": [{"type": "item_reference", "id": "msg_x_0"}]}),
        "input[0].id",
        "invalid_value",
    );
    check(json!({"input": 3}), "input", "invalid_value");
    check(json!({"tools": [{"type": "function"}]}), "tools[0].name", "missing_required_parameter");
    check(json!({"tools": [{"type": "function", "name": 3}]}), "tools[0].name", "invalid_value");
    check(json!({"tool_choice": "maybe"}), "tool_choice", "invalid_value");
    check(
        json!({"tool_choice": {"type": "function", "name": "x"}}),
        "tool_choice.name",
        "invalid_value",
    );
    check(json!({"text": {"format": {"type": "xml"}}}), "text.format.type", "invalid_value");
    check(json!({"reasoning": {"effort": "huge"}}), "reasoning.effort", "invalid_value");
    check(json!({"max_output_tokens": 0}), "max_output_tokens", "invalid_value");
    check(json!({"background": true, "store": false}), "background", "invalid_value");
    check(json!({"model": ""}), "model", "invalid_value");
}

#[test]
fn tokens_are_counted_of_the_whole_request() {
    let body = body(&json!({"instructions": "Be brief."})).to_string();
    let (model, upstream) = responses::input_tokens(
        body.as_bytes(),
        Earlier::default(),
        &responses::Options::default(),
    )
    .unwrap()
    .without_fetching(b"")
    .unwrap();
    let upstream: Value = serde_json::from_slice(&upstream).unwrap();
    assert_eq!(model, "gemini-3.8-flash");
    assert_eq!(
        upstream["generateContentRequest"],
        json!({"model": "models/gemini-3.8-flash", "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
            "systemInstruction": {"parts": [{"text": "Be brief."}]}})
    );
    let answer = responses::input_tokens_answer(br#"{"totalTokens":7}"#).unwrap();
    assert_eq!(answer, br#"{"object":"response.input_tokens","input_tokens":7}"#);
    assert_eq!(responses::input_tokens_answer(b"{}"), None);
}

//! Requests, beyond the golden files.

use dialect::anthropic::{
    Aliases, count_tokens,
    messages::{self, Options},
};
use serde_json::{Value, json};

use super::{ask, plain};

fn with(model: &str, more: &Value) -> (Vec<&'static str>, Value) {
    let mut body = plain(more);
    body["model"] = model.into();
    let (context, upstream) = ask(&body);
    (context.dropped().to_vec(), upstream)
}

fn config(model: &str, more: &Value) -> Value {
    with(model, more).1["generationConfig"].clone()
}

#[expect(clippy::needless_pass_by_value, reason = "reads better with a literal")]
fn contents(model: &str, messages: Value) -> Value {
    with(model, &json!({"messages": messages})).1["contents"].clone()
}

fn said(blocks: &Value) -> Value {
    contents("gemini-3.8-flash", json!([{"role": "user", "content": blocks}]))[0]["parts"].clone()
}

fn tool(name: &str) -> Value {
    json!({"name": name,
        "input_schema": {"type": "object", "properties": {"a": {"type": "string"}}}})
}

fn calling(upstream: &Value) -> Value {
    upstream["toolConfig"]["functionCallingConfig"].clone()
}

fn tool_use(id: &str) -> Value {
    json!({"type": "tool_use", "id": id, "name": "f", "input": {"n": 1}})
}

fn tool_result(id: &str, content: &str) -> Value {
    json!({"type": "tool_result", "tool_use_id": id, "content": content})
}

const PNG: &str = "iVBORw0KGgo=";

#[test]
fn system_prompts_of_all_forms() {
    let system = |system: Value| {
        with("gemini-3.8-flash", &json!({"system": system})).1["systemInstruction"]["parts"].clone()
    };
    assert_eq!(system(json!("S")), json!([{"text": "S"}]));
    let attribution = json!({"type": "text", "text": "x-anthropic-billing-header: cc_version=2"});
    let block = json!({"type": "text", "text": "A", "cache_control": {"type": "ephemeral"}});
    assert_eq!(
        system(json!([attribution, block, {"type": "text", "text": ""}])),
        json!([{"text": "A"}])
    );
    assert_eq!(system(json!([])), Value::Null);
    // Only the first block is Claude Code's own.
    assert_eq!(system(json!([block, attribution]))[1], json!({"text": attribution["text"]}));
}

#[test]
fn system_messages_keep_their_place() {
    let (_, upstream) = with(
        "gemini-3.8-flash",
        &json!({"system": "S", "messages": [
            {"role": "system", "content": "early"},
            {"role": "user", "content": "x"},
            {"role": "assistant", "content": "y"},
            {"role": "system", "content": [{"type": "text", "text": "late"}]},
            {"role": "user", "content": "z"}]}),
    );
    insta::assert_json_snapshot!(upstream);
}

#[test]
fn a_loop_of_tools_keeps_its_order() {
    let history = json!([
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": [
            {"type": "text", "text": "Let me look."}, tool_use("toolu_1"), tool_use("toolu_2")]},
        {"role": "user", "content": [
            {"type": "text", "text": "and hurry"},
            {"type": "tool_result", "tool_use_id": "toolu_2", "is_error": true,
             "content": [{"type": "text", "text": "no"}, {"type": "text", "text": "such \"file\""}]},
            {"type": "tool_result", "tool_use_id": "toolu_1"}]},
        {"role": "assistant", "content": [tool_use("toolu_3")]},
        {"role": "user", "content": [tool_result("toolu_3", "done"), {"type": "text", "text": "ok?"}]},
    ]);
    insta::assert_json_snapshot!(contents("gemini-3.8-flash", history));
}

#[test]
fn messages_of_one_speaker_in_a_row_are_one() {
    let history = json!([
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": [tool_use("toolu_1")]},
        {"role": "assistant", "content": [tool_use("toolu_2")]},
        {"role": "user", "content": [tool_result("toolu_1", "one")]},
        {"role": "user", "content": [tool_result("toolu_2", "two")]},
    ]);
    let contents = contents("gemini-3.8-flash", history);
    assert_eq!(contents.as_array().unwrap().len(), 3);
    let output = |at: usize| contents[2]["parts"][at]["functionResponse"]["response"].clone();
    assert_eq!((output(0), output(1)), (json!({"output": "one"}), json!({"output": "two"})));
}

#[test]
fn histories_are_repaired() {
    let missing = json!([
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": [tool_use("toolu_1")]},
        {"role": "user", "content": "never mind"},
        {"role": "user", "content": [tool_result("toolu_9", "who asked?")]},
    ]);
    insta::assert_json_snapshot!(contents("gemini-3.8-flash", missing));
}

#[test]
fn pictures_and_documents_in_all_forms() {
    let png = json!({"inlineData": {"mimeType": "image/png", "data": PNG}});
    let image = |source: Value| said(&json!([{"type": "image", "source": source}]))[0].clone();
    assert_eq!(image(json!({"type": "base64", "media_type": "image/png", "data": PNG})), png);
    assert_eq!(image(json!({"type": "base64", "media_type": "", "data": PNG})), png);
    assert_eq!(image(json!({"type": "url", "url": format!("data:image/png;base64,{PNG}")})), png);
    let uri = "https://generativelanguage.googleapis.com/v1beta/files/abc";
    let file = json!({"fileData": {"fileUri": uri}});
    assert_eq!(image(json!({"type": "file", "file_id": "files/abc"})), file);
    assert_eq!(image(json!({"type": "url", "url": uri})), file);
    let document = |source: Value| {
        said(&json!([{"type": "document", "title": "T", "context": "C", "source": source}]))
    };
    let pdf = json!({"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="});
    assert_eq!(
        document(pdf),
        json!([{"text": "Document: T\nC"},
            {"inlineData": {"mimeType": "application/pdf", "data": "JVBERi0="}}])
    );
    let text = json!({"type": "text", "media_type": "text/plain", "data": "a\nb"});
    assert_eq!(document(text)[1], json!({"text": "a\nb"}));
    let blocks = json!({"type": "content", "content": [
        {"type": "text", "text": "see"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}]});
    let parts = document(blocks);
    assert_eq!((&parts[1], &parts[2]), (&json!({"text": "see"}), &png));
    assert_eq!(document(json!({"type": "content", "content": "c"}))[1], json!({"text": "c"}));
}

#[test]
fn passages_are_told_with_their_source() {
    let passage = json!([{"type": "search_result", "title": "T", "source": "https://a",
        "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}],
        "citations": {"enabled": true}}]);
    assert_eq!(said(&passage), json!([{"text": "Search result:\nT\nhttps://a\none\ntwo"}]));
}

#[test]
fn results_hold_whatever_tools_return() {
    let history = |content: Value| {
        json!([
            {"role": "user", "content": "x"},
            {"role": "assistant", "content": [tool_use("toolu_1")]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": content}]}])
    };
    let mixed = json!([
        {"type": "text", "text": "see"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/jpg", "data": "/9j/"}},
        {"type": "tool_reference", "tool_name": "g"},
        {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": "p"}]},
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}},
    ]);
    let modern = contents("gemini-3.8-flash", history(mixed.clone()));
    insta::assert_json_snapshot!(modern[2]["parts"]);
    let older = contents("gemini-2.5-flash", history(mixed));
    let kinds: Vec<&String> = older[2]["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part.as_object().unwrap().keys().next().unwrap())
        .collect();
    assert_eq!(kinds, ["functionResponse", "inlineData", "inlineData", "text"]);
}

#[test]
fn blocks_of_foreign_machinery_are_left_out_and_reported() {
    let (dropped, upstream) = with(
        "gemini-3.8-flash",
        &json!({"messages": [
            {"role": "user", "content": [{"type": "text", "text": "x"}, {"type": "container_upload", "file_id": "f"}]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "EqQBCkYIARgC"},
                {"type": "redacted_thinking", "data": "xyz"},
                {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "q"}},
                {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [
                    {"type": "web_search_result", "url": "https://a", "title": "A", "encrypted_content": "e"}]},
                {"type": "bash_code_execution_tool_result", "tool_use_id": "srvtoolu_2", "content": {"type": "x"}},
                {"type": "hologram", "beam": 1},
                {"type": "text", "text": "y", "citations": [{"type": "char_location"}]}]},
            {"role": "user", "content": "z"}]}),
    );
    assert_eq!(
        dropped,
        [
            "messages.content.container_upload",
            "messages.content.code_execution_tool_result",
            "messages.content"
        ]
    );
    assert_eq!(
        upstream["contents"][1]["parts"],
        json!([{"text": "Web search results:\nA – https://a"}, {"text": "y"}])
    );
}

#[test]
fn a_prefill_is_resumed() {
    let history =
        json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": "Once upon"}]);
    assert_eq!(contents("gemini-2.5-flash", history.clone()).as_array().unwrap().len(), 2);
    let resumed = contents("gemini-3.8-flash", history);
    assert_eq!(
        resumed[2],
        json!({"role": "user", "parts": [
            {"text": "Continue exactly where your last message stopped. Do not repeat it."}]})
    );
}

#[test]
fn lengths_sampling_and_stops_fit_gemini() {
    let many = json!({"max_tokens": 999_999, "temperature": 0.5, "top_k": 40, "top_p": 0.9,
        "stop_sequences": ["a", "", "b", "c", "d", "e", "f"], "service_tier": "auto"});
    let (dropped, upstream) = with("gemini-3.8-flash", &many);
    assert_eq!(dropped, ["stop_sequences", "temperature", "top_p", "top_k"]);
    assert_eq!(
        upstream["generationConfig"],
        json!({"maxOutputTokens": 65536, "stopSequences": ["a", "b", "c", "d", "e"],
            "thinkingConfig": {"thinkingLevel": "LOW"}})
    );
    assert_eq!(upstream.get("serviceTier"), None);
    let older = config("gemini-2.5-flash", &many);
    assert_eq!(
        (&older["temperature"], &older["topP"], &older["topK"]),
        (&json!(0.5), &json!(0.9), &json!(40))
    );
}

#[test]
fn thinking_in_all_forms() {
    let thinking = |model: &str, more: Value| config(model, &more)["thinkingConfig"].clone();
    let enabled = |tokens: u32| json!({"thinking": {"type": "enabled", "budget_tokens": tokens}});
    let adaptive = |effort: &str| json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": effort}});
    let level = |level: &str| json!({"thinkingLevel": level, "includeThoughts": true});
    let budget = |tokens: i64| json!({"thinkingBudget": tokens, "includeThoughts": true});
    let flash = "gemini-3.8-flash";
    assert_eq!(thinking(flash, json!({})), json!({"thinkingLevel": "LOW"}));
    let disabled = json!({"thinking": {"type": "disabled"}, "output_config": {"effort": "max"}});
    assert_eq!(thinking("gemini-3.6-flash", disabled), json!({"thinkingLevel": "MINIMAL"}));
    assert_eq!(thinking(flash, enabled(4095)), level("LOW"));
    assert_eq!(thinking(flash, enabled(16_383)), level("MEDIUM"));
    assert_eq!(thinking(flash, enabled(16_384)), level("HIGH"));
    assert_eq!(thinking(flash, adaptive("medium")), level("MEDIUM"));
    assert_eq!(thinking(flash, adaptive("max")), level("HIGH"));
    assert_eq!(thinking("gemini-4-hydrogen", adaptive("xhigh")), level("xhigh"));
    let alone = json!({"thinking": {"type": "between_tools"}});
    assert_eq!(thinking(flash, alone.clone()), json!({"includeThoughts": true}));
    let hidden = json!({"thinking": {"type": "adaptive", "display": "omitted"}});
    assert_eq!(thinking(flash, hidden.clone()), Value::Null);
    let effort = json!({"output_config": {"effort": "medium"}});
    assert_eq!(thinking(flash, effort), json!({"thinkingLevel": "MEDIUM"}));
    assert_eq!(thinking("gemini-2.5-flash", json!({})), json!({"thinkingBudget": 0}));
    assert_eq!(thinking("gemini-2.5-pro", json!({})), json!({"thinkingBudget": 128}));
    assert_eq!(thinking("gemini-2.5-flash", enabled(99_999)), budget(24_576));
    assert_eq!(thinking("gemini-2.5-pro", enabled(1)), budget(128));
    assert_eq!(thinking("gemini-2.5-flash", alone), budget(-1));
    assert_eq!(thinking("gemini-2.5-flash", hidden), json!({"thinkingBudget": -1}));
    assert_eq!(thinking("gemini-2.5-flash", adaptive("medium")), budget(8192));
    assert_eq!(thinking("gemma-4-31b-it", adaptive("high")), Value::Null);
}

#[test]
fn tools_of_all_kinds() {
    let tools = json!([
        {"type": "custom", "name": "mcp__a__b", "description": "D", "strict": true,
         "input_schema": {"$schema": "s", "type": "object", "properties": {"x": {"const": 1}}},
         "cache_control": {"type": "ephemeral"}, "defer_loading": true},
        {"type": "bash_20250124", "name": "bash"},
        {"type": "text_editor_20250124", "name": "str_replace_editor"},
        {"type": "web_search_20260318", "name": "web_search", "allowed_domains": ["a"], "blocked_domains": null},
        {"type": "web_fetch_20260309", "name": "web_fetch"},
        {"type": "code_execution_20260521", "name": "code_execution"},
        {"type": "tool_search_tool_bm25_20251119", "name": "tool_search_tool_bm25"},
        {"type": "mcp_toolset", "mcp_server_name": "m"},
        {"type": "computer_toolset_20260801", "name": "computer"},
        {"name": "2nd"},
    ]);
    let (dropped, upstream) = with("gemini-3.8-flash", &json!({"tools": tools}));
    assert_eq!(
        dropped,
        [
            "tools.allowed_domains",
            "tools.tool_search_tool",
            "tools.mcp_toolset",
            "tools.computer_toolset"
        ]
    );
    insta::assert_json_snapshot!(
        json!({"tools": upstream["tools"], "toolConfig": upstream["toolConfig"]})
    );
    let (dropped, upstream) = with(
        "gemini-2.5-flash",
        &json!({"tools": [tool("f"), {"type": "web_search_20250305", "name": "web_search"}]}),
    );
    assert_eq!(dropped, ["tools.server_tools"]);
    assert_eq!(upstream["tools"].as_array().unwrap().len(), 1);
}

#[test]
fn tool_choice_in_all_forms() {
    let mode = |choice: Value| {
        let search = json!({"type": "web_search_20250305", "name": "web_search"});
        let more = json!({"tools": [tool("f"), tool("2g"), search], "tool_choice": choice});
        with("gemini-3.8-flash", &more).1
    };
    let validated = json!({"mode": "VALIDATED"});
    assert_eq!(calling(&mode(json!({"type": "auto"}))), validated);
    assert_eq!(calling(&mode(json!({"type": "any"}))), json!({"mode": "ANY"}));
    assert_eq!(
        calling(&mode(json!({"type": "tool", "name": "2g"}))),
        json!({"mode": "ANY", "allowedFunctionNames": ["_2g"]})
    );
    assert_eq!(calling(&mode(json!({"type": "tool", "name": "web_search"}))), validated);
    let none = mode(json!({"type": "none"}));
    assert_eq!(calling(&none), json!({"mode": "NONE"}));
    assert_eq!(none["tools"].as_array().unwrap().len(), 1, "no search either");
    let alone =
        with("gemini-3.8-flash", &json!({"tools": [tool("f")], "tool_choice": {"type": "auto"}}));
    assert_eq!(calling(&alone.1), Value::Null);
}

#[test]
fn the_form_of_the_answer() {
    let schema = json!({"type": "object", "properties": {"x": {"type": "string"}}});
    let format = json!({"type": "json_schema", "schema": schema});
    for more in [json!({"output_config": {"format": format}}), json!({"output_format": format})] {
        let config = config("gemini-3.8-flash", &more);
        assert_eq!(config["responseMimeType"], "application/json");
        assert_eq!(config["responseJsonSchema"], schema);
    }
    let forced = json!({"output_config": {"format": format}, "tools": [tool("f")], "tool_choice": {"type": "any"}});
    let (_, upstream) = with("gemini-3.8-flash", &forced);
    assert_eq!(upstream["tools"][0]["functionDeclarations"][1]["name"], "json");
    assert_eq!(upstream["generationConfig"].get("responseMimeType"), None);
}

#[test]
fn what_has_no_counterpart_is_reported() {
    let (dropped, upstream) = with(
        "gemini-3.8-flash",
        &json!({"container": "c", "context_management": {"edits": []}, "mcp_servers": [], "speed": "fast",
            "inference_geo": null, "cache_control": {"type": "ephemeral"}, "betas": ["a"], "unknown": [1],
            "metadata": {"user_id": "u"}, "diagnostics": {"previous_message_id": "m"}, "workspace_id": "w"}),
    );
    assert_eq!(dropped, ["container", "context_management", "speed"]);
    assert_eq!(upstream.as_object().unwrap().len(), 2);
    assert_eq!(super::context(&json!({"metadata": {"user_id": "u"}})).user_id(), Some("u"));
}

#[test]
fn gemma_reads_its_instructions_from_the_user() {
    let (_, upstream) = with(
        "gemma-4-31b-it",
        &json!({"system": "S", "messages": [{"role": "user", "content": "x"}]}),
    );
    assert_eq!(upstream["contents"][0]["parts"], json!([{"text": "S\n\nx"}]));
    assert_eq!(upstream.get("systemInstruction"), None);
}

#[test]
fn tokens_are_counted_for_the_same_request() {
    let aliases = Aliases::default();
    let body = json!({"model": "claude-haiku-5-5", "system": "S", "tools": [tool("f")],
        "thinking": {"type": "adaptive"}, "messages": [{"role": "user", "content": "x"}]});
    let (context, counted) =
        count_tokens::request(body.to_string().as_bytes(), &Options::new(&aliases)).unwrap();
    assert_eq!(context.model(), "gemini-3.5-flash-lite");
    let mut counted: Value = serde_json::from_slice(&counted).unwrap();
    let counted = counted["generateContentRequest"].as_object_mut().unwrap();
    assert_eq!(counted.remove("model"), Some(json!("models/gemini-3.5-flash-lite")));
    let mut asked = ask(&plain(&body)).1;
    asked.as_object_mut().unwrap().remove("generationConfig");
    assert_eq!(Value::Object(counted.clone()), asked);
    assert_eq!(count_tokens::response(b"{}").unwrap(), br#"{"input_tokens":0}"#);
    assert!(count_tokens::response(b"<html>").is_err());
    assert!(count_tokens::response(br#"{"error":{"code":503}}"#).is_err());
}

/// The signature of a call in the history.
fn signature(model: &str, content: &Value, recall: Option<&messages::Recall<'_>>) -> Value {
    let aliases = Aliases::default();
    let mut body = plain(&json!({"messages": [
        {"role": "user", "content": "x"}, {"role": "assistant", "content": content}]}));
    body["model"] = model.into();
    let options = Options { recall, ..Options::new(&aliases) };
    let (_, upstream) = messages::request(body.to_string().as_bytes(), &options).unwrap();
    let upstream: Value = serde_json::from_slice(&upstream).unwrap();
    upstream["contents"][1]["parts"][0]["thoughtSignature"].clone()
}

#[test]
fn signatures_come_back_from_thinking_blocks_or_memory() {
    // {"f":"gemini-3","s":[{"c":"toolu_1","sig":"s1"}]}
    let ours = "gw1.eyJmIjoiZ2VtaW5pLTMiLCJzIjpbeyJjIjoidG9vbHVfMSIsInNpZyI6InMxIn1dfQ";
    let thinking = |signature: &str| json!([{"type": "thinking", "thinking": "", "signature": signature}, tool_use("toolu_1")]);
    let placeholder = "skip_thought_signature_validator";
    assert_eq!(signature("gemini-3.8-flash", &thinking(ours), None), "s1");
    assert_eq!(signature("gemini-4-argon", &thinking(ours), None), placeholder);
    assert_eq!(signature("gemini-2.5-flash", &thinking(ours), None), Value::Null);
    assert_eq!(signature("gemini-3.8-flash", &thinking("EqQBCkYI"), None), placeholder);
    let bare = json!([tool_use("toolu_1")]);
    assert_eq!(signature("gemini-3.8-flash", &bare, None), placeholder);
    let memory = |id: &str, generation: &str| {
        (id == "toolu_1" && generation == "gemini-3").then(|| "s2".to_owned())
    };
    assert_eq!(signature("gemini-3.8-flash", &bare, Some(&memory)), "s2");
    assert_eq!(signature("gemini-3.8-flash", &thinking(ours), Some(&memory)), "s1");
    assert_eq!(signature("gemini-4-argon", &bare, Some(&memory)), placeholder);
}

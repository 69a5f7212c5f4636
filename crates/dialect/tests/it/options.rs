//! What the operator decides.

use bytes::BytesMut;
use dialect::{
    DialectError,
    gemini::SafetySetting,
    models::{Additions, Offers},
    openai::chat::{self, ChatContext, ChatStream, Options},
};
use serde_json::{Value, json};

use crate::{chunks, stamp};

fn ask(options: &Options<'_>, more: &Value) -> Result<(ChatContext, Value), DialectError> {
    let mut body =
        json!({"model": "gemini-3.5-flash-search", "messages": [{"role": "user", "content": "x"}]});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let body = body.to_string();
    let offers = Offers { search: vec!["gemini-3.5-flash".into()], ..Offers::default() };
    let additions = Additions { offers: Some(&offers), ..options.additions };
    let options = Options { additions, ..*options };
    let (context, upstream) =
        chat::translate(body.as_bytes(), &options)?.without_fetching(body.as_bytes())?;
    Ok((context, serde_json::from_slice(&upstream).unwrap()))
}

fn answer() -> Value {
    json!({"candidates": [{"content": {"parts": [{"text": "hm", "thought": true}, {"text": "So."}]},
        "finishReason": "STOP",
        "groundingMetadata": {"groundingChunks": [{"web": {"uri": "https://a", "title": "A"}}]}}]})
}

const LISTED: &str = "So.\n\n---\n\n**Sources**\n\n- [A](https://a)\n";

#[test]
fn thoughts_are_hidden_and_sources_listed() {
    let options = Options { hide_thoughts: true, list_sources: true, ..Options::default() };
    let (context, upstream) = ask(&options, &json!({"reasoning_effort": "low"})).unwrap();
    assert_eq!(upstream["generationConfig"], json!({"thinkingConfig": {"thinkingLevel": "LOW"}}));
    let body = answer().to_string();
    let translated = chat::response(&context, body.as_bytes(), &mut stamp()).unwrap();
    let whole: Value = serde_json::from_slice(&translated.body).unwrap();
    let message = &whole["choices"][0]["message"];
    assert_eq!(message["content"], LISTED);
    assert_eq!(message.get("reasoning_content"), None);
    assert_eq!(message["annotations"].as_array().unwrap().len(), 1);

    let mut stream = ChatStream::new(context, stamp());
    let mut out = BytesMut::new();
    stream.event(body.as_bytes(), &mut out).unwrap();
    stream.finish(&mut out).unwrap();
    let chunks = chunks(&out);
    let text: String = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(text, LISTED);
    assert!(!out.windows(9).any(|bytes| bytes == b"reasoning"));
}

#[test]
fn safety_settings_of_the_client_count() {
    let settings =
        [SafetySetting { category: "HARM_CATEGORY_HARASSMENT".into(), threshold: "OFF".into() }];
    let additions = Additions { safety_settings: &settings, ..Additions::default() };
    let options = Options { additions, ..Options::default() };
    let ours = json!([{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}]);
    assert_eq!(ask(&options, &json!({})).unwrap().1["safetySettings"], ours);
    let theirs = json!([{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]);
    let (_, upstream) = ask(&options, &json!({"safety_settings": theirs})).unwrap();
    assert_eq!(upstream["safetySettings"], theirs);
}

#[test]
fn later_system_messages_stay_or_are_hoisted() {
    let messages = json!({"messages": [{"role": "user", "content": "x"},
        {"role": "system", "content": "s"}, {"role": "user", "content": "y"}]});
    let (_, upstream) = ask(&Options::default(), &messages).unwrap();
    assert_eq!(upstream.get("systemInstruction"), None);
    let hoisted = Options { hoist_system: true, ..Options::default() };
    let (_, upstream) = ask(&hoisted, &messages).unwrap();
    assert_eq!(upstream["systemInstruction"]["parts"], json!([{"text": "s"}]));
    assert_eq!(upstream["contents"][0]["parts"], json!([{"text": "x"}, {"text": "y"}]));
}

#[test]
fn tools_of_extra_body_count_as_googles() {
    let functions = json!([{"type": "function", "function": {"name": "f"}}]);
    let search = json!({"google": {"tools": [{"google_search": {}}]}});
    let body = |model: &str, choice: &str| {
        json!({"model": model, "tools": functions,
        "extra_body": search, "tool_choice": choice})
    };
    let (_, upstream) = ask(&Options::default(), &body("gemini-3.8-flash", "auto")).unwrap();
    insta::assert_snapshot!(upstream["toolConfig"], @r#"{"includeServerSideToolInvocations":true,"functionCallingConfig":{"mode":"VALIDATED"}}"#);
    let (_, upstream) = ask(&Options::default(), &body("gemini-3.8-flash", "none")).unwrap();
    assert_eq!(upstream["tools"].as_array().unwrap().len(), 1);
    let refused = ask(&Options::default(), &body("gemini-2.5-flash", "auto")).unwrap_err();
    assert_eq!(refused.param.as_deref(), Some("tools"));
}

#[test]
fn a_cache_has_its_own_system_message_and_tools() {
    let cache = json!({"google": {"cached_content": "cachedContents/a"}});
    let refused = |more: Value| {
        let mut body = json!({"model": "gemini-3.8-flash", "extra_body": cache});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ask(&Options::default(), &body).map_err(|error| error.param.unwrap()).err()
    };
    let param = Some("extra_body.google.cached_content".to_owned());
    assert_eq!(refused(json!({})), None);
    assert_eq!(refused(json!({"web_search_options": {}})), param);
    let system = json!([{"role": "system", "content": "s"}, {"role": "user", "content": "x"}]);
    assert_eq!(refused(json!({"messages": system})), param);
}

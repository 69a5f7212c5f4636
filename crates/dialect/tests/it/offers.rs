//! Names of models that only the gateway knows.

use dialect::{
    models::{Additions, Offers},
    openai::chat::{self, ChatContext, Options},
};
use serde_json::{Value, json};

fn ask(model: &str, more: &Value) -> (ChatContext, Value) {
    let names = |name: &str| vec![name.to_owned()];
    let offers = Offers {
        search: names("gemini-2.5-flash"),
        thinking: names("gemini-3.8-flash"),
        show_thoughts: true,
        ..Offers::default()
    };
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": "x"}]});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let body = body.to_string();
    let options = Options {
        additions: Additions { offers: Some(&offers), ..Additions::default() },
        ..Options::default()
    };
    let (context, upstream) = chat::translate(body.as_bytes(), &options)
        .unwrap()
        .without_fetching(body.as_bytes())
        .unwrap();
    (context, serde_json::from_slice(&upstream).unwrap())
}

#[test]
fn search_by_name() {
    let (context, upstream) = ask("models/gemini-2.5-flash-search", &json!({"temperature": 1.5}));
    assert_eq!(context.model(), "gemini-2.5-flash");
    insta::assert_snapshot!(upstream, @r#"{"contents":[{"role":"user","parts":[{"text":"x"}]}],"generationConfig":{"temperature":1.5},"tools":[{"googleSearch":{}}]}"#);
    let functions = json!({"tools": [{"type": "function", "function": {"name": "f"}}]});
    let (context, upstream) = ask("gemini-2.5-flash-search", &functions);
    assert_eq!(context.dropped(), ["model"]);
    assert_eq!(upstream["tools"].as_array().unwrap().len(), 1);
}

#[test]
fn thinking_by_name_where_the_client_does_not_say() {
    let level = |name: &str, more: Value| {
        ask(name, &more).1["generationConfig"]["thinkingConfig"]["thinkingLevel"].clone()
    };
    assert_eq!(level("gemini-3.8-flash-nothinking", json!({})), "LOW");
    assert_eq!(level("gemini-3.8-flash-nothinking", json!({"reasoning_effort": "high"})), "HIGH");
    let (_, upstream) = ask("gemini-3.8-flash-thinking", &json!({}));
    assert_eq!(upstream["generationConfig"], json!({"thinkingConfig": {"includeThoughts": true}}));
}

#[test]
fn other_names_are_googles() {
    let (context, upstream) = ask("gemini-9-flash-search", &json!({}));
    assert_eq!(context.model(), "gemini-9-flash-search");
    assert_eq!(upstream.get("tools"), None);
}

//! The same conversation in all four APIs.

use serde_json::{Value, json};

use crate::play::composed::Content;
use crate::play::{Composed, Play};

fn composed(dialect: &str, more: &Value) -> Result<Composed, String> {
    let mut play = json!({
        "kind": "chat", "dialect": dialect, "model": " gemini-2.5-flash ", "system": "Be brief.",
        "turns": [
            {"role": "user", "text": "Hi", "files": [{"name": "cat.png", "mime": "image/png", "data": "iVBO"}]},
            {"role": "assistant", "text": "Hello!"},
            {"role": "user", "text": "What is on it?"}
        ]
    });
    for (name, value) in more.as_object().unwrap() {
        play[name] = value.clone();
    }
    let play: Play = serde_json::from_value(play).unwrap();
    Composed::of(&play.wanted).map_err(|error| error.to_string())
}

fn body(dialect: &str, more: &Value) -> String {
    let composed = composed(dialect, more).unwrap();
    let Content::Json(body) = &composed.content else { panic!("a form") };
    format!("{}\n{body:#}", composed.path)
}

const DIALECTS: [&str; 4] = ["chat", "responses", "messages", "gemini"];

#[test]
fn a_conversation_is_put_as_each_api_wants_it() {
    for dialect in DIALECTS {
        let more = json!({
            "temperature": 0.5, "max_tokens": 100, "effort": "low", "tools": ["search", "code"],
            "schema": {"type": "object"}, "stream": true
        });
        insta::assert_snapshot!(dialect, body(dialect, &more));
    }
}

#[test]
fn nothing_is_said_of_what_is_not_wanted() {
    for dialect in DIALECTS {
        let text = body(dialect, &json!({}));
        for name in
            ["temperature", "tools", "thinking", "reasoning", "format", "\"stream", "Config"]
        {
            assert!(!text.contains(name), "{dialect}: {name}: {text}");
        }
    }
}

#[test]
fn safety_goes_where_there_is_a_place() {
    let none = json!({"safety": "BLOCK_NONE"});
    for dialect in ["chat", "gemini"] {
        let text = body(dialect, &none);
        assert_eq!(text.matches("\"threshold\": \"BLOCK_NONE\"").count(), 4, "{text}");
    }
    for dialect in ["responses", "messages"] {
        assert!(composed(dialect, &none).unwrap_err().starts_with("safety"), "{dialect}");
    }
}

#[test]
fn a_budget_for_thinking_goes_where_there_is_a_place() {
    let budget = json!({"thinking_budget": 512});
    assert!(body("chat", &budget).contains("\"thinking_budget\": 512"));
    assert!(body("messages", &budget).contains("\"budget_tokens\": 512"));
    assert!(body("gemini", &budget).contains("\"thinkingBudget\": 512"));
    assert!(composed("responses", &budget).unwrap_err().contains("efforts only"));
}

#[test]
fn sound_and_documents_go_where_there_is_a_place() {
    let turns = |mime: &str| {
        let file = json!({"name": "a", "mime": mime, "data": "AAAA"});
        json!({"turns": [{"role": "user", "files": [file]}]})
    };
    for (dialect, sound, document) in [
        ("chat", "\"format\": \"mp3\"", "\"file_data\""),
        ("responses", "\"format\": \"mp3\"", "\"input_file\""),
        ("gemini", "\"audio/mpeg\"", "\"application/pdf\""),
    ] {
        assert!(body(dialect, &turns("audio/mpeg")).contains(sound), "{dialect}");
        assert!(body(dialect, &turns("application/pdf")).contains(document), "{dialect}");
    }
    assert!(body("messages", &turns("application/pdf")).contains("\"document\""));
    assert!(composed("messages", &turns("audio/mpeg")).unwrap_err().contains("no place"));
    for dialect in ["chat", "responses", "messages"] {
        assert!(composed(dialect, &turns("text/x-odd")).unwrap_err().contains("no place"));
    }
}

#[test]
fn a_model_must_be_named_and_stays_in_its_place() {
    assert!(composed("chat", &json!({"model": " "})).unwrap_err().contains("model"));
    let path = composed("gemini", &json!({"model": "models/a/../b?x"})).unwrap().path;
    assert_eq!(path, "/v1beta/models/a%2F..%2Fb%3Fx:generateContent");
}

//! A request of the log for a terminal. The log holds no prompts, so there is a place for one; where an
//! attempt failed and its body was logged, that is what is sent.

use serde_json::{Value, json};
use store::LoggedRequest;

use super::composed::{Composed, Content, in_path};
use super::reading::Reads;
use super::snippets::Snippets;
use super::wanted::Wanted;

/// Stands where the prompt goes.
const PROMPT: &str = "YOUR PROMPT";

/// The command; nothing of what is not asked of a model. `sent` is what Google was sent, if that is
/// known.
pub(crate) fn curl(request: &LoggedRequest, sent: Option<&str>, base: &str) -> Option<String> {
    let model = request.model.as_deref()?;
    let sent = sent.and_then(|sent| serde_json::from_str(sent).ok()).filter(Value::is_object);
    let composed = match sent {
        Some(body) => of_google(model, request.stream, body),
        None => Composed::of(&wanted(request, model)?).ok()?,
    };
    Some(Snippets::of(&composed, base).curl)
}

/// What was wanted, with a place for what was said.
fn wanted(request: &LoggedRequest, model: &str) -> Option<Wanted> {
    let chat = |dialect: &str| {
        json!({"kind": "chat", "dialect": dialect, "model": model, "stream": request.stream,
            "turns": [{"role": "user", "text": PROMPT}]})
    };
    let wanted = match (request.dialect.as_str(), request.operation.as_str()) {
        ("openai", "chat") => chat("chat"),
        ("openai" | "responses", "responses") => chat("responses"),
        ("anthropic", "messages") => chat("messages"),
        ("gemini", "generate" | "stream") => chat("gemini"),
        ("openai", "images") => json!({"kind": "image", "model": model, "prompt": PROMPT}),
        ("openai", "speech") => json!({"kind": "speech", "model": model, "input": PROMPT}),
        ("openai", "embeddings") => {
            json!({"kind": "embedding", "model": model, "texts": [PROMPT]})
        }
        _ => return None,
    };
    serde_json::from_value(wanted).ok()
}

fn of_google(model: &str, stream: bool, body: Value) -> Composed {
    let model = in_path(model.strip_prefix("models/").unwrap_or(model));
    let method = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
    Composed {
        path: format!("/v1beta/models/{model}:{method}"),
        credential: ("x-goog-api-key", ""),
        headers: Vec::new(),
        content: Content::Json(body),
        reads: Reads::Gemini,
        spoken: None,
    }
}

#[cfg(test)]
mod tests {
    use keypool::{Timestamp, Usage};

    use super::*;

    fn logged(dialect: &str, operation: &str) -> LoggedRequest {
        LoggedRequest {
            row: 1,
            request_id: "id".to_owned(),
            at: Timestamp::from_millis(0),
            token_id: None,
            token_name: None,
            dialect: dialect.to_owned(),
            operation: operation.to_owned(),
            model: Some("gemini-2.5-flash".to_owned()),
            key_id: None,
            key_mask: None,
            status: 200,
            outcome: "served".to_owned(),
            attempts: 1,
            stream: true,
            duration_ms: 1,
            first_byte_ms: None,
            usage: Usage::default(),
            error: None,
        }
    }

    #[test]
    fn each_api_is_asked_as_its_clients_do() {
        for (dialect, operation, path) in [
            ("openai", "chat", "/v1/chat/completions"),
            ("responses", "responses", "/v1/responses"),
            ("anthropic", "messages", "/v1/messages"),
            ("gemini", "stream", ":streamGenerateContent?alt=sse"),
            ("openai", "embeddings", "/v1/embeddings"),
            ("openai", "images", "/v1/images/generations"),
            ("openai", "speech", "/v1/audio/speech"),
        ] {
            let curl = curl(&logged(dialect, operation), None, "http://gateway").unwrap();
            assert!(curl.contains(path) && curl.contains(PROMPT), "{curl}");
            assert!(curl.contains("YOUR_CLIENT_TOKEN"), "{curl}");
        }
        assert_eq!(curl(&logged("gemini", "models"), None, "http://gateway"), None);
        let nothing = LoggedRequest { model: None, ..logged("openai", "chat") };
        assert_eq!(curl(&nothing, None, "http://gateway"), None);
    }

    #[test]
    fn a_body_that_was_logged_is_sent_to_where_it_fits() {
        let sent = r#"{"contents":[{"parts":[{"text":"What's up?"}]}]}"#;
        let curl = curl(&logged("openai", "chat"), Some(sent), "http://gateway").unwrap();
        assert!(curl.contains("/v1beta/models/gemini-2.5-flash:streamGenerateContent"), "{curl}");
        assert!(curl.contains(r"What'\''s up?") && !curl.contains(PROMPT), "{curl}");
    }
}

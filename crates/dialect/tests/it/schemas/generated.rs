//! Requests made from the documents.

use dialect::{
    DialectError,
    anthropic::{Aliases, count_tokens, messages},
    openai::{
        chat, completions,
        responses::{self, Earlier},
    },
};
use openapi::{Document, Generator};
use serde_json::Value;

/// Holds so many requests against a translator: each is translated, or refused for a reason. Most
/// requests are beyond Gemini in one thing or another, but not all.
fn hold(
    document: Option<Document>,
    component: &str,
    translate: impl Fn(&[u8]) -> Result<Vec<u8>, DialectError>,
) {
    let Some(document) = document else { return };
    let mut generator = Generator::new(&document, 1);
    let mut translated = 0;
    for _ in 0..400 {
        let mut request = generator.value(component);
        request["model"] = "gemini-3.8-flash".into();
        match translate(request.to_string().as_bytes()) {
            Ok(upstream) => {
                let upstream: Value = serde_json::from_slice(&upstream).unwrap();
                let upstream = upstream.get("generateContentRequest").unwrap_or(&upstream);
                assert!(!upstream["contents"].as_array().unwrap().is_empty(), "{request}");
                translated += 1;
            }
            Err(mistake) => {
                assert_eq!(mistake.status, 400, "{request}: {mistake}");
                assert!(mistake.param.is_some(), "{request}: {mistake}");
            }
        }
    }
    assert!(translated > 40, "{component}: {translated} of 400 were translated");
}

#[test]
fn chats_are_translated_or_refused() {
    hold(Document::openai(), "CreateChatCompletionRequest", |body| {
        chat::request(body).map(|(_, upstream)| upstream)
    });
}

#[test]
fn text_completions_are_translated_or_refused() {
    let options = chat::Options { fan_out: true, ..chat::Options::default() };
    hold(Document::openai(), "CreateCompletionRequest", |body| {
        completions::translate(body, &options).map(|(_, bodies)| bodies.into_iter().next().unwrap())
    });
}

#[test]
fn responses_are_translated_or_refused() {
    hold(Document::openai(), "CreateResponse", |body| {
        responses::request(body, Earlier::default()).map(|(_, upstream)| upstream)
    });
}

#[test]
fn messages_are_translated_or_refused() {
    let aliases = Aliases::default();
    let options = messages::Options::new(&aliases);
    for component in ["CreateMessageParams", "BetaCreateMessageParams"] {
        hold(Document::anthropic(), component, |body| {
            messages::request(body, &options).map(|(_, upstream)| upstream)
        });
    }
    hold(Document::anthropic(), "CountMessageTokensParams", |body| {
        count_tokens::request(body, &options).map(|(_, upstream)| upstream)
    });
}

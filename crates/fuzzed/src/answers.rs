//! What else is read of Google's answers.

use std::time::Duration;

use dialect::{
    anthropic::{self, count_tokens},
    gemini::{self, Continuation, FanOut, WholeAnswer, continuation},
    models::{Changes, rules},
    openai::{self, speech::Speech},
    typing::Typing,
};
use serde_json::Value;

/// Whatever is made of an answer is valid JSON, or the answer as it was.
pub(crate) fn answers(body: &[u8]) {
    let observed = gemini::observe(body);
    assert!(!observed.malformed || observed.error.is_none());
    joined(body);
    told(body);
    spoken(body);
    let typing = Typing {
        min_delay: Duration::from_millis(1),
        max_delay: Duration::from_millis(9),
        short: 1,
        long: 9,
        piece: 2,
    };
    let typed = gemini::typed(body, &typing).map(|(events, _)| events).unwrap_or_default();
    assert!(typed.iter().all(|event| is_json(event)));
}

/// The samples of a speech are no longer than what they were taken from.
fn spoken(body: &[u8]) {
    let (mut speech, mut samples) = (Speech::default(), Vec::new());
    if speech.read(body, &mut samples).is_ok() {
        assert!(samples.len() <= body.len() && speech.has_sound() != samples.is_empty());
    }
}

// Halves of characters stay as they were.
fn is_json(made: &[u8]) -> bool {
    serde_json::from_slice::<&serde_json::value::RawValue>(made).is_ok()
}

fn joined(body: &[u8]) {
    let mut long = Continuation::default();
    let mut calls = FanOut::new(2);
    let mut whole = WholeAnswer::default();
    for call in 0..2 {
        let event = long.event(body);
        assert!(*event == *body || is_json(&event));
        long.next_token();
        let event = calls.event(call, body);
        assert!(*event == *body || is_json(&event));
        let taken = whole.event(body).is_ok();
        assert!(!taken || whole.finish().is_err() || is_json(&whole.finish().unwrap()));
    }
    assert!(gemini::merge(1, &[body, body]).is_none_or(|merged| is_json(&merged)));
    assert!(continuation::follow_up(body, "token").is_none_or(|request| is_json(&request)));
    let changes = Changes::default();
    if let Ok(changed) = changes.apply(&rules("gemini-3.8-flash"), body) {
        assert!(is_json(&changed.body));
    }
}

fn told(body: &[u8]) {
    let read = |told: &[u8]| serde_json::from_slice::<Value>(told).unwrap();
    for status in [200, 400, 403, 429, 503] {
        let openai = read(&openai::error::from_gemini(status, body));
        assert!(openai["error"]["message"].is_string());
        let anthropic = read(&anthropic::error::from_gemini(status, body, None).body);
        assert!(anthropic["error"]["message"].is_string());
    }
    read(&openai::models::list([body], &|_| true));
    read(&anthropic::models::list([body], &|_| true, anthropic::models::Window::default()));
    read(&anthropic::models::one("model", body));
    if let Ok(counted) = count_tokens::response(body) {
        read(&counted);
    }
}

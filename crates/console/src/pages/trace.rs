//! `/admin/logs/{id}`: one request with all that happened to it.

use askama::Template;
use axum::extract::{Path, State};
use http::HeaderMap;
use keypool::Timestamp;
use serde::Deserialize;
use store::{ErrorFilter, LoggedError, LoggedRequest};

use crate::State as Console;
use crate::connect::address;
use crate::error::Error;
use crate::page::Page;
use crate::play;
use crate::shell::Shell;
use crate::words::choices::ChoicesWords;
use crate::words::logs::LogsWords;
use crate::words::outcomes::OutcomesWords;

/// The most failed attempts whose words are shown.
const FAILED: u32 = 100;

#[derive(Template)]
#[template(path = "trace.html")]
pub(crate) struct TracePage {
    shell: Shell,
    w: &'static LogsWords,
    outcomes: &'static OutcomesWords,
    choices: &'static ChoicesWords,
    request: LoggedRequest,
    /// What the pool decided and why, as it was written down; nothing if there was no time.
    raw: Option<String>,
    trail: Trail,
    /// What Google or the network said when attempts failed, the first attempt first.
    errors: Vec<LoggedError>,
    /// The same request for a terminal, with a place for what is not in the log.
    curl: Option<String>,
}

/// What is shown of a trail. Fields that are missing in older rows are empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Trail {
    decisions: Vec<Decision>,
    attempts: Vec<Attempt>,
    passed_over: Vec<PassedOver>,
    /// What the client sent of which everybody may know.
    headers: Vec<(String, String)>,
}

#[derive(Debug, Deserialize)]
struct Decision {
    after_ms: u32,
    waited_ms: Option<u32>,
    explained: Option<Explained>,
    summary: Option<Summary>,
}

#[derive(Debug, Deserialize)]
struct Explained {
    census: Census,
    #[serde(default)]
    skipped: Vec<Skipped>,
}

#[derive(Debug, Deserialize)]
struct Summary {
    census: Census,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Census {
    total: usize,
    ready: usize,
}

#[derive(Debug, Deserialize)]
struct Skipped {
    why: String,
    keys: usize,
    named: Vec<NamedKey>,
}

#[derive(Debug, Deserialize)]
struct NamedKey {
    key: String,
    mask: String,
    frees_at: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
struct Attempt {
    after_ms: u32,
    key: String,
    mask: String,
    chosen_for: String,
    #[serde(default)]
    hedge: bool,
    egress: Option<String>,
    first_byte_ms: Option<u32>,
    took_ms: u32,
    status: Option<u16>,
    outcome: String,
    detail: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PassedOver {
    after_ms: u32,
    model: String,
    outcome: String,
    message: String,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Page<TracePage>, Error> {
    let found = console.store.request(&id).await?;
    let (request, raw) = found.ok_or(Error::NotFound("There is no such request in the log."))?;
    let trail = raw.as_deref().and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
    let raw = raw.map(|raw| {
        let value: Option<serde_json::Value> = serde_json::from_str(&raw).ok();
        value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or(raw)
    });
    let filter = ErrorFilter { request_id: Some(id), ..ErrorFilter::default() };
    let mut errors = console.store.recent_errors(FAILED, &filter).await?;
    errors.reverse();
    let sent = errors.iter().find_map(|error| error.request_body.as_deref());
    let curl = play::curl(&request, sent, &address(&console, &headers));
    let (w, outcomes) = (LogsWords::of(shell.language), OutcomesWords::of(shell.language));
    let choices = ChoicesWords::of(shell.language);
    Ok(Page(TracePage { shell, w, outcomes, choices, request, raw, trail, errors, curl }))
}

impl TracePage {
    /// The playground with the same API and model; nothing of what cannot be asked there.
    fn replay(&self) -> Option<String> {
        let tab = match self.request.operation.as_str() {
            "images" => "image",
            "speech" => "speech",
            "embeddings" | "embed" => "embedding",
            _ => "",
        };
        let tab = if tab.is_empty() { String::new() } else { format!("&tab={tab}") };
        let dialect = match self.request.dialect.as_str() {
            "openai" => "chat",
            "responses" => "responses",
            "anthropic" => "messages",
            "gemini" => "gemini",
            _ => return None,
        };
        let model = self.request.model.as_deref()?;
        let model: String = url::form_urlencoded::byte_serialize(model.as_bytes()).collect();
        self.shell.may_change().then(|| format!("/admin/play?dialect={dialect}&model={model}{tab}"))
    }

    /// How wide the course of the attempts is drawn, in milliseconds.
    fn width(&self) -> u32 {
        let ends = self.trail.attempts.iter().map(|one| one.after_ms.saturating_add(one.took_ms));
        ends.chain([self.request.duration_ms, 1]).max().unwrap_or(1)
    }
}

impl Attempt {
    fn served(&self) -> bool {
        self.outcome == "served"
    }

    /// How wide it is drawn: never so narrow that it is not seen.
    fn drawn(&self, width: u32) -> u32 {
        self.took_ms.max(width.div_ceil(100))
    }
}

impl Decision {
    fn census(&self) -> Option<Census> {
        let explained = self.explained.as_ref().map(|explained| explained.census);
        explained.or_else(|| self.summary.as_ref().map(|summary| summary.census))
    }

    fn skipped(&self) -> &[Skipped] {
        self.explained.as_ref().map_or(&[], |explained| &explained.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trails_are_read_as_the_gateway_writes_them() {
        let raw = r#"{"decisions":[{"after_ms":0,"summary":{"census":{"total":10,"disabled":0,"dead":1,"blocked":2,"ready":7},"frees_at":null}},
            {"after_ms":5,"waited_ms":4,"explained":{"at":1,"census":{"total":2,"ready":1},"chosen":{},"skipped":[{"why":"dead","keys":1,"frees_at":null,"named":[{"key":"k","mask":"AIzaSy…wxyz","frees_at":null}]}]}}],
            "attempts":[{"after_ms":1,"key":"k","mask":"AIzaSy…wxyz","chosen_for":"turn","took_ms":8,"status":429,"outcome":"quota_spent"}]}"#;
        let trail: Trail = serde_json::from_str(raw).unwrap();
        assert_eq!(trail.decisions[0].census().unwrap().ready, 7);
        assert_eq!(trail.decisions[1].skipped()[0].named[0].mask, "AIzaSy…wxyz");
        assert_eq!(trail.attempts[0].drawn(1_000), 10);
        assert!(!trail.attempts[0].served() && trail.passed_over.is_empty());
    }
}

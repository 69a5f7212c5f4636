//! `/_fake/…`: what the simulation has seen, for tests that run it as a process.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::call::Call;
use crate::received::Received;
use crate::reply::Reply;
use crate::server::Google;

/// `calls`, `received`, `forget`, `advance?seconds=…`, `midnight`.
pub(crate) fn answer(google: &Google, call: &Call) -> Reply {
    let body = match call.target.label.as_str() {
        "calls" => calls(google),
        "received" => google.journal.received().iter().map(request).collect(),
        "forget" => {
            google.journal.forget();
            json!({})
        }
        "advance" => {
            let seconds = call.query("seconds").and_then(|text| text.parse().ok()).unwrap_or(0);
            google.clock.advance(Duration::from_secs(seconds));
            json!({"now": google.clock.now_millis()})
        }
        "midnight" => {
            google.clock.advance_to_pacific_midnight();
            json!({"now": google.clock.now_millis()})
        }
        _ => {
            let paths = ["calls", "received", "forget", "advance?seconds=60", "midnight"];
            json!({"paths": paths.map(|path| format!("/_fake/{path}"))})
        }
    };
    Reply::json(StatusCode::OK, &body)
}

fn calls(google: &Google) -> Value {
    let pairs = google.journal.calls_by_key_and_model();
    json!({
        "byKey": google.journal.calls_by_key(),
        "byKeyAndModel": pairs
            .into_iter()
            .map(|((key, model), calls)| json!({"key": key, "model": model, "calls": calls}))
            .collect::<Vec<_>>(),
        "open": google.journal.open(),
        "cancelled": google.journal.cancelled(),
    })
}

fn request(received: &Received) -> Value {
    let headers = received.headers.iter().map(|(name, value)| {
        (name.to_string(), Value::from(String::from_utf8_lossy(value.as_bytes())))
    });
    let body = serde_json::from_slice(&received.body)
        .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&received.body)));
    json!({
        "at": received.at,
        "method": received.method,
        "path": received.path,
        "query": received.query,
        "key": received.key,
        "model": received.model,
        "operation": received.operation,
        "headers": headers.collect::<serde_json::Map<_, _>>(),
        "body": body,
        "status": received.status,
    })
}

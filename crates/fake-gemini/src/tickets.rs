//! Tokens of sessions (`auth_tokens`): made with a key, shown in its place.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::decide::Caller;
use crate::reply::Reply;
use crate::shelf::Item;

const MINUTE: i64 = 60_000;

/// A token that a session was opened with.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) name: String,
}

/// Makes a token of what the request asks for.
pub(crate) fn make(caller: &Caller<'_>, asked: Map<String, Value>) -> Reply {
    let now = caller.google.clock.now_millis();
    let name = format!("auth_tokens/{}", caller.id("auth_tokens"));
    let end = moment(&asked, "expireTime").unwrap_or(now + 30 * MINUTE);
    caller.shelf().put(
        caller.project,
        &name,
        Item { body: asked, expires: Some(end), made: now, ..Item::default() },
    );
    Reply::json(StatusCode::OK, &json!({"name": name}))
}

/// Begins a new session with a token; or why not.
pub(crate) fn begin(item: &mut Item, now: i64) -> Result<(), &'static str> {
    if now >= moment(&item.body, "newSessionExpireTime").unwrap_or(item.made + MINUTE) {
        return Err("Token does not allow new sessions any more");
    }
    let uses = item.body.get("uses").and_then(Value::as_u64).unwrap_or(1);
    if uses > 0 && item.used >= uses {
        return Err("Token has been used too many times");
    }
    item.used += 1;
    Ok(())
}

fn moment(asked: &Map<String, Value>, field: &str) -> Option<i64> {
    Some(asked.get(field)?.as_str()?.parse::<Timestamp>().ok()?.as_millisecond())
}

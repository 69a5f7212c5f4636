//! Calls about what exists in projects.

use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::decide::Caller;
use crate::errors;
use crate::html;
use crate::reply::{EVENTS, Reply};
use crate::shelf::{Item, Shelf};
use crate::tickets;

const HOUR: i64 = 3_600_000;

/// The families with `id` and snake case.
const INTERACTIONS: [&str; 2] = ["interactions", "decisions"];

/// What a call about resources is answered.
pub(crate) fn answer(caller: &Caller<'_>) -> Reply {
    let path = caller.call.target.resource.as_str();
    match answered(caller, path) {
        Ok(reply) | Err(reply) => reply,
    }
}

fn answered(caller: &Caller<'_>, path: &str) -> Result<Reply, Reply> {
    let call = caller.call;
    let body = caller.body()?;
    caller.shelf().reaches(caller.project, &body)?;
    let (path, method) = path.split_once(':').unwrap_or((path, ""));
    let root = root(path);
    match (&call.method, root, method) {
        (&Method::POST, root, "batchGenerateContent" | "asyncBatchEmbedContent") => {
            if let Some(tuned) = root {
                let now = caller.google.clock.now_millis();
                caller.shelf().get(caller.project, tuned, now)?;
            }
            Ok(batch(caller, &body))
        }
        (&Method::POST, _, "predictLongRunning") => Ok(film(caller, path)),
        (&Method::GET, None, "") => Ok(list(caller, path)),
        (&Method::POST, None, "") => make(caller, path, body),
        (&Method::POST, None, "register") => register(caller, &body),
        (_, None, _) => Err(html::not_found(&call.path)),
        (&Method::GET, Some(root), "download") => {
            let now = caller.google.clock.now_millis();
            let content = caller.shelf().get(caller.project, root, now)?.content.clone();
            Ok(Reply::whole(StatusCode::OK, "application/octet-stream", content))
        }
        (_, Some(root), _) => one(caller, root, path, method, body),
    }
}

/// The name that something of its own has: `models/m/operations/o` is longer than others.
fn root(path: &str) -> Option<&str> {
    let parts = if path.starts_with("models/") { 4 } else { 2 };
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    slashes.nth(parts - 2)?;
    Some(slashes.next().map_or(path, |end| &path[..end]))
}

fn list(caller: &Caller<'_>, kind: &str) -> Reply {
    let found = caller.shelf().list(caller.project, kind);
    let field =
        if kind == "batches" { "operations" } else { kind.rsplit('/').next().unwrap_or(kind) };
    let body = if found.is_empty() { json!({}) } else { json!({field: found}) };
    Reply::json(StatusCode::OK, &body)
}

fn one(
    caller: &Caller<'_>,
    root: &str,
    path: &str,
    method: &str,
    body: Value,
) -> Result<Reply, Reply> {
    let now = caller.google.clock.now_millis();
    let mut shelf = caller.shelf();
    let item = shelf.get(caller.project, root, now)?;
    let is_root = root.len() == path.len();
    let told = match (&caller.call.method, is_root, method) {
        (&Method::GET, true, "") => item.look(),
        (&Method::DELETE, true, "") => {
            shelf.take(caller.project, root, now)?;
            json!({})
        }
        (&Method::PATCH, true, _) => {
            item.body.extend(object(body));
            Value::Object(item.body.clone())
        }
        (&Method::POST, true, "cancel") => {
            item.outcome = None;
            json!({})
        }
        (&Method::POST, false, "") if path.ends_with("/cancel") => {
            item.body.insert("status".to_owned(), "cancelled".into());
            Value::Object(item.body.clone())
        }
        (&Method::POST, true, "importFile") => {
            json!({"name": format!("{root}/operations/import"), "done": true, "response": {}})
        }
        (&Method::DELETE, false, _) => json!({}),
        (&Method::GET, false, _) | (&Method::POST, true, _) => json!({"name": path}),
        (&Method::PATCH | &Method::POST, false, _) => {
            let mut below = object(body);
            below.insert("name".to_owned(), path.into());
            Value::Object(below)
        }
        _ => return Err(html::not_found(&caller.call.path)),
    };
    Ok(Reply::json(StatusCode::OK, &told))
}

/// Makes a member of a list.
fn make(caller: &Caller<'_>, kind: &str, body: Value) -> Result<Reply, Reply> {
    let now = caller.google.clock.now_millis();
    let is_interaction = INTERACTIONS.contains(&kind);
    if let Some(before) = body["previous_interaction_id"].as_str() {
        caller.shelf().get(caller.project, &format!("interactions/{before}"), now)?;
    }
    let streams = body["stream"] == json!(true);
    let Value::Object(mut made) = body else {
        return Err(errors::invalid_argument("The body must be an object."));
    };
    if kind == "auth_tokens" {
        return Ok(tickets::make(caller, made));
    }
    let id = caller.id(kind);
    let name = format!("{kind}/{id}");
    if let Some(described) = made.remove("file") {
        made.extend(object(described));
    }
    if is_interaction {
        made.insert("id".to_owned(), id.into());
        made.insert("status".to_owned(), "completed".into());
        made.insert(
            "usage".to_owned(),
            json!({"total_input_tokens": 3, "total_output_tokens": 4, "total_tokens": 7}),
        );
        made.remove("input");
    } else {
        made.insert("name".to_owned(), name.clone().into());
    }
    let lasts = match made.get("ttl").and_then(Value::as_str) {
        Some(ttl) => {
            ttl.trim_end_matches('s').parse::<i64>().map_or(HOUR, |seconds| seconds * 1000)
        }
        None => HOUR,
    };
    let expires = (kind == "cachedContents").then_some(now + lasts);
    if let Some(expires) = expires {
        made.insert("expireTime".to_owned(), time(expires).into());
        made.insert("createTime".to_owned(), time(now).into());
        made.insert("usageMetadata".to_owned(), json!({"totalTokenCount": 4096}));
    }
    if kind != "decisions" {
        let item = Item { body: made.clone(), expires, ..Item::default() };
        caller.shelf().put(caller.project, &name, item);
    }
    let made = match kind {
        "files" => json!({"file": made}),
        "tunedModels" => {
            json!({"name": format!("{name}/operations/tune"), "metadata": {"tunedModel": name}})
        }
        _ => Value::Object(made),
    };
    Ok(if streams { events(&made) } else { Reply::json(StatusCode::OK, &made) })
}

/// Makes files of what lies elsewhere.
fn register(caller: &Caller<'_>, body: &Value) -> Result<Reply, Reply> {
    let Some(uris) = body["uris"].as_array() else {
        return Err(errors::invalid_argument("The body must have uris."));
    };
    let file = |uri: &Value| {
        let name = format!("files/{}", caller.id("files"));
        let body = json!({"name": name, "source": "REGISTERED", "state": "ACTIVE", "uri": uri});
        let item = Item { body: object(body.clone()), ..Item::default() };
        caller.shelf().put(caller.project, &name, item);
        body
    };
    let files: Vec<Value> = uris.iter().map(file).collect();
    Ok(Reply::json(StatusCode::OK, &json!({"files": files})))
}

/// An interaction, told as it happens.
fn events(made: &Value) -> Reply {
    use crate::feed::Step;

    let event = |kind: &str, interaction: &Value| {
        let data = json!({"event_type": kind, "interaction": interaction});
        Step::Send(Bytes::from(format!("event: {kind}\ndata: {data}\n\n")))
    };
    let begins = json!({"id": made["id"], "status": "in_progress"});
    let steps = vec![
        event("interaction.created", &begins),
        event("interaction.completed", made),
        Step::Send(Bytes::from_static(b"data: [DONE]\n\n")),
    ];
    Reply::stream(EVENTS, Box::new(steps.into_iter()))
}

fn batch(caller: &Caller<'_>, body: &Value) -> Reply {
    let id = caller.id("batches");
    let name = format!("batches/{id}");
    let output = format!("files/batch-{id}");
    let label = &body["batch"]["displayName"];
    let state = |state: &str| json!({"state": state, "displayName": label});
    let mut ended = state("BATCH_STATE_SUCCEEDED");
    ended["output"] = json!({"responsesFile": output});
    let work = json!({"name": name, "metadata": state("BATCH_STATE_PENDING")});
    let outcome = json!({"done": true, "metadata": ended, "response": {"responsesFile": output}});
    let content = Bytes::from_static(b"{\"key\":\"1\",\"response\":{}}\n");
    begin(caller, &name, &work, outcome, &output, content)
}

fn film(caller: &Caller<'_>, model: &str) -> Reply {
    let id = caller.id("operations");
    let name = format!("{model}/operations/{id}");
    let output = format!("files/film-{id}");
    let uri =
        format!("https://generativelanguage.googleapis.com/v1beta/{output}:download?alt=media");
    let generated = format!("generatedFiles/{id}");
    let outcome = json!({"done": true, "response": {"generateVideoResponse": {
        "generatedSamples": [{"video": {"uri": uri}}],
        "generatedFiles": [{"name": generated}],
    }}});
    let file = Item { body: object(json!({"name": generated})), ..Item::default() };
    caller.shelf().put(caller.project, &generated, file);
    let work = json!({"name": name});
    begin(caller, &name, &work, outcome, &output, Bytes::from_static(b"a film"))
}

/// Begins work that ends in a file.
fn begin(
    caller: &Caller<'_>,
    name: &str,
    work: &Value,
    outcome: Value,
    output: &str,
    content: Bytes,
) -> Reply {
    let (now, polls) = (caller.google.clock.now_millis(), caller.google.script.lock().polls());
    let mut shelf = caller.shelf();
    let item = Item {
        body: object(work.clone()),
        polls,
        outcome: Some(object(outcome)),
        ..Item::default()
    };
    shelf.put(caller.project, name, item);
    let file = json!({"name": output, "source": "GENERATED", "state": "ACTIVE", "expirationTime": time(now + 48 * HOUR)});
    let file =
        Item { body: object(file), expires: Some(now + 48 * HOUR), content, ..Item::default() };
    shelf.put(caller.project, output, file);
    Reply::json(StatusCode::OK, work)
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Milliseconds since the epoch as Google writes times.
pub(crate) fn time(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map(|time| time.to_string()).unwrap_or_default()
}

impl Caller<'_> {
    pub(crate) fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.google.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last part of a new name.
    pub(crate) fn id(&self, kind: &str) -> String {
        let serial = self.google.serial.fetch_add(1, Ordering::Relaxed);
        let letter = kind.rsplit('/').next().unwrap_or_default().chars().next().unwrap_or('x');
        format!("{letter}{:011x}", serial.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20)
    }

    fn body(&self) -> Result<Value, Reply> {
        if self.call.body.is_empty() {
            return Ok(json!({}));
        }
        serde_json::from_slice(&self.call.body).map_err(|error| {
            errors::invalid_argument(&format!("Invalid JSON payload received. {error}"))
        })
    }
}

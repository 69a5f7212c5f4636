//! The upload protocol: begun, piece by piece, and ended with a file.

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::decide::Caller;
use crate::errors;
use crate::reply::{JSON, Reply};
use crate::resources::{object, time};
use crate::shelf::{Item, Upload, denial, refusal};

const LASTS: i64 = 48 * 3_600_000;

/// What a call below `/upload` is answered.
pub(crate) fn answer(caller: &Caller<'_>) -> Reply {
    match answered(caller) {
        Ok(reply) | Err(reply) => reply,
    }
}

fn answered(caller: &Caller<'_>) -> Result<Reply, Reply> {
    if caller.call.method == Method::PUT {
        return put(caller);
    }
    let Some(id) = caller.call.query("upload_id") else { return begin(caller) };
    let command = caller.call.header("x-goog-upload-command").to_ascii_lowercase();
    let mut shelf = caller.shelf();
    let Some(upload) = shelf.uploads.get_mut(id) else { return Err(refusal("uploads/x")) };
    if upload.project != caller.project {
        shelf.strays += 1;
        return Err(denial("files/upload"));
    }
    if command.contains("upload") {
        let offset = caller.call.header("x-goog-upload-offset");
        if offset.parse() != Ok(upload.received.len()) {
            return Err(errors::invalid_argument(&format!(
                "The offset {offset} is not where the upload stands: {}.",
                upload.received.len()
            )));
        }
        upload.received.extend_from_slice(&caller.call.body);
    }
    let size = upload.received.len().to_string();
    if command.contains("cancel") {
        shelf.uploads.remove(id);
        return Ok(empty().with("x-goog-upload-status", "cancelled"));
    }
    if !command.contains("finalize") || caller.call.is_cut {
        let active = empty().with("x-goog-upload-status", "active");
        return Ok(active.with("x-goog-upload-size-received", &size));
    }
    let upload = shelf.uploads.remove(id).unwrap_or_default();
    drop(shelf);
    Ok(end(caller, upload).with("x-goog-upload-status", "final"))
}

/// Lays a file into an environment.
fn put(caller: &Caller<'_>) -> Result<Reply, Reply> {
    let (target, now) = (&caller.call.target.resource, caller.google.clock.now_millis());
    let (environment, path) = target.split_once("/files/").unwrap_or((target, ""));
    caller.shelf().get(caller.project, environment, now)?;
    let laid = json!({"path": path, "sizeBytes": caller.call.body.len().to_string()});
    Ok(Reply::json(StatusCode::OK, &laid))
}

fn empty() -> Reply {
    Reply::whole(StatusCode::OK, JSON, Bytes::new())
}

fn begin(caller: &Caller<'_>) -> Result<Reply, Reply> {
    let call = caller.call;
    if !call.header("x-goog-upload-command").eq_ignore_ascii_case("start") {
        return Err(errors::invalid_argument("Invalid upload command."));
    }
    let target = call.target.resource.clone();
    let now = caller.google.clock.now_millis();
    if let Some((store, _)) = target.split_once(':') {
        caller.shelf().get(caller.project, store, now)?;
    }
    let id = caller.id("uploads");
    let upload = Upload {
        project: caller.project.to_owned(),
        target,
        mime: call.header("x-goog-upload-header-content-type").to_owned(),
        metadata: serde_json::from_slice(&call.body).unwrap_or_default(),
        received: Vec::new(),
    };
    caller.shelf().uploads.insert(id.clone(), upload);
    let (host, path) = (call.header("host"), &call.path);
    let url = format!("http://{host}{path}?upload_id={id}&upload_protocol=resumable");
    Ok(empty()
        .with("x-goog-upload-url", &url)
        .with("x-goog-upload-control-url", &url)
        .with("x-goog-upload-status", "active")
        .with("x-goog-upload-chunk-granularity", "262144"))
}

fn end(caller: &Caller<'_>, upload: Upload) -> Reply {
    let (now, polls) = (caller.google.clock.now_millis(), caller.google.script.lock().polls());
    let Upload { project, target, mime, metadata, received } = upload;
    if let Some((store, _)) = target.split_once(':') {
        let name = format!("{store}/upload/operations/{}", caller.id("operations"));
        let document = format!("{store}/documents/{}", caller.id("documents"));
        let done = json!({"name": name, "done": true, "response": {"documentName": document}});
        return Reply::json(StatusCode::OK, &done);
    }
    let described = &metadata["file"];
    let text =
        |camel: &str, snake: &str| described[camel].as_str().or_else(|| described[snake].as_str());
    let name = match text("name", "name") {
        Some(name) => name.to_owned(),
        None => format!("files/{}", caller.id("files")),
    };
    let mime =
        if mime.is_empty() { text("mimeType", "mime_type").unwrap_or_default() } else { &mime };
    let state = if polls > 0 { "PROCESSING" } else { "ACTIVE" };
    let mut file = json!({
        "name": name,
        "mimeType": mime,
        "sizeBytes": received.len().to_string(),
        "createTime": time(now),
        "updateTime": time(now),
        "expirationTime": time(now + LASTS),
        "uri": format!("https://generativelanguage.googleapis.com/v1beta/{name}"),
        "state": state,
        "source": "UPLOADED",
    });
    if let Some(label) = text("displayName", "display_name") {
        file["displayName"] = label.into();
    }
    let item = Item {
        body: object(file.clone()),
        expires: Some(now + LASTS),
        polls: polls.saturating_sub(1),
        outcome: Some(object(json!({"state": "ACTIVE"}))),
        content: received.into(),
        ..Item::default()
    };
    caller.shelf().put(&project, &name, item);
    Reply::json(StatusCode::OK, &Value::from_iter([("file", file)]))
}

//! Batches: each line of the input file is asked, and the answers become a file.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::ask::Ask;
use crate::decide::Caller;
use crate::embed;
use crate::models::Model;
use crate::reply::Reply;
use crate::resources::{begin, time};
use crate::stream;
use crate::validate;

/// Begins a batch. Where it names no file, there is one answer without a question.
pub(crate) fn make(caller: &Caller<'_>, body: &Value) -> Result<Reply, Reply> {
    let batch = &body["batch"];
    let input = &batch["inputConfig"]["fileName"];
    let (content, failed, all) = match input.as_str() {
        Some(file) => answers(caller, file)?,
        None => ("{\"key\":\"1\",\"response\":{}}\n".to_owned(), 0, 1),
    };
    let now = time(caller.google.clock.now_millis());
    let id = caller.id("batches");
    let (name, output) = (format!("batches/{id}"), format!("files/batch-{id}"));
    let state = |state: &str| {
        json!({"state": state, "displayName": batch["displayName"], "createTime": now,
            "updateTime": now})
    };
    let mut ended = state("BATCH_STATE_SUCCEEDED");
    ended["output"] = json!({"responsesFile": output});
    ended["endTime"] = now.as_str().into();
    ended["batchStats"] = json!({
        "requestCount": all.to_string(),
        "successfulRequestCount": (all - failed).to_string(),
        "failedRequestCount": failed.to_string(),
    });
    let work = json!({"name": name, "metadata": state("BATCH_STATE_PENDING")});
    let outcome = json!({"done": true, "metadata": ended, "response": {"responsesFile": output}});
    Ok(begin(caller, &name, &work, outcome, &output, Bytes::from(content).into()))
}

/// What becomes of a batch that is cancelled.
pub(crate) fn cancelled() -> Value {
    json!({"done": true, "metadata": {"state": "BATCH_STATE_CANCELLED"},
        "error": {"code": 1, "message": "The batch was cancelled."}})
}

/// The file of answers, how many of them are errors, and how many there are.
fn answers(caller: &Caller<'_>, file: &str) -> Result<(String, usize, usize), Reply> {
    let now = caller.google.clock.now_millis();
    let input = caller.shelf().get(caller.project, file, now)?.content.clone();
    let model = caller.model()?;
    let (mut out, mut failed, mut all) = (String::new(), 0, 0);
    for line in input.held().split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let line: Value = serde_json::from_slice(line).unwrap_or_default();
        let request = Bytes::from(line["request"].to_string());
        let told = answer(caller, model, &request);
        let (status, told) = told.unwrap_or_else(|refusal| refusal).read();
        let told = if status == StatusCode::OK {
            json!({"key": line["key"], "response": told})
        } else {
            failed += 1;
            // By its number, as `google.rpc.Status` has it.
            let error = json!({"code": 3, "message": told["error"]["message"]});
            json!({"key": line["key"], "error": error})
        };
        all += 1;
        out.push_str(&told.to_string());
        out.push('\n');
    }
    Ok((out, failed, all))
}

fn answer(caller: &Caller<'_>, model: &Model, request: &Bytes) -> Result<Reply, Reply> {
    if model.supports("embedContent") {
        let body = validate::parse(request, &validate::EMBED_REQUEST)?;
        return Ok(embed::embed(model, &body));
    }
    let body = validate::parse(request, &validate::GENERATE_REQUEST)?;
    let ask = Ask::new(model, &body);
    validate::generate(&ask)?;
    let serial = caller.google.serial.fetch_add(1, Ordering::Relaxed);
    Ok(Reply::json(StatusCode::OK, &stream::whole(&Answer::to(&ask, &body, serial))))
}

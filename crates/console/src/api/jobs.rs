//! `/api/admin/jobs`: work at the server.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use keypool::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Begun, ErrorBody};
use crate::State as Console;
use crate::access::Identity;
use crate::error::Error;
use crate::work::{self, Outcome};

const UNKNOWN: Error = Error::NotFound("There is no such job, or not any more.");

/// Work over many keys, files or proxies, which goes on at the server.
#[derive(Serialize, ToSchema)]
pub(crate) struct Job {
    id: String,
    /// `add`, `verify`, `enable`, `disable`, `remove`, `tag`, `reset` or `pause`; of undoing `restore`,
    /// `enable_again` or `untag`; of files `delete_files` or `forget_files`; `test_proxies`;
    /// `test_model`; `delete_requests`, by pieces of the log.
    action: &'static str,
    /// The label or the model that it is about.
    #[serde(skip_serializing_if = "String::is_empty")]
    about: String,
    /// Who wants it.
    actor: String,
    started_at: Timestamp,
    finished: bool,
    /// How many are meant.
    total: usize,
    ok: usize,
    failed: usize,
    skipped: usize,
    /// How many are done in a second on average.
    pace: f64,
    /// In how many seconds it ends at this pace; nothing of one that has ended or just begun.
    left: Option<u64>,
    /// Whether it has changed something that can be taken back.
    can_be_undone: bool,
}

/// A job, and what became of each.
#[derive(Serialize, ToSchema)]
#[schema(as = JobWithResults)]
pub(crate) struct WithResults {
    #[serde(flatten)]
    job: Job,
    results: Vec<Done>,
}

/// What became of a key, a file or a proxy.
#[derive(Serialize, ToSchema)]
#[schema(as = JobResult)]
pub(crate) struct Done {
    id: String,
    /// The key as it may be shown, the file's name, or the proxy without its login.
    key: String,
    /// `ok`, `failed` or `skipped`.
    outcome: &'static str,
    /// The kind of result, such as `alive`, `invalid` or `gone`.
    code: &'static str,
    message: String,
}

/// Lists the jobs that this process remembers, newest first.
#[utoipa::path(
    get, path = "/api/admin/jobs", tag = "Jobs", operation_id = "listJobs",
    responses((status = 200, description = "Jobs without their results", body = [Job], example = json!([{
        "id": "019aa5c1-6f6b-7c6e-9d3a-2b6f0e4f8a11", "action": "verify", "actor": "admin",
        "started_at": 1_795_241_400_000_i64, "finished": true, "total": 3, "ok": 2, "failed": 1,
        "skipped": 0, "pace": 1.5, "left": null, "can_be_undone": false
    }])))
)]
pub(crate) async fn list(State(console): State<Console>) -> Json<Vec<Job>> {
    Json(console.jobs.all().iter().map(Job::new).collect())
}

/// Tells how far a job is, and what became of each key so far.
#[utoipa::path(
    get, path = "/api/admin/jobs/{id}", tag = "Jobs", operation_id = "readJob",
    params(("id" = String, Path, description = "The job's id")),
    responses(
        (status = 200, description = "The job with its results", body = WithResults, example = json!({
            "id": "019aa5c1-6f6b-7c6e-9d3a-2b6f0e4f8a11", "action": "verify", "actor": "admin",
            "started_at": 1_795_241_400_000_i64, "finished": true, "total": 1, "ok": 1,
            "failed": 0, "skipped": 0, "pace": 2.0, "left": null, "can_be_undone": false, "results": [{
                "id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "key": "AIzaSy…wxyz",
                "outcome": "ok", "code": "alive", "message": ""
            }]
        })),
        (status = 404, description = "There is no such job, or not any more", body = ErrorBody),
    )
)]
pub(crate) async fn read(
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<Json<WithResults>, Error> {
    let job = console.jobs.find(&id);
    let job = job.ok_or(UNKNOWN)?;
    let results = job.results("").into_iter().map(Done::from).collect();
    Ok(Json(WithResults { job: Job::new(&job), results }))
}

/// Stops a job; what is done already stays done.
#[utoipa::path(
    post, path = "/api/admin/jobs/{id}/cancel", tag = "Jobs", operation_id = "cancelJob",
    params(("id" = String, Path, description = "The job's id")),
    request_body(content = serde_json::Value, example = json!({})),
    responses(
        (status = 204, description = "It stops, or has ended before"),
        (status = 404, description = "There is no such job, or not any more", body = ErrorBody),
    )
)]
pub(crate) async fn cancel(
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    console.jobs.find(&id).ok_or(UNKNOWN)?.cancel.cancel();
    Ok(StatusCode::NO_CONTENT)
}

/// Takes back what a job did, as a job: removed keys come back, disabled ones serve again, a label that
/// was added goes. One that still goes on is stopped.
#[utoipa::path(
    post, path = "/api/admin/jobs/{id}/undo", tag = "Jobs", operation_id = "undoJob",
    params(("id" = String, Path, description = "The job's id")),
    request_body(content = serde_json::Value, example = json!({})),
    responses(
        (status = 202, description = "The job that takes it back", body = Begun, example = json!({
            "job": "019aa5c1-6f6b-7c6e-9d3a-2b6f0e4f8a11", "total": 2
        })),
        (status = 400, description = "It cannot be undone", body = ErrorBody),
        (status = 404, description = "There is no such job, or not any more", body = ErrorBody),
    )
)]
pub(crate) async fn undo(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Begun>), Error> {
    let job = console.jobs.find(&id).ok_or(UNKNOWN)?;
    let job = work::undo(&console, &job, &identity.actor).await?;
    Ok(Begun::accepted(&job))
}

impl Job {
    fn new(job: &Arc<work::Job>) -> Self {
        Self {
            id: job.id.clone(),
            action: job.action,
            actor: job.actor.clone(),
            started_at: job.started_at,
            finished: job.is_finished(),
            total: job.total,
            ok: job.ok(),
            failed: job.failed(),
            skipped: job.skipped(),
            pace: job.pace(relay::now()),
            left: job.left(relay::now()),
            can_be_undone: job.can_be_undone(),
            about: job.about.clone(),
        }
    }
}

impl From<work::Done> for Done {
    fn from(done: work::Done) -> Self {
        let outcome = match done.outcome {
            Outcome::Ok => "ok",
            Outcome::Failed => "failed",
            Outcome::Skipped => "skipped",
        };
        let work::Done { id, mask, code, message, .. } = done;
        Self { id, key: mask, outcome, code, message }
    }
}

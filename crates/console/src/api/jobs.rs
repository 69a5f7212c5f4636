//! `/api/admin/jobs`: work at the server.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use keypool::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::ErrorBody;
use crate::State as Console;
use crate::error::Error;
use crate::work::{self, Outcome};

/// Work over many keys, files or proxies, which goes on at the server.
#[derive(Serialize, ToSchema)]
pub(crate) struct Job {
    id: String,
    /// `add`, `verify`, `enable`, `disable`, `remove`, `tag`, `reset`, `pause` or `restore`; of files
    /// `delete_files` or `forget_files`; `test_proxies`; `delete_requests`, by pieces of the log.
    action: &'static str,
    /// Who wants it.
    actor: String,
    started_at: Timestamp,
    finished: bool,
    /// How many are meant.
    total: usize,
    ok: usize,
    failed: usize,
    skipped: usize,
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
        "skipped": 0
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
            "failed": 0, "skipped": 0, "results": [{
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
    let job = job.ok_or(Error::NotFound("There is no such job, or not any more."))?;
    let results = job.results("").into_iter().map(Done::from).collect();
    Ok(Json(WithResults { job: Job::new(&job), results }))
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

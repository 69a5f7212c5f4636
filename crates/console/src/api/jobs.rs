//! `/api/admin/jobs`: work at the server.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use keypool::Timestamp;
use serde::Serialize;

use crate::State as Console;
use crate::error::Error;
use crate::work::{self, Outcome};

#[derive(Serialize)]
pub(crate) struct Job {
    id: String,
    action: &'static str,
    actor: String,
    started_at: Timestamp,
    finished: bool,
    total: usize,
    ok: usize,
    failed: usize,
    skipped: usize,
}

#[derive(Serialize)]
pub(crate) struct WithResults {
    #[serde(flatten)]
    job: Job,
    results: Vec<Done>,
}

#[derive(Serialize)]
pub(crate) struct Done {
    id: String,
    key: String,
    outcome: &'static str,
    code: &'static str,
    message: String,
}

pub(crate) async fn list(State(console): State<Console>) -> Json<Vec<Job>> {
    Json(console.jobs.all().iter().map(Job::new).collect())
}

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

use axum::Json;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::work::Job;

/// The work that was begun.
#[derive(Serialize, ToSchema)]
#[schema(as = BegunJob)]
pub(crate) struct Begun {
    /// The job's id, to ask how far it is.
    job: String,
    /// How many keys, files or proxies are meant.
    total: usize,
    /// Where keys are removed: how many live files, caches and so on go out of reach with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lost_files: Option<u64>,
}

impl Begun {
    /// The answer that names a job which goes on.
    pub(super) fn accepted(job: &Job) -> (StatusCode, Json<Self>) {
        let begun = Self { job: job.id.clone(), total: job.total, lost_files: None };
        (StatusCode::ACCEPTED, Json(begun))
    }
}

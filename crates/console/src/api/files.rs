//! `/api/admin/files`: what clients have made at Google.

use axum::Json;
use axum::extract::Query;
use axum::extract::State;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use http::StatusCode;
use keypool::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Begun, ErrorBody};
use crate::State as Console;
use crate::access::Identity;
use crate::changes::files::{self as changes, Meant};
use crate::error::Error;
use crate::files::{self, Counts, Filter, ProjectUse};
use crate::work::FileAction;

/// A page of files, caches, batches and so on.
#[derive(Serialize, ToSchema)]
#[schema(as = Files)]
pub(crate) struct Listed {
    /// Those that pass the filter.
    matching: u64,
    /// Those that pass the rest of the filter, by state.
    counts: Counts,
    /// From 1.
    page: u64,
    pages: u64,
    files: Vec<File>,
    /// What the files of each project come to, the fullest first.
    projects: Vec<ProjectUse>,
}

/// Something that a client has made at Google.
#[derive(Serialize, ToSchema)]
pub(crate) struct File {
    /// Its name at Google.
    name: String,
    /// `file`, `cache`, `batch`, `operation`, `store`, `interaction`, `upload` …
    #[serde(rename = "type")]
    kind: String,
    /// What people call it.
    display_name: Option<String>,
    mime: Option<String>,
    /// Bytes.
    size: Option<u64>,
    /// `live`, `working`, `failed`, `unreachable` (no key reaches it) or `expired`.
    state: &'static str,
    /// How Google last said it stands.
    google_state: String,
    /// The client token that it belongs to.
    token_id: String,
    token_name: Option<String>,
    /// The key that it was made with.
    key_id: String,
    /// That key as it may be shown; nothing if the pool has it no more.
    key: Option<String>,
    /// The project that it is in, if that has a name.
    project: Option<String>,
    made_at: Timestamp,
    /// When Google deletes it.
    expires_at: Option<Timestamp>,
}

impl From<files::File> for File {
    fn from(file: files::File) -> Self {
        let (kind, state) = (file.kind().to_owned(), file.standing.as_str());
        let files::File { resource, owner, key, project, .. } = file;
        Self {
            name: resource.name,
            kind,
            display_name: resource.display_name,
            mime: resource.mime,
            size: resource.size,
            state,
            google_state: resource.state,
            token_id: resource.token_id,
            token_name: owner,
            key_id: resource.key_id,
            key,
            project,
            made_at: resource.created_at,
            expires_at: resource.expires_at,
        }
    }
}

/// Lists what clients have made at Google, page by page.
#[utoipa::path(
    get, path = "/api/admin/files", tag = "Files", operation_id = "listFiles",
    params(Filter),
    responses((status = 200, description = "A page of the register", body = Listed, example = json!({
        "matching": 1, "counts": {"live": 1, "unreachable": 0, "expired": 0}, "page": 1, "pages": 1,
        "files": [{
            "name": "files/abc-123", "type": "file", "display_name": "numbers.csv",
            "mime": "text/csv", "size": 2048, "state": "live", "google_state": "ACTIVE",
            "token_id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "token_name": "laptop",
            "key_id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0d1", "key": "AIzaSy…wxyz",
            "project": "gen-lang-1", "made_at": 1_795_241_400_000_i64,
            "expires_at": 1_795_414_200_000_i64
        }],
        "projects": [{
            "project": "gen-lang-1", "key": null, "key_id": null, "files": 1, "bytes": 2048,
            "room": 21_474_836_480_u64
        }]
    })))
)]
pub(crate) async fn list(
    State(console): State<Console>,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Json<Listed>, Error> {
    let Query(filter) = filter?;
    let listing = filter.apply(&console).await?;
    Ok(Json(Listed {
        matching: listing.matching,
        counts: listing.counts,
        page: listing.page,
        pages: listing.pages,
        files: listing.files.into_iter().map(File::from).collect(),
        projects: listing.uses,
    }))
}

/// What is to be done to which of them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FileAction)]
pub(crate) struct Wanted {
    /// `delete` asks Google and forgets them here; `forget` leaves them at Google.
    action: String,
    /// The names of those that are meant.
    #[serde(default)]
    names: Vec<String>,
    /// All that this finds, instead of names.
    filter: Option<Filter>,
}

/// Deletes or forgets many, as a job. What no key reaches cannot be deleted, but forgotten.
#[utoipa::path(
    post, path = "/api/admin/files/act", tag = "Files", operation_id = "actOnFiles",
    request_body(
        content = Wanted, example = json!({"action": "delete", "filter": {"type": "file"}})
    ),
    responses(
        (status = 202, description = "The job that does it", body = Begun, example = json!({
            "job": "019aa5c1-6f6b-7c6e-9d3a-2b6f0e4f8a11", "total": 7
        })),
        (status = 400, description = "Nothing is meant, or there is no such action", body = ErrorBody),
    )
)]
pub(crate) async fn act(
    State(console): State<Console>,
    identity: Identity,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<(StatusCode, Json<Begun>), Error> {
    let Json(wanted) = wanted?;
    let action = FileAction::of_name(&wanted.action)?;
    let meant = wanted.filter.map_or(Meant::These(wanted.names), Meant::Matching);
    let job = changes::act(&console, &identity, action, meant).await?;
    Ok(Begun::accepted(&job))
}

/// What was forgotten.
#[derive(Serialize, ToSchema)]
pub(crate) struct Cleaned {
    /// How many had expired.
    forgotten: u64,
}

/// Forgets what Google has deleted by now.
#[utoipa::path(
    delete, path = "/api/admin/files/expired", tag = "Files", operation_id = "cleanFiles",
    responses((
        status = 200, description = "They are forgotten", body = Cleaned,
        example = json!({"forgotten": 12})
    ))
)]
pub(crate) async fn clean(
    State(console): State<Console>,
    identity: Identity,
) -> Result<Json<Cleaned>, Error> {
    Ok(Json(Cleaned { forgotten: changes::clean(&console, &identity).await? }))
}

//! `/api/admin/imports`: what is brought from elsewhere, looked at before it is taken over.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use futures_util::StreamExt as _;
use http::StatusCode;
use secret::Passphrase;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::ErrorBody;
use crate::State as Console;
use crate::access::Identity;
use crate::error::Error;
use crate::moving::{Brought, Contents, Delivery, ReceivedFile, Stage, Wishes};
use crate::words::Language;

/// What is brought as text, or the address of a database: one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewImport {
    /// Keys in any text, or the lines of a `.env` file.
    text: Option<String>,
    /// A MySQL or PostgreSQL database of the Python or the Next.js project.
    url: Option<String>,
    /// Let settings that were saved here give way.
    #[serde(default)]
    overwrite: bool,
    /// Leave the logs behind.
    #[serde(default)]
    without_logs: bool,
    /// Time zone of the Python project's clock; `Asia/Shanghai`, as in its container.
    timezone: Option<String>,
}

/// What is to happen with an import.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportChange {
    /// The passphrase that a backup was made with.
    passphrase: Option<String>,
    /// Take it over. Nothing is written before.
    #[serde(default)]
    confirmed: bool,
}

/// What was brought, and how far it is. It belongs to whoever brought it, and is forgotten when nobody
/// has asked for it for half an hour.
#[derive(Serialize, ToSchema)]
#[schema(as = Import)]
pub(crate) struct Import {
    id: String,
    /// `looking`, `locked` (a backup that wants its passphrase), `ready`, `taking`, `done` or `failed`.
    state: &'static str,
    /// Rows of logs that were looked at so far.
    rows: u64,
    /// What would happen or, once it is done, has happened: counts of keys, tokens and log rows, and
    /// what becomes of each setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    report: Option<Value>,
    /// What a backup holds, which takes the place of everything here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    backup: Option<Value>,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// Looks at keys or settings in a text, or at a database, without writing anything.
#[utoipa::path(
    post, path = "/api/admin/imports", tag = "Imports", operation_id = "beginImport",
    request_body(content = NewImport, example = json!({"text": "API_KEYS=[\"AIza…\"]\nMAX_RETRIES=5"})),
    responses(
        (status = 202, description = "It is being looked at", body = Import, example = json!({
            "id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "state": "looking", "rows": 0
        })),
        (status = 400, description = "It cannot be read", body = ErrorBody),
    )
)]
pub(crate) async fn begin(
    State(console): State<Console>,
    identity: Identity,
    wanted: Result<Json<NewImport>, JsonRejection>,
) -> Result<(StatusCode, Json<Import>), Error> {
    let Json(NewImport { text, url, overwrite, without_logs, timezone }) = wanted?;
    let wishes = Wishes { overwrite, without_logs, timezone };
    let brought = match (text, url) {
        (Some(text), None) => Brought::text(&text)?,
        (None, Some(url)) => Brought::url(&url, &wishes).await?,
        _ => return Err(Error::invalid("text", "or url is needed, and only one of them")),
    };
    let delivery = console.receive(&identity, brought);
    Ok((StatusCode::ACCEPTED, Json(Import::of(&delivery))))
}

/// Looks at a file: an SQLite database or a `.env` file of the Python or the Next.js project, a list of
/// keys, or a backup of this program.
#[utoipa::path(
    post, path = "/api/admin/imports/file", tag = "Imports", operation_id = "beginImportOfFile",
    request_body(
        content = Vec<u8>, content_type = "application/octet-stream",
        description = "The file itself, of at most 512 MiB"
    ),
    responses(
        (status = 202, description = "It is being looked at", body = Import, example = json!({
            "id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0de", "state": "looking", "rows": 0
        })),
        (status = 400, description = "It cannot be read", body = ErrorBody),
        (status = 413, description = "It is too large", body = ErrorBody),
    )
)]
pub(crate) async fn begin_file(
    State(console): State<Console>,
    identity: Identity,
    body: Body,
) -> Result<(StatusCode, Json<Import>), Error> {
    let mut file = ReceivedFile::new()?;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Error::invalid("file", "ends early"))?;
        file.add(&piece)?;
    }
    let brought = Brought::file(file, "", &Wishes::default(), None).await?;
    let delivery = console.receive(&identity, brought);
    Ok((StatusCode::ACCEPTED, Json(Import::of(&delivery))))
}

/// Tells how far an import is, and what would happen.
#[utoipa::path(
    get, path = "/api/admin/imports/{id}", tag = "Imports", operation_id = "readImport",
    params(("id" = String, Path, description = "The import's id")),
    responses(
        (status = 200, description = "The import", body = Import),
        (status = 404, description = "You brought no such thing, or not any more", body = ErrorBody),
    )
)]
pub(crate) async fn read(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Json<Import>, Error> {
    let delivery = find(&console, &identity, &id)?;
    Ok(Json(Import::of(&delivery)))
}

/// Opens a backup with its passphrase, or takes over what was looked at.
#[utoipa::path(
    patch, path = "/api/admin/imports/{id}", tag = "Imports", operation_id = "changeImport",
    params(("id" = String, Path, description = "The import's id")),
    request_body(content = ImportChange, example = json!({"confirmed": true})),
    responses(
        (status = 202, description = "It is being opened or taken over", body = Import),
        (status = 200, description = "A backup was restored; all sessions have ended", body = Import),
        (status = 400, description = "That is no passphrase", body = ErrorBody),
        (status = 404, description = "You brought no such thing, or not any more", body = ErrorBody),
        (status = 409, description = "There is nothing to confirm or to open at present", body = ErrorBody),
    )
)]
pub(crate) async fn change(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
    wanted: Result<Json<ImportChange>, JsonRejection>,
) -> Result<(StatusCode, Json<Import>), Error> {
    let Json(ImportChange { passphrase, confirmed }) = wanted?;
    let delivery = find(&console, &identity, &id)?;
    let mut status = StatusCode::ACCEPTED;
    if let Some(passphrase) = passphrase {
        let passphrase = Passphrase::parse(&passphrase)
            .map_err(|error| Error::invalid("passphrase", error.to_string()))?;
        console.unlock(&delivery, passphrase).await?;
    } else if confirmed {
        let is_backup = matches!(delivery.stage(), Stage::Ready(Contents::Backup(_)));
        let taking = console.take(&delivery, &identity)?;
        if is_backup {
            taking.await.map_err(|_| Error::Internal)?;
            status = StatusCode::OK;
        }
    } else {
        return Err(Error::invalid("confirmed", "or passphrase is needed"));
    }
    Ok((status, Json(Import::of(&delivery))))
}

/// Forgets what was brought, with its file. What was taken over stays.
#[utoipa::path(
    delete, path = "/api/admin/imports/{id}", tag = "Imports", operation_id = "forgetImport",
    params(("id" = String, Path, description = "The import's id")),
    responses(
        (status = 204, description = "It is forgotten"),
        (status = 404, description = "You brought no such thing, or not any more", body = ErrorBody),
    )
)]
pub(crate) async fn forget(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    if console.deliveries.forget(&id, &identity.actor) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(GONE)
    }
}

const GONE: Error = Error::NotFound("You brought no such thing, or not any more.");

fn find(console: &Console, identity: &Identity, id: &str) -> Result<Arc<Delivery>, Error> {
    console.deliveries.find(id, &identity.actor).ok_or(GONE)
}

impl Import {
    fn of(delivery: &Delivery) -> Self {
        let (mut contents, mut problem) = (None, None);
        let state = match delivery.stage() {
            Stage::Looking => "looking",
            Stage::Locked { was_wrong } => {
                problem = was_wrong.then(|| {
                    "the passphrase is not the one that the backup was made with".to_owned()
                });
                "locked"
            }
            Stage::Ready(held) => {
                contents = Some(held);
                "ready"
            }
            Stage::Taking => "taking",
            Stage::Done(held) => {
                contents = Some(held);
                "done"
            }
            Stage::Failed(why) => {
                problem = Some(why.of(Language::English).to_owned());
                "failed"
            }
        };
        let (report, backup) = match contents {
            Some(Contents::Import(report)) => (serde_json::to_value(report).ok(), None),
            Some(Contents::Backup(restored)) => (None, serde_json::to_value(restored).ok()),
            None => (None, None),
        };
        Self { id: delivery.id.clone(), state, rows: delivery.rows(), report, backup, problem }
    }
}

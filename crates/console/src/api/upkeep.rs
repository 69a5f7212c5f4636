//! `/api/admin/backups`, `/api/admin/updates`: what runs by the clock for the installation itself.

use axum::Json;
use axum::extract::State;
use http::StatusCode;

use super::ErrorBody;
use crate::State as Console;
use crate::access::Identity;
use crate::error::Error;
use crate::upkeep::{Backups, Updates};

/// Shows when backups are made by themselves, how the last one went, and which there are.
#[utoipa::path(
    get, path = "/api/admin/backups", tag = "System", operation_id = "listBackups",
    responses((status = 200, description = "The backups", body = Backups, example = json!({
        "every_hours": 24, "keep": 7, "folder": "data/backups", "has_passphrase": true,
        "last": {"at": 1_795_241_400_000_i64, "ok": true,
            "file": "gemini-balance-2026-11-21T061000Z.backup", "bytes": 18_240, "error": null},
        "next_at": 1_795_327_800_000_i64,
        "files": [{"name": "gemini-balance-2026-11-21T061000Z.backup",
            "at": 1_795_241_400_000_i64, "bytes": 18_240}]
    })))
)]
pub(crate) async fn backups(State(console): State<Console>) -> Result<Json<Backups>, Error> {
    Backups::read(&console).await.map(Json)
}

/// Makes a backup now, in the folder where those by the clock lie.
#[utoipa::path(
    post, path = "/api/admin/backups", tag = "System", operation_id = "makeBackup",
    responses(
        (status = 201, description = "The backups, the new one among them", body = Backups),
        (status = 409, description = "It could not be made", body = ErrorBody),
    )
)]
pub(crate) async fn back_up(
    State(console): State<Console>,
    identity: Identity,
) -> Result<(StatusCode, Json<Backups>), Error> {
    let backups = Backups::make(&console, &identity.actor).await?;
    Ok((StatusCode::CREATED, Json(backups)))
}

/// Shows whether there is a newer version, as far as is known. Nobody is asked by this.
#[utoipa::path(
    get, path = "/api/admin/updates", tag = "System", operation_id = "readUpdates",
    responses((status = 200, description = "What is known", body = Updates, example = json!({
        "enabled": true, "current": "0.1.0", "checked_at": 1_795_241_400_000_i64,
        "newest": {"version": "v0.2.0", "url": "https://github.com/OWNER/NAME/releases/tag/v0.2.0",
            "notes": "What is new", "published_at": "2026-11-20T10:00:00Z"},
        "is_newer": true, "error": null
    })))
)]
pub(crate) async fn updates(State(console): State<Console>) -> Result<Json<Updates>, Error> {
    Updates::read(&console).await.map(Json)
}

/// Asks the feed of `UPDATE_FEED_URL` now.
#[utoipa::path(
    post, path = "/api/admin/updates", tag = "System", operation_id = "lookForUpdates",
    responses(
        (status = 200, description = "What it said", body = Updates),
        (status = 409, description = "There is no feed", body = ErrorBody),
    )
)]
pub(crate) async fn look(State(console): State<Console>) -> Result<Json<Updates>, Error> {
    Updates::look(&console).await.map(Json)
}

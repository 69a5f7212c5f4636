//! `POST /admin/system/backup`: everything in one file, to take away.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use secret::Passphrase;
use serde::Deserialize;
use store::{BackupError, BackupOptions, Store};

use crate::access::Identity;
use crate::error::Error;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    passphrase: String,
}

/// The secrets in the file are sealed with a passphrase, since it leaves the machine.
pub(crate) async fn download(
    State(store): State<Store>,
    identity: Identity,
    wanted: Result<Form<Wanted>, FormRejection>,
) -> Result<Response, Error> {
    let Form(Wanted { passphrase }) = wanted?;
    let passphrase = Passphrase::parse(&passphrase)
        .map_err(|error| Error::invalid("passphrase", error.to_string()))?;
    let options = BackupOptions { passphrase: Some(passphrase), ..BackupOptions::default() };
    let mut file = Vec::new();
    let contents = store.backup(&options, &mut file).await?;
    let detail = serde_json::to_string(&contents).unwrap_or_default();
    store.note(&identity.actor, "backup", "", &detail).await?;
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H%M%SZ");
    let headers = [
        (CONTENT_TYPE, "application/x-ndjson".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"gemini-balance-{now}.backup\"")),
    ];
    Ok((headers, file).into_response())
}

impl From<BackupError> for Error {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Store(error) => error.into(),
            BackupError::Locked { .. } => Self::Conflict(error.to_string()),
            error => {
                tracing::error!(%error, "no backup could be made");
                Self::Internal
            }
        }
    }
}

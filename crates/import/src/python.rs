//! The Python project's database.

use store::{Foreign, ForeignRow, StoreError};

use crate::content::Content;
use crate::logs::OldLogs;
use crate::records::OldError;

/// Any of these tells the project.
pub(crate) const TABLES: [&str; 3] = ["t_settings", "t_request_log", "t_error_logs"];

pub(crate) async fn content(foreign: &Foreign) -> Result<Content, StoreError> {
    let Some(table) = foreign.table("t_settings", &["key", "value"]).await? else {
        return Ok(Content::default());
    };
    let settings = foreign.all(&table, "id").await?;
    let settings = settings.iter().filter_map(|row| {
        Some((row.get(0)?.to_owned(), row.get(1).unwrap_or_default().to_owned()))
    });
    Ok(Content::of_settings(settings.collect()))
}

pub(crate) async fn logs(foreign: &Foreign) -> Result<OldLogs, StoreError> {
    let requests =
        ["request_time", "api_key", "model_name", "status_code", "is_success", "latency_ms"];
    let errors = [
        "request_time",
        "gemini_key",
        "model_name",
        "error_code",
        "error_type",
        "error_log",
        "request_msg",
    ];
    Ok(OldLogs {
        requests: foreign.table("t_request_log", &requests).await?,
        errors: foreign.table("t_error_logs", &errors).await?,
        error,
    })
}

fn error(row: &ForeignRow) -> OldError<'_> {
    OldError {
        time: row.get(0),
        key: row.get(1),
        model: row.get(2),
        status: row.get(3),
        kind: row.get(4),
        message: row.get(5),
        details: None,
        // An empty JSON column holds the word.
        body: row.get(6).filter(|body| *body != "null"),
    }
}

pub(crate) async fn files(foreign: &Foreign) -> Result<u64, StoreError> {
    match foreign.table("t_file_records", &["name"]).await? {
        Some(table) => foreign.count(&table).await,
        None => Ok(0),
    }
}

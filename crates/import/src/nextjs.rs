//! The Next.js project's database.

use store::{Foreign, ForeignRow, StoreError};

use crate::content::{Content, OldKey};
use crate::logs::OldLogs;
use crate::records::{OldError, is_true};

/// Any of these tells the project.
pub(crate) const TABLES: [&str; 3] = ["ApiKey", "RequestLog", "ErrorLog"];

pub(crate) async fn content(foreign: &Foreign) -> Result<Content, StoreError> {
    let mut content = match foreign.table("Setting", &["key", "value"]).await? {
        Some(table) => {
            let settings = foreign.all(&table, "key").await?;
            let settings = settings.iter().filter_map(|row| {
                Some((row.get(0)?.to_owned(), row.get(1).unwrap_or_default().to_owned()))
            });
            Content::of_settings(settings.collect())
        }
        None => Content::default(),
    };
    if let Some(table) = foreign.table("ApiKey", &["key", "enabled", "failCount"]).await? {
        for row in foreign.all(&table, "id").await? {
            let failures = row.get(2).and_then(|count| count.parse::<i64>().ok());
            content.failing += u64::from(failures.is_some_and(|count| count > 0));
            let text = row.get(0).unwrap_or_default().trim().to_owned();
            let enabled = row.get(1).is_none_or(is_true);
            content.keys.push(OldKey { enabled, ..OldKey::enabled(text) });
        }
    }
    Ok(content)
}

pub(crate) async fn logs(foreign: &Foreign) -> Result<OldLogs, StoreError> {
    let requests = ["createdAt", "apiKey", "model", "statusCode", "isSuccess", "latency"];
    let errors = ["createdAt", "apiKey", "errorType", "errorMessage", "errorDetails"];
    Ok(OldLogs {
        requests: foreign.table("RequestLog", &requests).await?,
        errors: foreign.table("ErrorLog", &errors).await?,
        error,
    })
}

fn error(row: &ForeignRow) -> OldError<'_> {
    OldError {
        time: row.get(0),
        key: row.get(1),
        model: None,
        status: None,
        kind: row.get(2),
        message: row.get(3),
        details: row.get(4),
        body: None,
    }
}

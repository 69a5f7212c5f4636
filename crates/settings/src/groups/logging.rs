//! Logs and records.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings of logs and records.
pub(super) const TABLE: &[Definition] = &[
    Definition::new(
        "LOG_LEVEL",
        Kind::LogLevel,
        "info",
        "How much is logged; each level includes those that are more severe.",
    ),
    Definition::new(
        "RUST_LOG",
        Kind::Text,
        "",
        "Filter for logs by part of the program, like info,relay=debug; goes before \
         LOG_LEVEL.",
    )
    .boot(),
    Definition::new(
        "LOG_FORMAT",
        Kind::Choice(&["auto", "pretty", "json"]),
        "auto",
        "Shape of log lines; auto is pretty on a terminal and JSON everywhere else.",
    )
    .boot(),
    Definition::new(
        "REQUEST_LOG_ENABLED",
        Kind::Bool,
        "true",
        "Record every request (never its content) in the database.",
    ),
    Definition::new(
        "LOG_QUEUE_ROWS",
        Kind::Integer { min: 100, max: 10_000_000 },
        "10000",
        "Records that may wait to be written; when there are more, the oldest are dropped \
         and counted.",
    )
    .restart(),
    Definition::new(
        "LOG_QUEUE_BYTES",
        Kind::Bytes { min: 1 << 20, max: 4 << 30 },
        "32MB",
        "Memory that records waiting to be written may take.",
    )
    .restart(),
    Definition::new(
        "ERROR_LOG_RECORD_REQUEST_BODY",
        Kind::Bool,
        "false",
        "Keep the request's body with an error. Bodies hold what people wrote: turn it on \
         only to find a fault.",
    ),
    Definition::new(
        "AUTO_DELETE_ERROR_LOGS_ENABLED",
        Kind::Bool,
        "true",
        "Delete old errors by the clock.",
    ),
    Definition::new(
        "AUTO_DELETE_ERROR_LOGS_DAYS",
        Kind::Integer { min: 1, max: 3650 },
        "7",
        "Days that errors are kept.",
    ),
    Definition::new(
        "ERROR_LOG_MAX_SIZE",
        Kind::Bytes { min: 0, max: 1 << 50 },
        "1GB",
        "Room that errors may take in the database, about; beyond it the oldest are deleted \
         within the hour. 0 sets no limit.",
    ),
    Definition::new(
        "AUTO_DELETE_REQUEST_LOGS_ENABLED",
        Kind::Bool,
        "true",
        "Delete old records of requests by the clock.",
    ),
    Definition::new(
        "AUTO_DELETE_REQUEST_LOGS_DAYS",
        Kind::Integer { min: 1, max: 3650 },
        "30",
        "Days that records of requests are kept.",
    ),
    Definition::new(
        "REQUEST_LOG_MAX_SIZE",
        Kind::Bytes { min: 0, max: 1 << 50 },
        "8GB",
        "Room that records of requests may take in the database, about; beyond it the oldest \
         are deleted within the hour. 0 sets no limit.",
    ),
    Definition::new(
        "RESPONSES_KEEP_DAYS",
        Kind::Integer { min: 0, max: 3650 },
        "30",
        "Days that answers of the Responses API are kept, sealed, so that clients can go on \
         from them; 0 keeps none.",
    ),
];

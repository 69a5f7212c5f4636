//! Rows of the projects' logs, made into ours.

use aws_lc_rs::digest::{Context, SHA256};
use jiff::tz::TimeZone;
use keypool::{Timestamp, Usage};
use store::{Cost, ErrorRecord, ForeignRow, RequestRecord};
use uuid::Builder;

use crate::keyring::Keyring;
use crate::moment;

/// What the projects did not log of a request.
const UNKNOWN: &str = "unknown";

/// How imported requests are called among the operations.
const IMPORTED: &str = "imported";

/// A row of a request log: one attempt, in both projects.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OldRequest<'r> {
    pub(crate) time: Option<&'r str>,
    pub(crate) key: Option<&'r str>,
    pub(crate) model: Option<&'r str>,
    pub(crate) status: Option<&'r str>,
    pub(crate) success: Option<&'r str>,
    pub(crate) latency: Option<&'r str>,
}

/// A row of an error log.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OldError<'r> {
    pub(crate) time: Option<&'r str>,
    pub(crate) key: Option<&'r str>,
    pub(crate) model: Option<&'r str>,
    pub(crate) status: Option<&'r str>,
    pub(crate) kind: Option<&'r str>,
    pub(crate) message: Option<&'r str>,
    pub(crate) details: Option<&'r str>,
    pub(crate) body: Option<&'r str>,
}

/// What is needed to understand a row.
pub(crate) struct Reading<'a> {
    pub(crate) zone: &'a TimeZone,
    pub(crate) keyring: &'a Keyring,
}

impl<'r> OldRequest<'r> {
    /// What a row tells whose cells are in the order of the fields; both projects log the same.
    pub(crate) fn of(row: &'r ForeignRow) -> Self {
        Self {
            time: row.get(0),
            key: row.get(1),
            model: row.get(2),
            status: row.get(3),
            success: row.get(4),
            latency: row.get(5),
        }
    }

    /// Our record of it; `None` if its time cannot be read.
    pub(crate) fn record(&self, row: i64, reading: &Reading<'_>) -> Option<RequestRecord> {
        let at = moment::read(self.time?, reading.zone)?;
        let key = self.key.and_then(|key| reading.keyring.name(key));
        let success = self.success.is_some_and(is_true);
        // A call without an answer has no status, or an empty one: the client got 500 of it.
        let told = status(self.status).or(success.then_some(200));
        let status = told.unwrap_or(500);
        Some(RequestRecord {
            request_id: id("request", row, at, [self.key, self.model, self.status, self.latency]),
            at,
            token_id: None,
            token_name: None,
            dialect: UNKNOWN,
            operation: IMPORTED,
            model: self.model.filter(|model| !model.is_empty()).map(Into::into),
            key_id: key.as_ref().and_then(|key| key.id.clone()),
            key_mask: key.map(|key| key.mask),
            status,
            outcome: outcome(told),
            attempts: 1,
            stream: false,
            duration_ms: self
                .latency
                .and_then(|text| text.parse::<f64>().ok())
                .map_or(0, |ms| ms as u32),
            first_byte_ms: None,
            usage: Usage::default(),
            cost: Cost::default(),
            error: None,
            trail: None,
        })
    }
}

impl OldError<'_> {
    /// Our record of it; `None` if its time cannot be read.
    pub(crate) fn record(&self, row: i64, reading: &Reading<'_>) -> Option<ErrorRecord> {
        let at = moment::read(self.time?, reading.zone)?;
        let key = self.key.and_then(|key| reading.keyring.name(key));
        let status = status(self.status);
        let told = [self.kind, self.message, self.details];
        let told: Vec<&str> =
            told.into_iter().flatten().map(str::trim).filter(|text| !text.is_empty()).collect();
        Some(ErrorRecord {
            request_id: id("error", row, at, [self.key, self.model, self.status, self.kind]),
            at,
            attempt: 1,
            key_id: key.as_ref().and_then(|key| key.id.clone()),
            key_mask: key.map(|key| key.mask),
            token_id: None,
            model: self.model.filter(|model| !model.is_empty()).map(Into::into),
            status,
            outcome: outcome(status),
            message: reading.keyring.redact(&told.join(": "), self.key),
            request_body: self.body.map(|body| reading.keyring.redact(body, self.key)),
        })
    }
}

/// A flag, as the three databases print it.
pub(crate) fn is_true(text: &str) -> bool {
    matches!(text, "1" | "true" | "t")
}

fn status(text: Option<&str>) -> Option<u16> {
    text?.trim().parse().ok().filter(|status| (100..600).contains(status))
}

/// What a status tells of how an attempt ended; more than it is not known.
fn outcome(status: Option<u16>) -> &'static str {
    match status {
        Some(200..=299) => "served",
        Some(401 | 403) => "key_refused",
        Some(429) => "quota_spent",
        Some(400..=499) => "client_fault",
        Some(_) => "model_busy",
        None => "link_broken",
    }
}

/// An id that the same row has in every import, whatever the database is called by then. It tells
/// its time, as those that we give to requests do.
fn id<const PARTS: usize>(
    log: &str,
    row: i64,
    at: Timestamp,
    parts: [Option<&str>; PARTS],
) -> std::sync::Arc<str> {
    let mut hash = Context::new(&SHA256);
    hash.update(log.as_bytes());
    hash.update(&row.to_be_bytes());
    hash.update(&at.millis().to_be_bytes());
    for part in parts {
        let part = part.unwrap_or_default();
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let hash = hash.finish();
    let mut random = [0; 10];
    random.iter_mut().zip(hash.as_ref()).for_each(|(byte, hashed)| *byte = *hashed);
    let millis = at.millis().unsigned_abs();
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading<T>(read: impl FnOnce(&Reading<'_>) -> T) -> T {
        let keyring = Keyring::default();
        read(&Reading { zone: &TimeZone::UTC, keyring: &keyring })
    }

    #[test]
    fn a_row_has_the_same_id_in_every_import_and_another_row_another() {
        let row = OldRequest { time: Some("2025-07-01 10:00:00"), ..OldRequest::default() };
        let ids = reading(|reading| {
            [row.record(1, reading), row.record(1, reading), row.record(2, reading)]
                .map(|record| record.unwrap().request_id)
        });
        assert_eq!(ids[0], ids[1]);
        assert_ne!(ids[0], ids[2]);
        let time = uuid::Uuid::parse_str(&ids[0]).unwrap().get_timestamp().unwrap();
        assert_eq!(time.to_unix().0, 1_751_364_000);
    }

    #[test]
    fn what_is_missing_is_filled_in_with_care() {
        let time = Some("2025-07-01 10:00:00");
        let record = |row: OldRequest<'_>| reading(|reading| row.record(1, reading));
        let broken =
            OldRequest { time, status: Some(""), latency: Some("nan?"), ..OldRequest::default() };
        let broken = record(broken).unwrap();
        assert_eq!((broken.status, broken.outcome, broken.duration_ms), (500, "link_broken", 0));
        let good =
            OldRequest { time, success: Some("1"), latency: Some("81.7"), ..OldRequest::default() };
        let good = record(good).unwrap();
        assert_eq!((good.status, good.outcome, good.duration_ms), (200, "served", 81));
        assert!(record(OldRequest::default()).is_none(), "without a time it has no place");
    }
}

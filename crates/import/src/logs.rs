//! Logs, taken over page by page.

use std::collections::HashSet;

use keypool::Timestamp;
use store::{ErrorRecord, Foreign, ForeignRow, ForeignTable, RequestRecord, Store, StoreError};

use crate::ImportError;
use crate::import::Progress;
use crate::records::OldError;
use crate::report::Walked;

/// Rows that are read and written together. Bodies of requests may be large.
const REQUESTS: u64 = 2_000;
const ERRORS: u64 = 100;

/// A record of one of the logs.
pub(crate) trait Logged: Sized {
    /// The log's name.
    const LOG: &'static str;
    /// How many are read and written together.
    const PAGE: u64;

    fn at(&self) -> Timestamp;
    fn id(&self) -> &str;

    async fn known(
        store: &Store,
        rows: &[(Timestamp, &str)],
    ) -> Result<HashSet<String>, StoreError>;

    async fn insert(store: &Store, records: &[Self]) -> Result<(), StoreError>;
}

impl Logged for RequestRecord {
    const LOG: &'static str = "requests";
    const PAGE: u64 = REQUESTS;

    fn at(&self) -> Timestamp {
        self.at
    }

    fn id(&self) -> &str {
        &self.request_id
    }

    async fn known(
        store: &Store,
        rows: &[(Timestamp, &str)],
    ) -> Result<HashSet<String>, StoreError> {
        store.known_requests(rows).await
    }

    async fn insert(store: &Store, records: &[Self]) -> Result<(), StoreError> {
        store.insert_requests(records).await
    }
}

impl Logged for ErrorRecord {
    const LOG: &'static str = "errors";
    const PAGE: u64 = ERRORS;

    fn at(&self) -> Timestamp {
        self.at
    }

    fn id(&self) -> &str {
        &self.request_id
    }

    async fn known(
        store: &Store,
        rows: &[(Timestamp, &str)],
    ) -> Result<HashSet<String>, StoreError> {
        store.known_errors(rows).await
    }

    async fn insert(store: &Store, records: &[Self]) -> Result<(), StoreError> {
        store.insert_errors(records).await
    }
}

/// The logs of a source, and how their rows are read.
pub(crate) struct OldLogs {
    pub(crate) requests: Option<ForeignTable>,
    pub(crate) errors: Option<ForeignTable>,
    pub(crate) error: fn(&ForeignRow) -> OldError<'_>,
}

/// One of them.
pub(crate) struct OldLog<'a> {
    pub(crate) foreign: &'a Foreign,
    pub(crate) table: ForeignTable,
}

impl OldLog<'_> {
    /// Goes through the log from its first row to the last that is there now, and with `write`
    /// takes over what is new.
    pub(crate) async fn walk<R: Logged>(
        &self,
        store: &Store,
        read: impl Fn(i64, &ForeignRow) -> Option<R>,
        write: bool,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Walked, ImportError> {
        let mut walked = Walked::default();
        let mut after = i64::MIN;
        loop {
            let page = self.foreign.page(&self.table, after, R::PAGE).await;
            let page = page.map_err(|error| self.unreadable(error))?;
            let Some((last, _)) = page.last() else { return Ok(walked) };
            after = *last;
            walked.counts.found += page.len() as u64;
            let records: Vec<R> = page.iter().filter_map(|(id, row)| read(*id, row)).collect();
            walked.counts.malformed += (page.len() - records.len()) as u64;
            let oldest = records.iter().map(R::at).min();
            walked.oldest = walked.oldest.into_iter().chain(oldest).min();
            let new = Self::new_ones(store, records, &mut walked).await?;
            walked.counts.new += new.len() as u64;
            if write && !new.is_empty() {
                R::insert(store, &new).await?;
            }
            progress(Progress { log: R::LOG, done: walked.counts.found });
        }
    }

    async fn new_ones<R: Logged>(
        store: &Store,
        records: Vec<R>,
        walked: &mut Walked,
    ) -> Result<Vec<R>, ImportError> {
        let rows: Vec<_> = records.iter().map(|record| (record.at(), record.id())).collect();
        let known = R::known(store, &rows).await?;
        let all = records.len();
        let new: Vec<R> =
            records.into_iter().filter(|record| !known.contains(record.id())).collect();
        walked.counts.duplicate += (all - new.len()) as u64;
        Ok(new)
    }

    fn unreadable(&self, error: StoreError) -> ImportError {
        ImportError::Read { place: self.foreign.shown().to_owned(), error }
    }
}

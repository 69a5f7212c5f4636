//! What the gateway has written down about requests.

use std::path::Path;
use std::sync::Arc;

use keypool::{Learned, Timestamp};
use secret::{MasterKey, TokenDigest, Vault};
use store::{
    ErrorFilter, LoggedError, LoggedRequest, RequestFilter, RequestRecord, Store, StoreOptions,
};

const ALL: u32 = 1_000_000;

/// The logs in the database; each look reads anew.
#[derive(Debug)]
pub struct Records(Store);

impl Records {
    pub(crate) async fn open(database: &Path, master_key: &str) -> Self {
        let vault = Arc::new(Vault::new(&MasterKey::from_text(master_key).unwrap()));
        let url = format!("sqlite://{}", database.display());
        Self(Store::open(&url, vault, StoreOptions::default()).await.unwrap())
    }

    /// All rows of the request log, oldest first.
    pub async fn requests(&self) -> Vec<LoggedRequest> {
        let mut rows = self.0.recent_requests(ALL, &RequestFilter::default()).await.unwrap();
        rows.reverse();
        rows
    }

    /// Writes down that Google lists these models and no others.
    pub async fn saw_models(&self, names: &[&str]) {
        let listed: Vec<_> =
            names.iter().map(|name| ((*name).to_owned(), "{}".to_owned())).collect();
        self.0.saw_models(&listed).await.unwrap();
    }

    /// Writes requests down as if the gateway had served them.
    pub async fn insert(&self, requests: &[RequestRecord]) {
        self.0.insert_requests(requests).await.unwrap();
    }

    /// The row of one request.
    pub async fn request(&self, id: &str) -> Option<LoggedRequest> {
        let filter = RequestFilter { request_id: Some(id.to_owned()), ..RequestFilter::default() };
        let mut rows = self.0.recent_requests(ALL, &filter).await.unwrap();
        assert!(rows.len() <= 1, "several rows of {id}");
        rows.pop()
    }

    /// All that pools have learned.
    pub async fn learned(&self) -> Vec<Learned> {
        self.0.load_learned().await.unwrap()
    }

    /// Whether a live session of this handle can go on.
    pub async fn keeps_session(&self, handle: TokenDigest) -> bool {
        self.0.find_live_session(handle, Timestamp::from_millis(0)).await.unwrap().is_some()
    }

    /// All rows of the error log, oldest first.
    pub async fn errors(&self) -> Vec<LoggedError> {
        let mut rows = self.0.recent_errors(ALL, &ErrorFilter::default()).await.unwrap();
        rows.reverse();
        rows
    }
}

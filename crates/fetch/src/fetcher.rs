//! From a URL to its file.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::body::collect;
use crate::connect::connect;
use crate::exchange::{Reply, exchange};
use crate::target::Target;
use crate::{FetchError, Limits, Network, Policy, Reason, SetupError};

/// The most URLs that one request may name.
pub const MOST_URLS: usize = 8;
/// So many URLs of one request are fetched at a time.
const AT_A_TIME: usize = 4;
/// So many URLs are fetched at a time by all requests together; it bounds the memory that they take.
const AT_A_TIME_BY_ALL: usize = 32;
/// The most redirects that are followed.
const MOST_REDIRECTS: usize = 3;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its media type by its first bytes, under Gemini's name for it.
    pub mime: &'static str,
    /// The whole file.
    pub bytes: Bytes,
}

/// Fetches files. Clones share what they are made of, and the bound on how much runs at once.
#[derive(Debug, Clone)]
pub struct Fetcher {
    policy: Arc<Policy>,
    network: Network,
    turns: Arc<Semaphore>,
}

impl Fetcher {
    /// A fetcher over the system's network. Reads the system's certificates; see [`Self::under`].
    pub fn new(policy: Policy) -> Result<Self, SetupError> {
        Ok(Self::over(Network::system()?, policy))
    }

    /// A fetcher over another network.
    pub fn over(network: Network, policy: Policy) -> Self {
        let turns = Arc::new(Semaphore::new(AT_A_TIME_BY_ALL));
        Self { policy: Arc::new(policy), network, turns }
    }

    /// The same fetcher under another policy, for settings that change.
    pub fn under(&self, policy: Policy) -> Self {
        Self { policy: Arc::new(policy), ..self.clone() }
    }

    /// The network that it fetches over.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The file that a client names, by http or https. Dropping the future ends everything.
    pub async fn fetch(&self, url: &str, limits: &Limits) -> Result<Fetched, FetchError> {
        if *self.policy == Policy::Off {
            return Err(FetchError::Off);
        }
        let target = Target::parse(url)?;
        let fetched = timeout(limits.total, self.follow(target, limits)).await;
        fetched.unwrap_or(Err(Reason::TooSlow.into()))
    }

    /// The files of one request in the order of their URLs, a few at a time. Of more than
    /// [`MOST_URLS`], none is fetched.
    pub async fn fetch_all(
        &self,
        urls: &[&str],
        limits: &Limits,
    ) -> Result<Vec<Result<Fetched, FetchError>>, FetchError> {
        if urls.len() > MOST_URLS {
            return Err(FetchError::TooMany);
        }
        let fetches: Vec<_> = urls.iter().map(|url| self.fetch(url, limits)).collect();
        Ok(stream::iter(fetches).buffered(AT_A_TIME).collect().await)
    }

    async fn follow(&self, mut target: Target, limits: &Limits) -> Result<Fetched, FetchError> {
        let _turn = self.turns.acquire().await.map_err(|_| Reason::TooSlow)?;
        for _ in 0..=MOST_REDIRECTS {
            let wire = connect(&self.network, &self.policy, &target, limits).await?;
            match exchange(wire, &target, limits).await? {
                Reply::File(body, _driver) => return collect(body, limits).await,
                Reply::Moved(location) => {
                    target = target.follow(&location).ok_or(Reason::Redirect)?;
                }
            }
        }
        Err(Reason::Redirects.into())
    }
}

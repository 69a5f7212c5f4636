//! What a client is built from.

use std::collections::HashMap;
use std::time::Duration;

use http::HeaderMap;
use keypool::EgressId;
use url::Url;

use crate::ProxyUrl;

/// The weight of a proxy that has none of its own.
pub const USUAL_WEIGHT: u32 = 100;

/// How Google is reached; the meaning of settings, already checked.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// Scheme, authority and an optional path prefix, without the version segment.
    pub base: Url,
    /// Longest time to connect: name, TCP, proxy and TLS together.
    pub connect_timeout: Duration,
    /// Longest wait from sending the request to the end of the answer's head.
    pub first_byte_timeout: Duration,
    /// Longest pause within an answer's body.
    pub idle_timeout: Duration,
    /// How long an unused connection is kept; keep it below the other side's own limit.
    pub pool_idle_timeout: Duration,
    /// The ways out. None means a direct connection; with one or more, nothing ever goes directly.
    pub proxies: Vec<ProxyUrl>,
    /// Those of the proxies that take nothing new. If that is all of them, nothing goes out.
    pub resting: Vec<EgressId>,
    /// How many seeds a proxy takes beside others; those that are not named have [`USUAL_WEIGHT`].
    pub weights: HashMap<EgressId, u32>,
    /// Whether a seed always takes the same proxy, as long as that works.
    pub sticky: bool,
    /// Added to every request, in place of what the client sent under these names.
    pub custom_headers: HeaderMap,
    /// Largest head of an answer, in bytes.
    pub max_head_bytes: usize,
}

impl Options {
    /// The defaults, for a base address.
    pub fn new(base: Url) -> Self {
        Self {
            base,
            connect_timeout: Duration::from_secs(3),
            first_byte_timeout: Duration::from_mins(2),
            idle_timeout: Duration::from_mins(2),
            pool_idle_timeout: Duration::from_mins(1),
            proxies: Vec::new(),
            resting: Vec::new(),
            weights: HashMap::new(),
            sticky: true,
            custom_headers: HeaderMap::new(),
            max_head_bytes: 64 * 1024,
        }
    }
}

impl Options {
    pub(crate) fn rests(&self, proxy: &ProxyUrl) -> bool {
        self.resting.contains(&proxy.egress())
    }
}

/// Options that no client can be built from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// The base address is neither `http` nor `https`, or has no host.
    #[error("the base address must be an http or https URL with a host")]
    Base,
    /// The base address carries what would be sent along or lost silently.
    #[error("the base address must have no user, password, query or fragment")]
    BaseExtras,
    /// Neither the system nor this program has usable root certificates.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use keypool::Timestamp;
use relay::mount::ClientAddress;
use relay::{Gateway, Within};
use settings::Source;
use store::Store;

use crate::access::{SetupCode, Throttle};
use crate::moving::Deliveries;
use crate::proxies::Tests;
use crate::work::Jobs;

/// What the endpoints work with; each takes the parts that it needs.
#[derive(Clone, FromRef)]
pub struct State {
    /// The running gateway: its pool and its settings.
    pub gateway: Arc<Gateway>,
    /// The database.
    pub store: Store,
    pub(crate) environment: Arc<dyn Source + Send + Sync>,
    pub(crate) doors: Arc<Doors>,
    pub(crate) jobs: Arc<Jobs>,
    pub(crate) deliveries: Arc<Deliveries>,
    /// How each proxy did when it was tested last.
    pub(crate) proxy_tests: Arc<Tests>,
    /// Asks the gateway as clients do.
    pub(crate) within: Within,
    /// When this process began.
    pub(crate) started_at: Timestamp,
}

impl State {
    /// A console for this gateway, whose settings begin with what `environment` says.
    pub fn new(
        gateway: Arc<Gateway>,
        store: Store,
        environment: Arc<dyn Source + Send + Sync>,
    ) -> Self {
        let within = Within::new(Arc::clone(&gateway));
        Self {
            gateway,
            store,
            environment,
            doors: Arc::default(),
            jobs: Arc::default(),
            deliveries: Arc::default(),
            proxy_tests: Arc::default(),
            within,
            started_at: relay::now(),
        }
    }
}

impl State {
    /// Counts wrong passwords.
    pub(crate) fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.doors.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts wrong bearers.
    pub(crate) fn bearers(&self) -> MutexGuard<'_, Throttle> {
        self.doors.bearers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What guards the ways in, for as long as the process lives.
#[derive(Debug, Default)]
pub(crate) struct Doors {
    pub(crate) throttle: Mutex<Throttle>,
    /// Apart, so that a script gone wrong does not keep people from signing in.
    pub(crate) bearers: Mutex<Throttle>,
    /// Present while nobody has claimed the console.
    pub(crate) setup_code: Mutex<Option<SetupCode>>,
}

/// Where a request came from: the peer of the socket, or whom a trusted proxy asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let client = parts.extensions.get::<ClientAddress>();
        Ok(Self(client.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |client| client.0)))
    }
}

//! What lies between the gateway and the servers: how names are resolved, whom TLS trusts.

use std::sync::Arc;

use rustls::RootCertStore;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use url::Host;

use crate::Reason;
use crate::resolve::{Resolve, System};
use crate::tls::Tls;

/// How the network is reached. Making one reads the system's certificates; clones share them.
#[derive(Clone)]
pub struct Network {
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) tls: Tls,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network")
    }
}

/// TLS could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("TLS for fetching URLs could not be set up")]
pub struct SetupError(#[from] rustls::Error);

impl Network {
    /// The system's resolver and its trusted roots, or Mozilla's where the system has none.
    pub fn system() -> Result<Self, SetupError> {
        Ok(Self { resolver: Arc::new(System), tls: Tls::new()? })
    }

    /// Speaks TLS over `stream` with `host`, whose certificate must be valid for it: for others who
    /// connect to servers that no client has named.
    pub async fn secure(
        &self,
        stream: TcpStream,
        host: &Host<String>,
    ) -> Result<TlsStream<TcpStream>, Reason> {
        self.tls.secure(stream, host).await
    }

    /// Another resolver.
    pub fn with_resolver(self, resolver: impl Resolve + 'static) -> Self {
        Self { resolver: Arc::new(resolver), ..self }
    }

    /// Other trusted roots.
    pub fn with_roots(self, roots: RootCertStore) -> Result<Self, SetupError> {
        Ok(Self { tls: Tls::with_roots(roots)?, ..self })
    }
}

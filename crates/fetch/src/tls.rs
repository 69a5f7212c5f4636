//! TLS towards the servers of files.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

use crate::Reason;

/// What handshakes are made with.
#[derive(Clone)]
pub(crate) struct Tls(TlsConnector);

impl Tls {
    pub(crate) fn new() -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        Self::with_roots(roots)
    }

    pub(crate) fn with_roots(roots: RootCertStore) -> Result<Self, rustls::Error> {
        let mut config = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config).into()))
    }

    /// Speaks TLS over `stream` with `host`, whose certificate must be valid for it.
    pub(crate) async fn secure(
        &self,
        stream: TcpStream,
        host: &Host<String>,
    ) -> Result<TlsStream<TcpStream>, Reason> {
        let name = match host {
            Host::Domain(name) => {
                ServerName::try_from(name.clone()).map_err(|_| Reason::Unresolved)?
            }
            Host::Ipv4(address) => IpAddr::V4(*address).into(),
            Host::Ipv6(address) => IpAddr::V6(*address).into(),
        };
        self.0.connect(name, stream).await.map_err(|_| Reason::Tls)
    }
}

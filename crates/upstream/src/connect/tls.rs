//! TLS towards Google and towards https proxies.

use std::io;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use super::Failed;
use crate::wire::Wire;

/// What handshakes are made with; sessions are resumed across all connections that share it.
#[derive(Clone)]
pub(crate) struct Tls(TlsConnector);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Trusts the system's roots, or Mozilla's where the system has none (bare containers).
    pub(crate) fn new() -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        Self::with_roots(roots)
    }

    fn with_roots(roots: RootCertStore) -> Result<Self, rustls::Error> {
        let mut config = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config).into()))
    }

    /// Speaks TLS over `wire` with `host`, whose certificate must be valid for that name.
    pub(super) async fn secure(&self, wire: Wire, host: &str) -> Result<Wire, Failed> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| "the host's name cannot stand in a certificate")?;
        match self.0.connect(name, wire).await {
            Ok(stream) => Ok(Wire::Tls(Box::new(stream))),
            Err(error) => Err(text(&error)),
        }
    }
}

fn text(error: &io::Error) -> Failed {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(_)) => {
            "TLS failed: the certificate is not valid for this host".into()
        }
        Some(rustls::Error::AlertReceived(alert)) => {
            format!("TLS failed: the other side sent the alert {alert:?}").into()
        }
        Some(_) => "TLS failed: the other side does not speak it as it should".into(),
        None => format!("TLS failed: {}", error.kind()).into(),
    }
}

#[cfg(test)]
mod tests;

//! Opening a connection: name, TCP, proxy, TLS.

mod names;
mod socks;
mod tcp;
mod tls;
mod tunnel;

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use keypool::Phase;
use tokio::time::{Instant, timeout_at};
use url::Url;

use self::names::Names;
pub(crate) use self::tls::Tls;
use crate::proxy::ProxyKind;
use crate::wire::Wire;
use crate::{Broken, ProxyUrl};

/// A step that went wrong; the text is for people and holds no credential.
type Failed = Cow<'static, str>;

/// Where a connection shall lead.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// A name, or an address without brackets.
    pub(crate) host: Arc<str>,
    pub(crate) port: u16,
    /// Whether TLS is spoken with it.
    pub(crate) secure: bool,
}

impl Target {
    /// `None` for a URL that is not http or https.
    pub(crate) fn of(base: &Url) -> Option<Self> {
        let secure = match base.scheme() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let host = base.host_str()?.trim_matches(['[', ']']);
        Some(Self { host: host.into(), port: base.port_or_known_default()?, secure })
    }
}

/// Opens connections to one target by one way: directly, or through one proxy and never around it.
#[derive(Debug)]
pub(crate) struct Dialer {
    target: Target,
    proxy: Option<ProxyUrl>,
    tls: Option<Tls>,
    timeout: Duration,
    /// What is known of the first hop's name.
    names: Names,
}

impl Dialer {
    pub(crate) fn new(
        target: Target,
        proxy: Option<ProxyUrl>,
        tls: Option<Tls>,
        timeout: Duration,
    ) -> Self {
        let (host, port) = match &proxy {
            Some(proxy) => (proxy.host.as_str(), proxy.port),
            None => (&*target.host, target.port),
        };
        let names = Names::new(host, port);
        Self { target, proxy, tls, timeout, names }
    }

    /// Opens a connection, TLS included, within the connect timeout and before `deadline`.
    pub(crate) async fn dial(&self, deadline: Option<Instant>) -> Result<Wire, Broken> {
        let limit = Instant::now() + self.timeout;
        let limit = deadline.map_or(limit, |deadline| deadline.min(limit));
        let wire = step(Phase::Connect, limit, self.reach_target()).await?;
        match &self.tls {
            Some(tls) if self.target.secure => {
                step(Phase::Tls, limit, tls.secure(wire, &self.target.host)).await
            }
            None if self.target.secure => Err(Broken::unsent(Phase::Tls, "TLS is not set up")),
            _ => Ok(wire),
        }
    }

    /// A byte stream to the target, through the proxy if there is one.
    async fn reach_target(&self) -> Result<Wire, Failed> {
        let wire = Wire::Tcp(tcp::connect(&self.names, self.timeout).await?);
        let Some(proxy) = &self.proxy else { return Ok(wire) };
        let wire = match (proxy.kind, &self.tls) {
            (ProxyKind::Https, Some(tls)) => tls.secure(wire, &proxy.host).await?,
            (ProxyKind::Https, None) => return Err("TLS is not set up".into()),
            (ProxyKind::Http | ProxyKind::Socks5, _) => wire,
        };
        match proxy.kind {
            ProxyKind::Socks5 => socks::connect(wire, &self.target, proxy.login.as_ref()).await,
            ProxyKind::Http | ProxyKind::Https => {
                tunnel::connect(wire, &self.target, proxy.login.as_ref()).await
            }
        }
    }
}

async fn step(
    phase: Phase,
    limit: Instant,
    work: impl Future<Output = Result<Wire, Failed>>,
) -> Result<Wire, Broken> {
    match timeout_at(limit, work).await {
        Ok(Ok(wire)) => Ok(wire),
        Ok(Err(text)) => Err(Broken::unsent(phase, text)),
        Err(_) => {
            let text = match phase {
                Phase::Tls => "the TLS handshake took too long",
                _ => "connecting took too long",
            };
            Err(Broken::unsent(phase, text).timed_out())
        }
    }
}

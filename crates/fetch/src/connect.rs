//! Connecting to addresses that the policy grants, and to no others.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Host;

use crate::policy::{Grant, Policy};
use crate::target::Target;
use crate::{Limits, Network, Reason};

/// More addresses of one name are not tried.
const MOST_ADDRESSES: usize = 6;

/// A byte stream, with TLS or without.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Opens a connection to the target, TLS included, within the time to connect.
pub(crate) async fn connect(
    network: &Network,
    policy: &Policy,
    target: &Target,
    limits: &Limits,
) -> Result<Box<dyn Wire>, Reason> {
    let connected = timeout(limits.connect, async {
        let addresses = granted(network, policy, target).await?;
        let stream = in_turn(&addresses, limits).await?;
        if target.secure {
            let stream = network.tls.secure(stream, &target.host).await?;
            return Ok(Box::new(stream) as Box<dyn Wire>);
        }
        Ok(Box::new(stream) as Box<dyn Wire>)
    });
    connected.await.unwrap_or(Err(Reason::TooSlow))
}

/// The target's addresses without those that are not granted.
async fn granted(
    network: &Network,
    policy: &Policy,
    target: &Target,
) -> Result<Vec<(SocketAddr, Grant)>, Reason> {
    if !policy.may_grant(&target.host, target.port) {
        return Err(Reason::Forbidden);
    }
    let found = match &target.host {
        Host::Ipv4(address) => vec![IpAddr::V4(*address)],
        Host::Ipv6(address) => vec![IpAddr::V6(*address)],
        Host::Domain(name) => {
            network.resolver.resolve(name).await.map_err(|_| Reason::Unresolved)?
        }
    };
    if found.is_empty() {
        return Err(Reason::Unresolved);
    }
    let granted: Vec<_> = found
        .into_iter()
        .map(|address| address.to_canonical())
        .filter_map(|address| {
            let grant = policy.grant(&target.host, target.port, address)?;
            Some((SocketAddr::new(address, target.port), grant))
        })
        .take(MOST_ADDRESSES)
        .collect();
    if granted.is_empty() { Err(Reason::Forbidden) } else { Ok(granted) }
}

async fn in_turn(addresses: &[(SocketAddr, Grant)], limits: &Limits) -> Result<TcpStream, Reason> {
    let share = limits.connect / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut last = Reason::Forbidden;
    for (address, grant) in addresses {
        last = match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => match foreign(&stream, *address, *grant) {
                Ok(()) => return Ok(stream),
                Err(reason) => reason,
            },
            Ok(Err(error)) => Reason::Unreachable(error.kind()),
            Err(_) => Reason::Unreachable(io::ErrorKind::TimedOut),
        };
    }
    Err(last)
}

/// Refuses this machine's own public addresses, behind which the gateway itself and its neighbours
/// listen: a connection to oneself comes from the address that it goes to.
fn foreign(stream: &TcpStream, address: SocketAddr, grant: Grant) -> Result<(), Reason> {
    match (grant, stream.local_addr()) {
        (Grant::Listed, _) => Ok(()),
        (Grant::Public, Ok(own)) if own.ip() != address.ip() => Ok(()),
        (Grant::Public, _) => Err(Reason::OwnAddress),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn own_addresses_must_be_listed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let limits = Limits::default();
        let refused = in_turn(&[(address, Grant::Public)], &limits).await;
        assert_eq!(refused.unwrap_err(), Reason::OwnAddress);
        assert!(in_turn(&[(address, Grant::Listed)], &limits).await.is_ok());
    }
}

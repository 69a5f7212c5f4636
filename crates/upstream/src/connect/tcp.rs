//! TCP, to whichever address answers first.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

use super::Failed;
use super::names::Names;

/// How long the preferred family of addresses is tried before the other joins in.
const HEAD_START: Duration = Duration::from_millis(250);
/// After so long without an acknowledgement the peer counts as gone. Keep-alive probes do not help
/// while data is under way.
#[cfg(target_os = "linux")]
const USER_TIMEOUT: Duration = Duration::from_secs(25);

/// Connects within `limit` for all addresses together.
pub(super) async fn connect(names: &Names, limit: Duration) -> Result<TcpStream, Failed> {
    let addresses = names.addresses().await?;
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (preferred, others): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let connected = race(&preferred, &others, limit).await;
    connected.map_err(|error| format!("cannot connect: {}", error.kind()).into())
}

async fn race(
    preferred: &[SocketAddr],
    others: &[SocketAddr],
    limit: Duration,
) -> io::Result<TcpStream> {
    if others.is_empty() {
        return in_turn(preferred, limit).await;
    }
    let mut first = pin!(in_turn(preferred, limit));
    let mut second = pin!(async {
        sleep(HEAD_START).await;
        in_turn(others, limit).await
    });
    tokio::select! {
        connected = &mut first => match connected {
            Ok(stream) => Ok(stream),
            Err(_) => in_turn(others, limit).await,
        },
        connected = &mut second => match connected {
            Ok(stream) => Ok(stream),
            Err(_) => first.await,
        },
    }
}

async fn in_turn(addresses: &[SocketAddr], limit: Duration) -> io::Result<TcpStream> {
    let share = limit / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        last = match timeout(share, connect_one(*address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => error,
            Err(_) => io::ErrorKind::TimedOut.into(),
        };
    }
    Err(last)
}

async fn connect_one(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_nodelay(true)?;
    let options = SockRef::from(&socket);
    let keep_alive = TcpKeepalive::new()
        .with_time(Duration::from_secs(15))
        .with_interval(Duration::from_secs(5));
    options.set_tcp_keepalive(&keep_alive)?;
    #[cfg(target_os = "linux")]
    options.set_tcp_user_timeout(Some(USER_TIMEOUT))?;
    socket.connect(address).await
}

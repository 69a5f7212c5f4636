//! The listening socket, and the options of those that it accepts.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::net::{TcpListener, TcpStream};

/// A burst of clients must not wait for the kernel's one-second SYN retry; the kernel lowers this
/// to `net.core.somaxconn`.
const BACKLOG: i32 = 4096;

/// A peer that vanished without a word is noticed after this long, even while data is unacknowledged.
const USER_TIMEOUT: Duration = Duration::from_secs(25);

/// Kernel buffers grow to megabytes for readers that never read; this bounds what one can hold.
const SEND_BUFFER: usize = 128 * 1024;

/// A bound socket that is not accepting yet.
#[derive(Debug)]
pub struct Listener {
    inner: TcpListener,
}

impl Listener {
    /// Binds `address`.
    ///
    /// Must be called inside a tokio runtime. Fails as `bind(2)` does: port in use, no permission.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let domain = if address.is_ipv4() { Domain::IPV4 } else { Domain::IPV6 };
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        if address.is_ipv6() {
            socket.set_only_v6(false)?;
        }
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(Self { inner: TcpListener::from_std(socket.into())? })
    }

    /// Where it listens; tells the port when 0 was asked for.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    /// Accepts one connection and sets its options.
    pub(super) async fn accept(&self) -> io::Result<TcpStream> {
        let (stream, _peer) = self.inner.accept().await?;
        configure(&stream)?;
        Ok(stream)
    }
}

fn configure(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.set_tcp_keepalive(
        &TcpKeepalive::new()
            .with_time(Duration::from_secs(15))
            .with_interval(Duration::from_secs(5))
            .with_retries(3),
    )?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(USER_TIMEOUT))?;
    Ok(())
}

//! Outbound proxies that keep a journal of where they were asked to go.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running proxy; ends when dropped.
#[derive(Debug)]
pub struct Passage {
    address: SocketAddr,
    journal: Journal,
    accepting: JoinHandle<()>,
}

type Journal = Arc<Mutex<Vec<String>>>;

#[derive(Clone, Copy)]
enum Kind {
    Http,
    Socks,
}

impl Passage {
    /// An HTTP proxy that tunnels by CONNECT.
    pub async fn http() -> Self {
        Self::start(Kind::Http).await
    }

    /// A SOCKS 5 proxy without login.
    pub async fn socks() -> Self {
        Self::start(Kind::Socks).await
    }

    async fn start(kind: Kind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let journal = Journal::default();
        let seen = Arc::clone(&journal);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    // A tunnel that breaks is seen at its ends.
                    let _ = match kind {
                        Kind::Http => http(stream, &seen).await,
                        Kind::Socks => socks(stream, &seen).await,
                    };
                });
            }
        });
        Self { address, journal, accepting }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The targets that it was asked for, as `host:port`.
    pub fn journal(&self) -> Vec<String> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn http(mut stream: TcpStream, journal: &Journal) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    let Some(target) = target else {
        return stream.write_all(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n").await;
    };
    note(journal, target.to_owned());
    let onward = TcpStream::connect(target).await?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    tunnel(stream, onward).await
}

async fn socks(mut stream: TcpStream, journal: &Journal) -> io::Result<()> {
    let _version = stream.read_u8().await?;
    let _methods = short_text(&mut stream).await?;
    stream.write_all(&[5, 0]).await?;
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let host = match head[3] {
        1 => std::net::Ipv4Addr::from(stream.read_u32().await?).to_string(),
        _ => short_text(&mut stream).await?,
    };
    let target = format!("{host}:{}", stream.read_u16().await?);
    note(journal, target.clone());
    let onward = TcpStream::connect(target).await?;
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    tunnel(stream, onward).await
}

async fn short_text(stream: &mut TcpStream) -> io::Result<String> {
    let mut bytes = vec![0; usize::from(stream.read_u8().await?)];
    stream.read_exact(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn tunnel(mut one: TcpStream, mut other: TcpStream) -> io::Result<()> {
    copy_bidirectional(&mut one, &mut other).await.map(drop)
}

fn note(journal: &Journal, target: String) {
    journal.lock().unwrap_or_else(PoisonError::into_inner).push(target);
}

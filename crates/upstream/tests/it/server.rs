//! A server whose connections do what a test says.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Listens on a free port of this machine.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    connections: usize,
    requests: Vec<String>,
    closed: usize,
}

/// One connection, and the journal of its server.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    /// Counted from 1.
    pub(crate) number: usize,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    /// Every connection is given to `script`; it is closed when that ends.
    pub(crate) async fn start<F, Fut>(script: F) -> Self
    where
        F: Fn(Peer) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let journal = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = {
                    let mut seen = journal.lock().unwrap();
                    seen.connections += 1;
                    seen.connections
                };
                tokio::spawn(script(Peer { stream, number, seen: Arc::clone(&journal) }));
            }
        });
        Self { address, seen }
    }

    /// Answers every request with the same bytes.
    pub(crate) async fn answering(bytes: &'static str) -> Self {
        Self::start(move |mut peer| async move {
            while peer.request().await.is_some() {
                peer.write(bytes).await;
            }
        })
        .await
    }

    /// Answers the first request of each connection with these bytes and closes.
    pub(crate) async fn answering_once(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = Arc::new(bytes.into());
        Self::start(move |mut peer| {
            let bytes = Arc::clone(&bytes);
            async move {
                peer.request().await;
                peer.write(&*bytes).await;
            }
        })
        .await
    }

    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    /// How many connections the other side has closed.
    pub(crate) fn closed(&self) -> usize {
        self.seen.lock().unwrap().closed
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().requests.clone()
    }
}

impl Peer {
    /// The next request with its body; `None` when the other side has closed.
    pub(crate) async fn request(&mut self) -> Option<String> {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let Ok(byte) = self.stream.read_u8().await else {
                self.seen.lock().unwrap().closed += 1;
                return None;
            };
            request.push(byte);
        }
        let head = String::from_utf8(request.clone()).unwrap().to_lowercase();
        if let Some(rest) = head.split("content-length: ").nth(1) {
            let length: usize = rest.lines().next().unwrap().parse().unwrap();
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).await.unwrap();
            request.extend_from_slice(&body);
        }
        let request = String::from_utf8(request).unwrap();
        self.seen.lock().unwrap().requests.push(request.clone());
        Some(request)
    }

    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        // The other side may be gone already, which is what some tests want.
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Stays open and silent until the other side closes.
    pub(crate) async fn hang(&mut self) {
        while self.request().await.is_some() {}
    }
}

/// A complete answer with a length.
pub(crate) fn whole(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

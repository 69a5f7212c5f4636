//! A server whose connections do what a test says.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// The first bytes of a picture.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

/// Listens on a free port of one of this machine's addresses.
pub(crate) struct Server {
    pub(crate) port: u16,
    address: String,
    journal: Arc<Journal>,
}

#[derive(Default)]
struct Journal {
    requests: Mutex<Vec<String>>,
    connections: Mutex<usize>,
    closed: Notify,
}

/// One connection.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    journal: Arc<Journal>,
}

impl Server {
    /// Every connection is given to `script`, and closed when that ends.
    pub(crate) async fn start<F, Fut>(script: F) -> Self
    where
        F: Fn(Peer) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        Self::start_at("127.0.0.1:0", script).await
    }

    /// The same, at another address.
    pub(crate) async fn start_at<F, Fut>(address: &str, script: F) -> Self
    where
        F: Fn(Peer) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let journal = Arc::new(Journal::default());
        let kept = Arc::clone(&journal);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *kept.connections.lock().unwrap() += 1;
                tokio::spawn(script(Peer { stream, journal: Arc::clone(&kept) }));
            }
        });
        Self { port: address.port(), address: address.to_string(), journal }
    }

    /// Answers the request of each connection with these bytes and closes.
    pub(crate) async fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        Self::answering_at("127.0.0.1:0", bytes).await
    }

    /// The same, at another address.
    pub(crate) async fn answering_at(address: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = Arc::new(bytes.into());
        Self::start_at(address, move |mut peer| {
            let bytes = Arc::clone(&bytes);
            async move {
                peer.request().await;
                peer.write(&*bytes).await;
            }
        })
        .await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/file", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        *self.journal.connections.lock().unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.journal.requests.lock().unwrap().clone()
    }

    /// Waits until a client closes a connection that [`Peer::hang`]s.
    pub(crate) async fn closed(&self) {
        self.journal.closed.notified().await;
    }
}

impl Peer {
    /// Reads one head.
    pub(crate) async fn request(&mut self) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = self.stream.read_u8().await else { return };
            head.push(byte);
        }
        self.journal.requests.lock().unwrap().push(String::from_utf8(head).unwrap());
    }

    /// Whether the other side is still there.
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    /// Stays open and silent until the other side closes.
    pub(crate) async fn hang(&mut self) {
        while self.stream.read_u8().await.is_ok() {}
        self.journal.closed.notify_one();
    }
}

/// A complete answer: 200 with a length.
pub(crate) fn whole(body: &[u8]) -> Vec<u8> {
    answer(&format!("content-length: {}\r\n", body.len()), body)
}

/// An answer with these header lines.
pub(crate) fn answer(headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes(), body].concat()
}

/// A redirect.
pub(crate) fn moved(location: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n").into()
}

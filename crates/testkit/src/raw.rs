//! A connection on which anything may be said.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::in_time;

/// A TCP connection.
#[derive(Debug)]
pub struct Raw {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, unread: Vec::new() }
    }

    /// Sends bytes as they are. That the peer has gone is not an error.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // Whoever has answered and closed has said what matters.
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Whether more bytes can be sent.
    pub async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    /// One answer with a `Content-Length`: its head and body.
    pub async fn answer(&mut self) -> String {
        loop {
            if let Some(end) = self.whole_answer() {
                let answer: Vec<u8> = self.unread.drain(..end).collect();
                return String::from_utf8_lossy(&answer).into_owned();
            }
            assert!(self.read().await > 0, "the connection was closed before an answer was whole");
        }
    }

    /// Everything until the gateway closes the connection.
    pub async fn until_closed(&mut self) -> String {
        while self.read().await > 0 {}
        String::from_utf8_lossy(&std::mem::take(&mut self.unread)).into_owned()
    }

    async fn read(&mut self) -> usize {
        let mut buffer = [0; 8192];
        let heard = String::from_utf8_lossy(&self.unread);
        let what = format!("more bytes on a raw connection, after {heard:?}");
        let read = in_time(&what, self.stream.read(&mut buffer)).await;
        // A reset is an end too.
        let length = read.unwrap_or(0);
        self.unread.extend_from_slice(&buffer[..length]);
        length
    }

    fn whole_answer(&self) -> Option<usize> {
        let text = String::from_utf8_lossy(&self.unread).to_ascii_lowercase();
        let head = text.find("\r\n\r\n")? + 4;
        let length = text[..head].lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        (self.unread.len() >= head + length).then_some(head + length)
    }
}

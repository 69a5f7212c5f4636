//! A little traffic, so that the demonstration has something to show.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const AT_FIRST: usize = 20;
const PAUSE: Duration = Duration::from_secs(3);

const QUESTIONS: [&str; 4] = [
    "What makes a good key pool?",
    "How long is a Pacific day?",
    "Tell me about the weather in Rome and Oslo",
    "Why is the sky blue?",
];

/// Twenty requests at once, then one every three seconds.
pub(super) async fn run(address: SocketAddr, token: String) {
    for (number, question) in QUESTIONS.iter().cycle().enumerate() {
        if let Err(error) = ask(address, &token, question, number % 3 == 0).await {
            tracing::warn!(%error, "a request of the demonstration failed");
        }
        if number >= AT_FIRST {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn ask(address: SocketAddr, token: &str, question: &str, stream: bool) -> io::Result<()> {
    let body = format!(
        r#"{{"model":"gemini-3.8-flash","stream":{stream},"messages":[{{"role":"user","content":"{question}"}}]}}"#
    );
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await?;
    if answer.starts_with(b"HTTP/1.1 200 ") { Ok(()) } else { Err(io::Error::other("no success")) }
}

//! A Google that answers at once and costs next to nothing.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{MissedTickBehavior, interval};

use crate::answer::header;
use crate::scenario::Traffic;

/// Stands once in every piece of a streamed answer, and nowhere in a request.
pub(crate) const PIECE: &str = "keystone";
/// Stands in every whole answer.
pub(crate) const WHOLE: &str = "Bridges span what divides.";
/// The time between the pieces of a slow stream.
const PAUSE: Duration = Duration::from_millis(50);

/// The prepared answers.
struct Answers {
    whole: Vec<u8>,
    /// The chunks of a stream, the first with the head, the last with the end.
    burst: Vec<Vec<u8>>,
    slow: Vec<Vec<u8>>,
}

/// Listens on a free port and answers until the runtime ends.
pub(crate) fn start() -> Result<SocketAddr> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let listener = socket.listen(4096)?;
    let address = listener.local_addr()?;
    // The answers live as long as the program.
    let answers: &'static Answers = Box::leak(Box::new(Answers::prepare()));
    tokio::spawn(accept(listener, answers));
    Ok(address)
}

async fn accept(listener: TcpListener, answers: &'static Answers) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            // A connection that breaks is the other side's business.
            tokio::spawn(async move { serve(stream, answers).await.ok() });
        }
    }
}

async fn serve(mut stream: TcpStream, answers: &Answers) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(16 * 1024);
    loop {
        let Some(head_length) = read_head(&mut stream, &mut buffer).await? else { return Ok(()) };
        let head = buffer.get(..head_length).unwrap_or_default();
        let length = header(head, b"content-length").and_then(|text| text.parse().ok());
        let line_end = memchr::memchr(b'\r', head).unwrap_or(0);
        let line = head.get(..line_end).unwrap_or_default();
        let streams = memchr::memmem::find(line, b":streamGenerateContent").is_some();
        let slow = memchr::memmem::find(line, b"gemini-slow").is_some();
        let total = head_length + length.unwrap_or(0);
        while buffer.len() < total {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
        buffer.drain(..total);
        if !streams {
            stream.write_all(&answers.whole).await?;
        } else if slow {
            write_slowly(&mut stream, &answers.slow).await?;
        } else {
            for chunk in &answers.burst {
                stream.write_all(chunk).await?;
            }
        }
    }
}

/// The length of the next head, once it is there; `None` at the end of the stream.
async fn read_head(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Option<usize>> {
    loop {
        if let Some(end) = memchr::memmem::find(buffer, b"\r\n\r\n") {
            return Ok(Some(end + 4));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

async fn write_slowly(stream: &mut TcpStream, chunks: &[Vec<u8>]) -> Result<()> {
    let mut clock = interval(PAUSE);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for chunk in chunks {
        clock.tick().await;
        stream.write_all(chunk).await?;
    }
    Ok(())
}

impl Answers {
    fn prepare() -> Self {
        let text = format!("{WHOLE} {}", "They carry roads, rails and water. ".repeat(12));
        let body = json!({
            "candidates": [{
                "content": {"role": "model", "parts": [{"text": text}]},
                "finishReason": "STOP",
                "index": 0,
            }],
            "usageMetadata": usage(120),
            "modelVersion": "gemini-3.8-flash",
            "responseId": "km2kaorlCeDdg8UP67-l6Ac",
        })
        .to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=UTF-8\r\n\
             vary: Origin\r\nserver: mock\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let stream = |traffic: Traffic| stream(traffic.pieces().unwrap_or(1));
        Self {
            whole: [head.as_bytes(), body.as_bytes()].concat(),
            burst: stream(Traffic::Burst),
            slow: stream(Traffic::Slow),
        }
    }
}

fn stream(pieces: usize) -> Vec<Vec<u8>> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nvary: Origin\r\n\
                server: mock\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = |number: usize| {
        let mut candidate = json!({
            "content": {"role": "model", "parts": [{"text": format!("{PIECE} {number} of a bridge ")}]},
            "index": 0,
        });
        if number == pieces {
            candidate["finishReason"] = json!("STOP");
        }
        let event = json!({
            "candidates": [candidate],
            "usageMetadata": usage(number),
            "modelVersion": "gemini-3.8-flash",
            "responseId": "km2kaorlCeDdg8UP67-l6Ac",
        });
        let event = format!("data: {event}\r\n\r\n");
        let start = if number == 1 { head } else { "" };
        let end = if number == pieces { "0\r\n\r\n" } else { "" };
        format!("{start}{:x}\r\n{event}\r\n{end}", event.len()).into_bytes()
    };
    (1..=pieces).map(chunk).collect()
}

fn usage(candidates: usize) -> serde_json::Value {
    json!({
        "promptTokenCount": 260,
        "candidatesTokenCount": candidates,
        "totalTokenCount": 260 + candidates,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 260}],
    })
}

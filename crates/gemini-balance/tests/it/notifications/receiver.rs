//! Where notifications go to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::house::parse;

/// What came in at a receiver.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) path: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

/// A server that takes what is posted, and refuses the first post to `/hook` as overloaded and all
/// posts to `/bad`.
pub(super) struct Receiver {
    pub(super) base: String,
    pub(super) received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let seen = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, Arc::clone(&seen)));
            }
        });
        Self { base, received }
    }

    pub(super) fn at(&self, path: &str) -> Vec<Received> {
        let received = self.received.lock().unwrap();
        received.iter().filter(|one| one.path == path).cloned().collect()
    }

    /// What the webhook was told, by event and state; repeated attempts once.
    pub(super) fn told(&self, event: &str, state: &str) -> Vec<Value> {
        let mut bodies: Vec<Value> = self.at("/hook").iter().map(|one| parse(&one.body)).collect();
        bodies.retain(|body| body["event"] == event && body["state"] == state);
        bodies.dedup_by_key(|body| body["id"].clone());
        bodies
    }
}

async fn take(stream: TcpStream, received: Arc<Mutex<Vec<Received>>>) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    let path = line.split(' ').nth(1).unwrap().to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    let body = String::from_utf8(body).unwrap();
    let first = {
        let mut received = received.lock().unwrap();
        received.push(Received { path: path.clone(), headers, body });
        received.iter().filter(|one| one.path == "/hook").count() == 1
    };
    let (status, answer) = match path.as_str() {
        "/hook" if first => ("503 Service Unavailable", "{}".to_owned()),
        "/bad" => ("302 Found\r\nlocation: /hook", "{}".to_owned()),
        path if path.starts_with("/refuse") => {
            ("401 Unauthorized", r#"{"ok":false,"description":"Unauthorized"}"#.to_owned())
        }
        path if path.strip_suffix(".send").is_some() => ("200 OK", r#"{"code":0}"#.to_owned()),
        _ => ("200 OK", r#"{"code":200}"#.to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        answer.len()
    );
    stream.write_all(format!("{head}{answer}").as_bytes()).await.unwrap();
}

//! Media that clients name by URL.

use std::net::SocketAddr;

use fake_gemini::KeyPlan;
use serde_json::{Value, json};
use testkit::{Answer, Client, MODEL, key};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::house::{google, setup};

/// The first bytes of a PNG.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01";

/// Somebody who serves one picture to all who come.
async fn pictures() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut peer, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = peer.read(&mut head).await;
            let length = PNG.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            let _ = peer.write_all(&[head.as_bytes(), PNG].concat()).await;
        }
    });
    address
}

fn chat(url: &str) -> (&'static str, Value) {
    let parts = json!([
        {"type": "text", "text": "what is it?"},
        {"type": "image_url", "image_url": {"url": url}},
    ]);
    let messages = json!([{"role": "user", "content": parts}]);
    ("/v1/chat/completions", json!({"model": MODEL, "messages": messages}))
}

fn message(url: &str) -> (&'static str, Value) {
    let source = json!({"type": "url", "url": url});
    let parts =
        json!([{"type": "text", "text": "what is it?"}, {"type": "image", "source": source}]);
    let messages = json!([{"role": "user", "content": parts}]);
    ("/v1/messages", json!({"model": MODEL, "max_tokens": 9, "messages": messages}))
}

async fn send(client: &Client, (path, body): (&str, Value)) -> Answer {
    client.post(path, body.to_string()).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_behind_a_url_is_fetched_where_that_is_allowed() {
    let pictures = pictures().await;
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]);
    let gateway = setup.with("URL_FETCH_ALLOW", "127.0.0.1/32").start().await;
    let url = format!("http://{pictures}/a.png");
    for request in [chat(&url), message(&url)] {
        let answer = send(&gateway.client(), request).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let sent: Value = serde_json::from_slice(&google.received().last().unwrap().body).unwrap();
        let parts = sent["contents"][0]["parts"].as_array().unwrap();
        let data = parts.iter().find_map(|part| part.get("inlineData")).unwrap();
        assert_eq!(data["mimeType"], "image/png");
        assert!(data["data"].as_str().unwrap().starts_with("iVBORw0KGgo"), "{data}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_public_is_not_fetched_and_google_is_not_asked() {
    let pictures = pictures().await;
    let google = google([("one", KeyPlan::Valid)]).await;
    let url = format!("http://{pictures}/a.png");
    for policy in ["public", "off", "allowlist"] {
        let setup = setup().google(&google).keys([key("one")]);
        let gateway = setup.with("URL_FETCH", policy).start().await;
        for request in [chat(&url), message(&url), chat("http://169.254.169.254/latest/meta-data")]
        {
            let answer = send(&gateway.client(), request).await;
            assert_eq!(answer.status, 400, "{policy}: {}", answer.text());
            let is_named = answer.text().contains("image_url") || answer.text().contains("source");
            assert!(is_named, "{policy}: {}", answer.text());
        }
    }
    assert!(google.received().is_empty());
}

//! The client against real sockets: servers and proxies that do what a test says.

#![cfg(test)]

mod attempts;
mod bodies;
mod egress;
mod reuse;
mod server;
mod some_proxy;
mod streamed;

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method};
use secret::PoolKey;
use upstream::{Answer, Broken, Call, Client, Options};

/// The key that every call carries.
const KEY: &str = "AIzaSyTESTKEY-0123456789-abcdefghijklmno";

/// Options for a server on this machine, with limits that tests can wait for.
fn options(base: &str) -> Options {
    let mut options = Options::new(base.parse().unwrap());
    options.connect_timeout = Duration::from_millis(400);
    options.first_byte_timeout = Duration::from_millis(400);
    options.idle_timeout = Duration::from_millis(400);
    options
}

fn client(base: &str) -> Client {
    Client::new(&options(base)).unwrap()
}

/// Posts `{}` to a model.
async fn post(client: &Client) -> Result<Answer, Broken> {
    post_from(client, 0).await
}

/// The same, for a seed that chooses the proxy.
async fn post_from(client: &Client, seed: u64) -> Result<Answer, Broken> {
    send(client, &Method::POST, Bytes::from_static(b"{}"), seed).await
}

async fn send(client: &Client, method: &Method, body: Bytes, seed: u64) -> Result<Answer, Broken> {
    let headers: HeaderMap = [
        ("content-type", "application/json"),
        ("authorization", "Bearer gk_client"),
        ("x-goog-api-key", "gk_client"),
    ]
    .into_iter()
    .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
    .collect::<Vec<(http::HeaderName, http::HeaderValue)>>()
    .into_iter()
    .collect();
    let key = PoolKey::parse(KEY).unwrap();
    let call = Call {
        method,
        path_and_query: "/v1beta/models/m:generateContent?alt=sse",
        headers: &headers,
        own_headers: None,
        key: &key,
        egress: client.egresses(seed)[0],
        body: body.into(),
        deadline: None,
    };
    client.send(call).await
}

/// Posts and reads the whole answer.
async fn text(client: &Client) -> Result<String, Broken> {
    let body = post(client).await?.body.collect(1 << 20).await?;
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

/// What stays out of every error text.
fn assert_discreet(broken: &Broken) {
    let shown = format!("{broken} {broken:?}");
    for secret in ["AIza", "gk_", "sesame", "alt=sse", "v1beta"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// Waits until `condition` holds.
async fn until(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(5), "waited in vain");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

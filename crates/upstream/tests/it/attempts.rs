//! Until the head of an answer: what goes out, and what can go wrong.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use keypool::{Outcome, Phase};
use socket2::{Domain, Socket, Type};
use tokio::io::AsyncWriteExt;
use upstream::{Client, Options, OptionsError};

use crate::server::{Server, whole};
use crate::{KEY, assert_discreet, client, options, post, send, text};

#[tokio::test(flavor = "current_thread")]
async fn the_key_is_the_only_credential_and_nothing_is_compressed() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let mut options = options(&format!("{}/prefix/", server.base()));
    options.custom_headers.insert("x-operator", "1".parse().unwrap());
    assert_eq!(text(&Client::new(&options).unwrap()).await.unwrap(), "ok");
    let expected = format!(
        "POST /prefix/v1beta/models/m:generateContent?alt=sse HTTP/1.1\r\nhost: {}\r\n\
         accept-encoding: identity\r\nx-operator: 1\r\nx-goog-api-key: {KEY}\r\n\
         content-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}",
        server.address
    );
    assert_eq!(server.requests(), [expected]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_closed_port_is_a_broken_connect() {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", server.local_addr().unwrap());
    drop(server);
    let broken = post(&client(&base)).await.unwrap_err();
    assert_eq!((broken.phase, broken.sent, broken.timed_out), (Phase::Connect, false, false));
    assert_eq!(broken.to_string(), "cannot connect: connection refused");
    assert_eq!(broken.outcome(), Outcome::LinkBroken(Phase::Connect));
}

#[tokio::test(flavor = "current_thread")]
async fn a_host_that_takes_no_connections_is_given_up() {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    // With the queue full, the system drops further requests to connect.
    let mut waiting = Vec::new();
    for _ in 0..4 {
        let attempt = tokio::net::TcpStream::connect(address);
        if let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_millis(50), attempt).await {
            waiting.push(stream);
        }
    }
    let start = Instant::now();
    let broken = post(&client(&format!("http://{address}"))).await.unwrap_err();
    assert_eq!((broken.phase, broken.sent), (Phase::Connect, false));
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[tokio::test(flavor = "current_thread")]
async fn an_unknown_name_is_a_broken_connect() {
    let broken = post(&client("http://name.invalid")).await.unwrap_err();
    assert_eq!((broken.phase, broken.sent), (Phase::Connect, false));
}

#[tokio::test(flavor = "current_thread")]
async fn a_silent_server_is_given_up() {
    let server = Server::start(|mut peer| async move { peer.hang().await }).await;
    let start = Instant::now();
    let broken = post(&client(&server.base())).await.unwrap_err();
    assert_eq!((broken.phase, broken.sent, broken.timed_out), (Phase::FirstByte, true, true));
    assert!((400..1500).contains(&start.elapsed().as_millis()));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_head_that_drips_is_given_up_too() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        for byte in whole("late").bytes() {
            peer.write([byte]).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let broken = post(&client(&server.base())).await.unwrap_err();
    assert_eq!((broken.phase, broken.timed_out), (Phase::FirstByte, true));
}

#[tokio::test(flavor = "current_thread")]
async fn a_cut_before_the_answer_is_not_repeated_on_a_new_connection() {
    for start in ["", "HTTP/1.1 20", "HTTP/1.1 103 Early Hints\r\n\r\n"] {
        let server = Server::answering_once(start).await;
        let broken = post(&client(&server.base())).await.unwrap_err();
        assert_eq!((broken.phase, broken.sent), (Phase::Cut, true), "{start:?}");
        assert_eq!(server.requests().len(), 1, "{start:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_reset_is_a_cut() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.stream.set_zero_linger().unwrap();
    })
    .await;
    let broken = post(&client(&server.base())).await.unwrap_err();
    assert_eq!((broken.phase, broken.sent), (Phase::Cut, true));
}

#[tokio::test(flavor = "current_thread")]
async fn garbage_is_refused_at_once() {
    let large = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(10 << 20));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(500));
    let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000);
    for bytes in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "\u{0}\u{1}\u{2}",
        "HTTP/2.0 200\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx",
        &large,
        &many,
        &interim,
    ] {
        let server = Server::answering_once(bytes).await;
        let start = Instant::now();
        let broken = post(&client(&server.base())).await.unwrap_err();
        let name = &bytes[..bytes.len().min(40)];
        assert_eq!((broken.phase, broken.sent), (Phase::Protocol, true), "{name:?}");
        assert!(start.elapsed() < Duration::from_secs(1), "{name:?}");
        assert_discreet(&broken);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    for status in [301, 302, 303, 307, 308] {
        let server = Server::answering_once(format!(
            "HTTP/1.1 {status} Go\r\nlocation: {}/\r\ncontent-length: 0\r\n\r\n",
            elsewhere.base()
        ))
        .await;
        let broken = post(&client(&server.base())).await.unwrap_err();
        assert_eq!((broken.phase, broken.sent), (Phase::Protocol, true), "{status}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test(flavor = "current_thread")]
async fn an_answer_may_come_before_the_body_is_out() {
    let server = Server::start(|mut peer| async move {
        peer.write("HTTP/1.1 413 Too Large\r\ncontent-length: 5\r\n\r\nlarge").await;
        peer.stream.shutdown().await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
    })
    .await;
    let client = client(&server.base());
    let body = Bytes::from(vec![b'x'; 32 << 20]);
    let answer = send(&client, &Method::POST, body, 0).await.unwrap();
    assert_eq!(answer.status, 413);
    assert_eq!(answer.body.collect(100).await.unwrap(), "large");
    // Half a request is left on that connection.
    let _ = post(&client).await;
    assert_eq!(server.connections(), 2);
}

#[tokio::test(flavor = "current_thread")]
async fn a_large_body_arrives_whole() {
    let server = Server::start(|mut peer| async move {
        while let Some(request) = peer.request().await {
            let (_, body) = request.split_once("\r\n\r\n").unwrap();
            let good = body.bytes().enumerate().all(|(at, byte)| byte == b'a' + (at % 26) as u8);
            peer.write(whole(&format!("{} {good}", body.len()))).await;
        }
    })
    .await;
    let client = client(&server.base());
    for size in [16 * 1024, 16 * 1024 + 1, 3 << 20] {
        let body: Vec<u8> = (0..size).map(|at| b'a' + (at % 26) as u8).collect();
        let answer = send(&client, &Method::POST, body.into(), 0).await.unwrap();
        assert_eq!(answer.body.collect(100).await.unwrap(), format!("{size} true"));
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_base_address_must_be_plain() {
    let refused = |base: &str| Client::new(&Options::new(base.parse().unwrap())).unwrap_err();
    assert!(matches!(refused("ftp://host/"), OptionsError::Base));
    assert!(matches!(refused("data:text"), OptionsError::Base));
    for base in ["http://user:sesame@host/", "http://host/?key=x", "http://host/#x"] {
        assert!(matches!(refused(base), OptionsError::BaseExtras), "{base}");
    }
    assert!(Client::new(&Options::new("https://host:8443/x".parse().unwrap())).is_ok());
}

#[test]
fn a_request_in_flight_is_small() {
    let client = client("http://127.0.0.1:9");
    let future = post(&client);
    assert!(size_of_val(&future) < 1024, "{}", size_of_val(&future));
}

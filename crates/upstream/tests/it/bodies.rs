//! Bodies as they come.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body::Body;
use http_body_util::BodyExt;
use keypool::Phase;
use secret::PoolKey;
use upstream::{Broken, Call};

use crate::server::{Server, whole};
use crate::{KEY, assert_discreet, client, post, send, text, until};

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                       transfer-encoding: chunked\r\n\r\n";

#[tokio::test(flavor = "current_thread")]
async fn frames_come_as_they_are_sent() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.write(CHUNKED).await;
        for number in 0..3 {
            peer.write(format!("9\r\ndata: {number}\n\n\r\n")).await;
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
        peer.write("0\r\n\r\n").await;
        peer.hang().await;
    })
    .await;
    let mut answer = post(&client(&server.base())).await.unwrap();
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    assert!(!answer.headers.contains_key("transfer-encoding"));
    let mut frames = Vec::new();
    let mut last = Instant::now();
    while let Some(frame) = answer.body.frame().await {
        frames.push(frame.unwrap().into_data().unwrap());
        assert!(last.elapsed() < Duration::from_millis(400));
        last = Instant::now();
    }
    assert_eq!(frames, ["data: 0\n\n", "data: 1\n\n", "data: 2\n\n"]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_pause_within_the_body_is_limited() {
    for start in [CHUNKED.to_owned(), "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n".to_owned()] {
        let server = Server::start(move |mut peer| {
            let start = start.clone();
            async move {
                peer.request().await;
                peer.write(start + "4\r\nsome\r\n").await;
                peer.hang().await;
            }
        })
        .await;
        let answer = post(&client(&server.base())).await.unwrap();
        let broken = answer.body.collect(100).await.unwrap_err();
        assert_eq!((broken.phase, broken.sent, broken.timed_out), (Phase::Idle, true, true));
        until(|| server.closed() == 1).await;
    }
}

#[tokio::test(flavor = "current_thread")]
async fn many_short_pauses_are_no_long_one() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.write(CHUNKED).await;
        for _ in 0..8 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            peer.write("1\r\nx\r\n").await;
        }
        peer.write("0\r\n\r\n").await;
    })
    .await;
    assert_eq!(text(&client(&server.base())).await.unwrap(), "xxxxxxxx");
}

#[tokio::test(flavor = "current_thread")]
async fn the_deadline_ends_even_a_lively_body() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.write(CHUNKED).await;
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            peer.write("1\r\nx\r\n").await;
        }
    })
    .await;
    let client = client(&server.base());
    let key = PoolKey::parse(KEY).unwrap();
    let start = tokio::time::Instant::now();
    let call = Call {
        method: &Method::GET,
        path_and_query: "/v1beta/models",
        headers: &HeaderMap::new(),
        own_headers: None,
        key: &key,
        egress: keypool::EgressId::DIRECT,
        body: upstream::Payload::default(),
        deadline: Some(start + Duration::from_millis(300)),
    };
    let answer = client.send(call).await.unwrap();
    let broken = answer.body.collect(1000).await.unwrap_err();
    assert!(broken.timed_out);
    assert!((300..700).contains(&start.elapsed().as_millis()));
}

#[tokio::test(flavor = "current_thread")]
async fn a_body_that_ends_too_early_is_cut() {
    for start in [
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfour".to_owned(),
        format!("{CHUNKED}4\r\nsome\r\n"),
        format!("{CHUNKED}4\r\nso"),
        format!("{CHUNKED}4\r\nsome\r\n0\r\n"),
    ] {
        let server = Server::answering_once(start.clone()).await;
        let broken = text(&client(&server.base())).await.unwrap_err();
        assert_eq!((broken.phase, broken.sent, broken.timed_out), (Phase::Cut, true, false));
        assert_discreet(&broken);
        assert_eq!(server.requests().len(), 1, "{start:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn bad_chunks_are_a_breach_of_protocol() {
    let server = Server::answering_once(format!("{CHUNKED}4\r\nsomeX")).await;
    assert_eq!(text(&client(&server.base())).await.unwrap_err().phase, Phase::Protocol);
}

#[tokio::test(flavor = "current_thread")]
async fn a_body_without_a_length_ends_with_the_connection() {
    let server = Server::answering_once("HTTP/1.1 200 OK\r\n\r\nall of it").await;
    assert_eq!(text(&client(&server.base())).await.unwrap(), "all of it");
}

#[tokio::test(flavor = "current_thread")]
async fn answers_without_a_body_end_at_once() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";
    let server = Server::answering(head).await;
    let client = client(&server.base());
    for _ in 0..2 {
        let answer = send(&client, &Method::HEAD, Bytes::new(), 0).await.unwrap();
        assert_eq!(answer.headers["content-length"], "10");
        assert!(answer.body.is_end_stream());
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn the_end_is_known_with_the_last_frame() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let mut answer = post(&client(&server.base())).await.unwrap();
    assert_eq!(answer.body.size_hint().exact(), Some(2));
    answer.body.frame().await.unwrap().unwrap();
    assert!(answer.body.is_end_stream());
}

#[tokio::test(flavor = "current_thread")]
async fn a_body_is_collected_up_to_a_limit() {
    let large = "z".repeat(300_000);
    let server = Server::answering_once(whole(&large)).await;
    let client = client(&server.base());
    let whole = post(&client).await.unwrap().body.collect(300_000).await.unwrap();
    assert_eq!(whole.len(), large.len());
    let broken: Broken = post(&client).await.unwrap().body.collect(299_999).await.unwrap_err();
    assert_eq!(broken.phase, Phase::Protocol);
}

#[tokio::test(flavor = "current_thread")]
async fn dropping_the_body_closes_the_connection() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.write(format!("{CHUNKED}4\r\nsome\r\n")).await;
        peer.hang().await;
    })
    .await;
    let answer = post(&client(&server.base())).await.unwrap();
    drop(answer);
    until(|| server.closed() == 1).await;
}

//! Bodies that are sent as they come.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body::{Body, Frame};
use keypool::{EgressId, Phase};
use secret::PoolKey;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use upstream::{Answer, Broken, Call, Client, Outflow, SourceFailed};

use crate::server::{Server, whole};
use crate::{KEY, client};

/// What a test says, when it says it.
struct Told(mpsc::Receiver<Result<&'static str, SourceFailed>>);

impl Body for Told {
    type Data = Bytes;
    type Error = SourceFailed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, SourceFailed>>> {
        self.0.poll_recv(context).map(|told| {
            told.map(|told| told.map(|text| Frame::data(Bytes::from_static(text.as_bytes()))))
        })
    }
}

async fn send(client: &Client, told: Told, length: Option<u64>) -> Result<Answer, Broken> {
    let key = PoolKey::parse(KEY).unwrap();
    let call = Call {
        method: &Method::POST,
        path_and_query: "/upload/v1beta/files",
        headers: &HeaderMap::new(),
        own_headers: None,
        key: &key,
        egress: EgressId::DIRECT,
        body: upstream::Payload::default(),
        deadline: None,
    };
    client.send_streamed(call, Outflow::new(told, length)).await
}

/// Reads a request until its body has ended in chunks or has so many bytes.
async fn server(enough: &'static str) -> Server {
    Server::start(move |mut peer| async move {
        let mut read = Vec::new();
        while !String::from_utf8_lossy(&read).ends_with(enough) {
            let mut piece = [0; 1024];
            let count = peer.stream.read(&mut piece).await.unwrap_or(0);
            if count == 0 {
                return;
            }
            read.extend_from_slice(&piece[..count]);
        }
        let read = String::from_utf8(read).unwrap();
        let body = read.split_once("\r\n\r\n").unwrap().1.to_owned();
        let framing =
            if read.contains("transfer-encoding: chunked") { "chunked" } else { "length" };
        assert_eq!(read.contains("content-length: 9"), framing == "length", "{read}");
        peer.write(whole(&format!("{framing} {}", body.replace("\r\n", "|")))).await;
    })
    .await
}

async fn answered(answer: Answer) -> String {
    String::from_utf8(answer.body.collect(1 << 20).await.unwrap().to_vec()).unwrap()
}

#[tokio::test(flavor = "current_thread")]
async fn pieces_go_out_as_they_come_with_or_without_a_length() {
    for (length, enough, expected) in [
        (Some(9), "threefour", "length threefour"),
        (None, "0\r\n\r\n", "chunked 5|three|4|four|0||"),
    ] {
        let server = server(enough).await;
        let (say, told) = mpsc::channel(1);
        let client = client(&server.base());
        let saying = async {
            for text in ["three", "four"] {
                // What is empty is no piece.
                say.send(Ok("")).await.unwrap();
                say.send(Ok(text)).await.unwrap();
                // Longer in all than an answer may take to begin.
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
            drop(say);
        };
        let (answer, ()) = tokio::join!(send(&client, Told(told), length), saying);
        assert_eq!(answered(answer.unwrap()).await, expected);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_source_that_gives_up_ends_the_call() {
    let server = server("never").await;
    let (say, told) = mpsc::channel(4);
    say.send(Ok("three")).await.unwrap();
    say.send(Err(SourceFailed)).await.unwrap();
    let broken = send(&client(&server.base()), Told(told), Some(9)).await.unwrap_err();
    assert_eq!((broken.phase, broken.sent, broken.timed_out), (Phase::Cut, true, false));
    assert_eq!(broken.to_string(), SourceFailed.to_string());
}

#[tokio::test(flavor = "current_thread")]
async fn silence_on_both_sides_ends_the_call() {
    let server = server("never").await;
    let (_say, told) = mpsc::channel(1);
    let broken = send(&client(&server.base()), Told(told), None).await.unwrap_err();
    assert_eq!((broken.phase, broken.timed_out), (Phase::FirstByte, true));
}

#[tokio::test(flavor = "current_thread")]
async fn an_answer_before_the_end_is_taken() {
    let server = Server::start(|mut peer| async move {
        let mut piece = [0; 8];
        let _ = peer.stream.read_exact(&mut piece).await;
        peer.write("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno").await;
        peer.hang().await;
    })
    .await;
    let (_say, told) = mpsc::channel(1);
    let answer = send(&client(&server.base()), Told(told), Some(1 << 40)).await.unwrap();
    assert_eq!(answer.status, 403);
    assert_eq!(answered(answer).await, "no");
}

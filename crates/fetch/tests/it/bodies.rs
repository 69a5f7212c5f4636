//! What servers send, and what becomes of it.

use std::time::Duration;

use fetch::{FetchError, Limits, Reason};
use tokio::time::{Instant, sleep};

use crate::server::{PNG, Server, answer, whole};
use crate::{fetch, fetcher, limits, reason};

#[tokio::test]
async fn a_file_is_fetched_with_its_type_and_nothing_is_told_of_the_client() {
    let server = Server::answering(whole(PNG)).await;
    let fetched = fetch(&server.url()).await.unwrap();
    assert_eq!((fetched.mime, &fetched.bytes[..]), ("image/png", PNG));
    let request = format!(
        "GET /file HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nuser-agent: gemini-balance\r\n\
         accept: image/*, audio/*, video/*, application/pdf\r\naccept-encoding: identity\r\n\
         connection: close\r\n\r\n",
        server.port
    );
    assert_eq!(server.requests(), [request]);
}

#[tokio::test]
async fn chunked_files_and_files_that_end_with_the_connection_are_whole() {
    let chunked =
        answer("transfer-encoding: chunked\r\n", b"8\r\n\x89PNG\r\n\x1a\n\r\n2\r\nab\r\n0\r\n\r\n");
    for bytes in [chunked, answer("", b"\x89PNG\r\n\x1a\nab")] {
        let fetched = fetch(&Server::answering(bytes).await.url()).await.unwrap();
        assert_eq!(&fetched.bytes[..], b"\x89PNG\r\n\x1a\nab");
    }
}

#[tokio::test]
async fn endless_files_end_at_the_limit() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.write(answer("", PNG)).await;
        while peer.write([0; 1024]).await {}
    })
    .await;
    assert_eq!(fetch(&server.url()).await, Err(FetchError::TooLarge(64 * 1024)));
}

#[tokio::test]
async fn the_limit_counts_bytes_and_not_promises() {
    let limits = Limits { bytes: PNG.len(), ..limits() };
    let exact = Server::answering(whole(PNG)).await;
    assert!(fetcher().fetch(&exact.url(), &limits).await.is_ok());
    let one_more = [PNG, b"a"].concat();
    for bytes in [whole(&one_more), answer("", &one_more)] {
        let server = Server::answering(bytes).await;
        let refused = fetcher().fetch(&server.url(), &limits).await;
        assert_eq!(refused, Err(FetchError::TooLarge(PNG.len())));
    }
    let boast = Server::answering(answer("content-length: 99999999999\r\n", PNG)).await;
    assert_eq!(reason(&boast.url()).await, Reason::Broken);
}

#[tokio::test]
async fn slow_files_end_at_the_total_time() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.write(answer("", PNG)).await;
        while peer.write("a").await {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let since = Instant::now();
    assert_eq!(reason(&server.url()).await, Reason::TooSlow);
    assert!(since.elapsed() >= limits().total);
}

#[tokio::test]
async fn silence_ends_at_the_idle_time_and_closes_the_connection() {
    for sent in [Vec::new(), b"HTTP/1.1 200 OK\r\n".to_vec(), answer("", PNG)] {
        let server = Server::start(move |mut peer| {
            let sent = sent.clone();
            async move {
                peer.request().await;
                peer.write(sent).await;
                peer.hang().await;
            }
        })
        .await;
        let since = Instant::now();
        assert_eq!(reason(&server.url()).await, Reason::TooSlow);
        assert!(since.elapsed() < limits().total);
        server.closed().await;
    }
}

#[tokio::test]
async fn broken_answers_are_no_files() {
    let answers = [
        answer("content-length: 100\r\n", PNG),
        answer("content-length: -1\r\n", PNG),
        answer("content-length: 16\r\ncontent-length: 17\r\n", PNG),
        answer("transfer-encoding: chunked\r\n", b"10\r\n\x89PNG\r\n\x1a\n"),
        answer("transfer-encoding: chunked\r\n", b"x\r\n"),
        answer(&format!("a: {}\r\n", "a".repeat(64 * 1024)), PNG),
        b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(),
        b"-ERR wrong number of arguments for 'get' command\r\n".to_vec(),
        Vec::new(),
    ];
    for bytes in answers {
        let shown = String::from_utf8_lossy(&bytes).chars().take(60).collect::<String>();
        assert_eq!(reason(&Server::answering(bytes).await.url()).await, Reason::Broken, "{shown}");
    }
}

#[tokio::test]
async fn encoded_files_are_refused_before_they_are_read() {
    for encoding in ["gzip", "br", "identity, gzip", "GZIP"] {
        let headers = format!("content-encoding: {encoding}\r\n");
        let server = Server::answering(answer(&headers, PNG)).await;
        assert_eq!(reason(&server.url()).await, Reason::Encoded);
    }
    let plain = Server::answering(answer("content-encoding: Identity\r\n", PNG)).await;
    assert!(fetch(&plain.url()).await.is_ok());
}

#[tokio::test]
async fn only_200_is_a_file() {
    for status in [204, 206, 300, 304, 400, 401, 404, 500] {
        let bytes = format!("HTTP/1.1 {status} A\r\ncontent-length: 0\r\n\r\n");
        let server = Server::answering(bytes).await;
        assert_eq!(reason(&server.url()).await, Reason::Status(status));
    }
}

#[tokio::test]
async fn pages_are_no_files_whatever_their_server_calls_them() {
    let endless = vec![b'a'; 100 * 1024];
    let pages: [&[u8]; 5] =
        [b"", b"<html>secret</html>", b"<svg/>", b"{\"Code\":\"Success\"}", &endless];
    for page in pages {
        let server = Server::answering(answer("content-type: image/png\r\n", page)).await;
        assert_eq!(reason(&server.url()).await, Reason::Unsupported);
    }
}

//! Connections that carry one request after the other.

use std::time::Duration;

use keypool::Phase;
use tokio::io::AsyncWriteExt;
use upstream::Client;

use crate::server::{Server, whole};
use crate::{client, options, post, text, until};

#[tokio::test(flavor = "current_thread")]
async fn one_connection_serves_one_request_after_the_other() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ] {
        let server = Server::answering(answer).await;
        let client = client(&server.base());
        for _ in 0..5 {
            assert_eq!(text(&client).await.unwrap(), "ok");
        }
        assert_eq!((server.connections(), server.requests().len()), (1, 5));
        assert_eq!(text(&client.sibling()).await.unwrap(), "ok");
        assert_eq!(server.connections(), 2, "siblings share no connection");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn requests_at_the_same_time_have_a_connection_each() {
    let server = Server::start(|mut peer| async move {
        while peer.request().await.is_some() {
            tokio::time::sleep(Duration::from_millis(50)).await;
            peer.write(whole("ok")).await;
        }
    })
    .await;
    let client = client(&server.base());
    for _ in 0..3 {
        let (a, b, c) = tokio::join!(text(&client), text(&client), text(&client));
        assert_eq!([a.unwrap(), b.unwrap(), c.unwrap()], ["ok", "ok", "ok"]);
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_that_shall_close_is_not_used_again() {
    for answer in [
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n\
         2\r\nok\r\n0\r\n\r\n",
    ] {
        let server = Server::answering(answer).await;
        let client = client(&server.base());
        for _ in 0..3 {
            assert_eq!(text(&client).await.unwrap(), "ok");
        }
        assert_eq!(server.connections(), 3, "{answer:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn bytes_behind_an_answer_never_become_the_next_one() {
    let forged = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged";
    // Glued to the answer, and on its own while the connection rests.
    for pause in [0, 20] {
        let server = Server::start(move |mut peer| async move {
            while peer.request().await.is_some() {
                peer.write(whole("true")).await;
                if pause > 0 {
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                peer.write(forged).await;
            }
        })
        .await;
        let client = client(&server.base());
        for _ in 0..3 {
            assert_eq!(text(&client).await.unwrap(), "true");
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
        assert_eq!(server.connections(), 3);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_closed_while_it_rested_is_noticed() {
    let server = Server::answering_once(whole("ok")).await;
    let client = client(&server.base());
    for _ in 0..3 {
        assert_eq!(text(&client).await.unwrap(), "ok");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((server.connections(), server.requests().len()), (3, 3));
}

#[tokio::test(flavor = "current_thread")]
async fn a_kept_connection_that_dies_on_the_request_is_replaced_once() {
    // The first connection answers once and closes on the second request without a word.
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.write(whole("ok")).await;
        if peer.number > 1 {
            while peer.request().await.is_some() {
                peer.write(whole("again")).await;
            }
        }
        peer.request().await;
    })
    .await;
    let client = client(&server.base());
    assert_eq!(text(&client).await.unwrap(), "ok");
    assert_eq!(text(&client).await.unwrap(), "ok");
    assert_eq!((server.connections(), server.requests().len()), (2, 3));
}

#[tokio::test(flavor = "current_thread")]
async fn a_failure_of_the_replacement_is_told_as_it_is() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        if peer.number == 1 {
            peer.write(whole("ok")).await;
            peer.request().await;
        }
    })
    .await;
    let client = client(&server.base());
    assert_eq!(text(&client).await.unwrap(), "ok");
    let broken = text(&client).await.unwrap_err();
    assert_eq!((broken.phase, broken.sent), (Phase::Cut, true));
    assert_eq!((server.connections(), server.requests().len()), (2, 3));
}

#[tokio::test(flavor = "current_thread")]
async fn after_the_first_byte_of_an_answer_nothing_is_repeated() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.write(whole("ok")).await;
        peer.request().await;
        peer.write("H").await;
    })
    .await;
    let client = client(&server.base());
    assert_eq!(text(&client).await.unwrap(), "ok");
    let broken = text(&client).await.unwrap_err();
    assert_eq!((broken.phase, broken.sent), (Phase::Cut, true));
    assert_eq!((server.connections(), server.requests().len()), (1, 2));
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_rests_only_so_long() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let mut options = options(&server.base());
    options.pool_idle_timeout = Duration::from_millis(100);
    let client = Client::new(&options).unwrap();
    assert_eq!(text(&client).await.unwrap(), "ok");
    until(|| server.closed() == 1).await;
    assert_eq!(text(&client).await.unwrap(), "ok");
    assert_eq!(server.connections(), 2);
}

#[tokio::test(flavor = "current_thread")]
async fn a_server_that_goes_away_costs_one_attempt_and_not_the_pool() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab").await;
        peer.stream.shutdown().await.unwrap();
    })
    .await;
    let client = client(&server.base());
    for attempt in 1..4 {
        let answer = post(&client).await.unwrap();
        assert_eq!(answer.body.collect(10).await.unwrap_err().phase, Phase::Cut);
        assert_eq!(server.connections(), attempt);
    }
}

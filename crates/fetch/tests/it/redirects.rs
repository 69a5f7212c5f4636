//! Redirects: followed by hand, each checked like the first URL.

use fetch::Reason;

use crate::server::{PNG, Server, moved, whole};
use crate::{fetch, reason};

#[tokio::test]
async fn a_few_redirects_are_followed() {
    let file = Server::answering(whole(PNG)).await;
    let third = Server::answering(moved(&file.url())).await;
    let second = Server::answering(moved(&third.url())).await;
    let first = Server::answering(moved(&second.url())).await;
    assert!(fetch(&first.url()).await.is_ok());
    let before = Server::answering(moved(&first.url())).await;
    assert_eq!(reason(&before.url()).await, Reason::Redirects);
    assert_eq!(file.connections(), 1);
}

#[tokio::test]
async fn loops_end_and_cookies_are_not_carried_around() {
    let server = Server::answering(moved("/file\r\nset-cookie: a=b")).await;
    assert_eq!(reason(&server.url()).await, Reason::Redirects);
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    assert!(requests.iter().all(|request| *request == requests[0]));
}

#[tokio::test]
async fn a_forbidden_address_is_forbidden_behind_a_redirect_too() {
    let inner = Server::answering_at("127.0.0.2:0", whole(PNG)).await;
    for host in ["127.0.0.2", "0x7f000002", "127.2", "[::ffff:127.0.0.2]", "[::127.0.0.2]"] {
        for scheme in ["http:", "https:", ""] {
            let location = format!("{scheme}//{host}:{}/file", inner.port);
            let server = Server::answering(moved(&location)).await;
            assert_eq!(reason(&server.url()).await, Reason::Forbidden, "{location}");
        }
    }
    assert_eq!(inner.connections(), 0);
}

#[tokio::test]
async fn redirects_to_what_is_no_plain_url_end() {
    for location in ["file:///etc/passwd", "gopher://127.0.0.1/", "//u:p@127.0.0.1/", "http://"] {
        let server = Server::answering(moved(location)).await;
        assert_eq!(reason(&server.url()).await, Reason::Redirect, "{location}");
    }
    let nowhere = Server::answering("HTTP/1.1 301 A\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(reason(&nowhere.url()).await, Reason::Redirect);
}

//! Which addresses are connected to.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use fetch::{AllowList, FetchError, Fetcher, Lookup, Network, Policy, Reason, Resolve};

use crate::server::{PNG, Server, moved, whole};
use crate::{limits, list, unavailable};

/// Gives these answers in turn, then none; keeps what it was asked.
#[derive(Clone)]
pub(crate) struct Answers {
    left: Arc<Mutex<VecDeque<Vec<IpAddr>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Answers {
    pub(crate) fn new(answers: &[&[&str]]) -> Self {
        let parsed = |answer: &&[&str]| answer.iter().map(|text| text.parse().unwrap()).collect();
        let left = answers.iter().map(parsed).collect();
        Self { left: Arc::new(Mutex::new(left)), asked: Arc::default() }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Resolve for Answers {
    fn resolve<'a>(&'a self, name: &'a str) -> Lookup<'a> {
        self.asked.lock().unwrap().push(name.to_owned());
        let answer = self.left.lock().unwrap().pop_front();
        Box::pin(async move { answer.ok_or_else(|| io::ErrorKind::NotFound.into()) })
    }
}

fn fetcher(answers: &Answers, policy: Policy) -> Fetcher {
    let network = Network::system().unwrap().with_resolver(answers.clone());
    Fetcher::over(network, policy)
}

#[tokio::test]
async fn the_address_that_was_checked_is_connected_to_and_the_name_not_asked_again() {
    let checked = Server::answering(whole(PNG)).await;
    let other = format!("127.0.0.2:{}", checked.port);
    let other = Server::answering_at(&other, whole(PNG)).await;
    let answers = Answers::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let fetcher = fetcher(&answers, Policy::Public(list("127.0.0.1")));
    let url = format!("http://Rebinding.Example.:{}/", checked.port);
    fetcher.fetch(&url, &limits()).await.unwrap();
    assert_eq!((checked.connections(), other.connections()), (1, 0));
    assert_eq!(answers.asked(), ["rebinding.example"]);
    let host = format!("host: rebinding.example:{}\r\n", checked.port);
    assert!(checked.requests()[0].contains(&host));

    let second = fetcher.fetch(&url, &limits()).await;
    assert_eq!(unavailable(second), Reason::Forbidden);
    assert_eq!((checked.connections(), other.connections()), (1, 0));
}

#[tokio::test]
async fn a_name_that_changes_its_address_during_redirects_is_checked_anew() {
    let server = Server::answering(moved("/again")).await;
    let other = format!("127.0.0.2:{}", server.port);
    let other = Server::answering_at(&other, whole(PNG)).await;
    let answers = Answers::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let fetcher = fetcher(&answers, Policy::Listed(list("127.0.0.1")));
    let url = format!("http://rebinding.example:{}/", server.port);
    assert_eq!(unavailable(fetcher.fetch(&url, &limits()).await), Reason::Forbidden);
    assert_eq!((server.connections(), other.connections()), (1, 0));
    assert_eq!(answers.asked().len(), 2);
}

#[tokio::test]
async fn of_many_addresses_only_the_permitted_are_tried() {
    let server = Server::answering(whole(PNG)).await;
    let other = format!("127.0.0.2:{}", server.port);
    let other = Server::answering_at(&other, whole(PNG)).await;
    // 127.0.0.3 is permitted, but nobody listens there.
    let answers = Answers::new(&[&["127.0.0.2", "::1", "127.0.0.3", "127.0.0.1"]]);
    let fetcher = fetcher(&answers, Policy::Listed(list("127.0.0.1 127.0.0.3")));
    let url = format!("http://many.example:{}/", server.port);
    fetcher.fetch(&url, &limits()).await.unwrap();
    assert_eq!((server.connections(), other.connections()), (1, 0));
}

#[tokio::test]
async fn a_listed_name_may_have_any_address() {
    let server = Server::answering(whole(PNG)).await;
    let answers = Answers::new(&[&["127.0.0.1"], &["127.0.0.1"]]);
    let fetcher = fetcher(&answers, Policy::Listed(list("*.corp.example")));
    let url = |name| format!("http://{name}:{}/", server.port);
    fetcher.fetch(&url("files.corp.example"), &limits()).await.unwrap();
    let unlisted = fetcher.fetch(&url("files.example"), &limits()).await;
    assert_eq!(unavailable(unlisted), Reason::Forbidden);
    assert_eq!(answers.asked(), ["files.corp.example"]);
}

#[tokio::test]
async fn private_addresses_are_not_public_however_they_are_written() {
    let server = Server::answering(whole(PNG)).await;
    let answers = Answers::new(&[&["127.0.0.1"], &["::ffff:127.0.0.1"], &["64:ff9b::7f00:1"]]);
    let fetcher = fetcher(&answers, Policy::Public(AllowList::default()));
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "a.example",
        "b.example",
        "c.example",
    ] {
        for port in [80, server.port] {
            let refused = fetcher.fetch(&format!("http://{host}:{port}/"), &limits()).await;
            assert_eq!(unavailable(refused), Reason::Forbidden, "{host}");
        }
    }
    assert_eq!(server.connections(), 0);
    assert_eq!(answers.asked(), ["a.example", "b.example", "c.example"]);
}

#[tokio::test]
async fn clients_cannot_tell_why_a_url_is_unavailable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let page = Server::answering(whole(b"<html>")).await;
    let fetcher = fetcher(&Answers::new(&[]), Policy::Listed(list("127.0.0.1")));
    let urls = [closed, page.url(), "http://10.0.0.1/".into(), "http://name.invalid/".into()];
    let mut texts = Vec::new();
    for url in urls {
        let error = fetcher.fetch(&url, &limits()).await.unwrap_err();
        assert!(matches!(error, FetchError::Unavailable(_)));
        assert!(std::error::Error::source(&error).is_none());
        texts.push(error.to_string());
    }
    texts.dedup();
    let text = "the URL is not allowed, or no file of a supported type could be fetched from it";
    assert_eq!(texts, [text]);
}

#[tokio::test]
async fn nothing_is_fetched_when_fetching_is_off() {
    let server = Server::answering(whole(PNG)).await;
    let on = crate::fetcher();
    let off = on.under(Policy::Off);
    assert_eq!(off.fetch(&server.url(), &limits()).await, Err(FetchError::Off));
    assert_eq!(server.connections(), 0);
    assert!(on.fetch(&server.url(), &limits()).await.is_ok());
}

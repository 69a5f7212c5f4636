//! Many URLs at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fetch::{FetchError, MOST_URLS};
use tokio::sync::Barrier;

use crate::server::{PNG, Server, whole};
use crate::{fetcher, limits};

#[tokio::test]
async fn the_urls_of_a_request_are_fetched_four_at_a_time() {
    let (four, running) = (Arc::new(Barrier::new(4)), Arc::new(AtomicUsize::new(0)));
    let server = Server::start(move |mut peer| {
        let (four, running) = (Arc::clone(&four), Arc::clone(&running));
        async move {
            peer.request().await;
            assert!(running.fetch_add(1, Ordering::SeqCst) < 4);
            four.wait().await;
            running.fetch_sub(1, Ordering::SeqCst);
            peer.write(whole(PNG)).await;
        }
    })
    .await;
    let url = server.url();
    let fetched = fetcher().fetch_all(&[url.as_str(); MOST_URLS], &limits()).await.unwrap();
    assert!(fetched.len() == MOST_URLS && fetched.iter().all(Result::is_ok), "{fetched:?}");
}

#[tokio::test]
async fn too_many_urls_are_refused_before_any_is_fetched() {
    let server = Server::answering(whole(PNG)).await;
    let url = server.url();
    let refused = fetcher().fetch_all(&[url.as_str(); MOST_URLS + 1], &limits()).await;
    assert_eq!(refused, Err(FetchError::TooMany));
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_dropped_fetch_closes_its_connection() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.hang().await;
    })
    .await;
    let url = server.url();
    let fetching = tokio::spawn(async move { fetcher().fetch(&url, &limits()).await });
    while server.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    fetching.abort();
    server.closed().await;
}

#[test]
fn fetches_may_move_between_threads() {
    fn sent<T: Send>(_: T) {}
    let (fetcher, limits) = (fetcher(), limits());
    sent(fetcher.fetch("http://a.example/", &limits));
    sent(fetcher.fetch_all(&["http://a.example/"], &limits));
}

//! The fetcher against real sockets: servers and resolvers that do what a test says.

#![cfg(test)]

mod addresses;
mod bodies;
mod redirects;
mod secure;
mod server;
mod turns;

use std::time::Duration;

use fetch::{AllowList, FetchError, Fetched, Fetcher, Limits, Policy, Reason};

/// Limits that tests can wait for.
fn limits() -> Limits {
    let short = Duration::from_millis(400);
    Limits { bytes: 64 * 1024, connect: short, idle: short, total: short * 2 }
}

fn list(entries: &str) -> AllowList {
    AllowList::parse(entries.split_whitespace()).unwrap()
}

/// A fetcher that may reach 127.0.0.1 and nothing else.
fn fetcher() -> Fetcher {
    Fetcher::new(Policy::Listed(list("127.0.0.1/32"))).unwrap()
}

async fn fetch(url: &str) -> Result<Fetched, FetchError> {
    fetcher().fetch(url, &limits()).await
}

/// Why a URL is unavailable.
async fn reason(url: &str) -> Reason {
    unavailable(fetch(url).await)
}

fn unavailable(fetched: Result<Fetched, FetchError>) -> Reason {
    match fetched {
        Err(FetchError::Unavailable(reason)) => reason,
        other => panic!("not unavailable: {other:?}"),
    }
}

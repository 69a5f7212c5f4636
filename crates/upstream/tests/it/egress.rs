//! Ways out through proxies, and never around them.

use std::collections::BTreeSet;

use keypool::{EgressId, Phase};
use upstream::Client;

use crate::server::Server;
use crate::some_proxy::{http, socks};
use crate::{assert_discreet, options, post, post_from, text};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn through(base: &str, proxies: &[&str]) -> Client {
    let mut options = options(base);
    options.proxies = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
    Client::new(&options).unwrap()
}

#[tokio::test(flavor = "current_thread")]
async fn an_http_proxy_tunnels_with_its_login() {
    let google = Server::answering(OK).await;
    // "user:sesame".
    let (proxy, journal) = http(Some("Basic dXNlcjpzZXNhbWU=")).await;
    let address = format!("http://user:sesame@{}", proxy.address);
    let client = through(&google.base(), &[&address]);
    for _ in 0..3 {
        assert_eq!(text(&client).await.unwrap(), "ok");
    }
    assert_eq!((proxy.connections(), google.connections()), (1, 1));
    assert_eq!(journal.lock().unwrap()[0].0, google.address.to_string());
    assert!(google.requests()[0].starts_with("POST /v1beta/"));
    assert!(!google.requests()[0].to_lowercase().contains("proxy-authorization"));
}

#[tokio::test(flavor = "current_thread")]
async fn a_socks_proxy_resolves_the_name() {
    let google = Server::answering(OK).await;
    let (proxy, journal) = socks(Some("user:sesame")).await;
    let base = format!("http://google.invalid:{}", google.address.port());
    let client = through(&base, &[&format!("socks5://user:sesame@{}", proxy.address)]);
    assert_eq!(text(&client).await.unwrap(), "ok");
    let host = format!("google.invalid:{}", google.address.port());
    assert_eq!(journal.lock().unwrap().as_slice(), [(host, "user:sesame".to_owned())]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_socks_proxy_without_login_takes_addresses() {
    let google = Server::answering(OK).await;
    let (proxy, journal) = socks(None).await;
    let client = through(&google.base(), &[&format!("socks5h://{}", proxy.address)]);
    assert_eq!(text(&client).await.unwrap(), "ok");
    assert_eq!(journal.lock().unwrap()[0].0, google.address.to_string());
}

#[tokio::test(flavor = "current_thread")]
async fn a_proxy_that_fails_is_never_gone_around() {
    let google = Server::answering(OK).await;
    let (http_proxy, _) = http(Some("Basic other")).await;
    let (socks_proxy, _) = socks(Some("user:other")).await;
    let garbage = Server::answering_once("220 smtp ready\r\n\r\n").await;
    let mute = Server::start(|mut peer| async move { peer.hang().await }).await;
    let closing = Server::start(|_| async {}).await;
    let large = Server::answering_once(format!("HTTP/1.1 200 {}", "x".repeat(1 << 20))).await;
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    for (proxy, words) in [
        (format!("http://user:sesame@{}", http_proxy.address), "refuses the login"),
        (format!("socks5://user:sesame@{}", socks_proxy.address), "refuses the login"),
        (format!("socks5://{}", socks_proxy.address), "asks for a login"),
        (format!("http://{}", garbage.address), "does not speak HTTP"),
        (format!("http://{}", large.address), "too large"),
        (format!("socks5://{}", closing.address), "connection to the proxy broke"),
        (format!("http://user:sesame@{}", mute.address), "took too long"),
        (format!("socks5://{}", mute.address), "took too long"),
        (format!("http://{closed}"), "connection refused"),
        (format!("https://user:sesame@{}", closing.address), "TLS failed"),
        ("http://proxy.invalid:3128".to_owned(), "cannot be resolved"),
    ] {
        let broken = post(&through(&google.base(), &[&proxy])).await.unwrap_err();
        assert_eq!((broken.phase, broken.sent), (Phase::Connect, false), "{proxy}");
        assert!(broken.message.contains(words), "{proxy}: {broken}");
        assert_discreet(&broken);
    }
    assert_eq!(google.connections(), 0);
}

#[tokio::test(flavor = "current_thread")]
async fn a_target_that_the_proxy_cannot_reach_is_a_broken_connect() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let (http_proxy, _) = http(None).await;
    let (socks_proxy, _) = socks(None).await;
    for proxy in
        [format!("http://{}", http_proxy.address), format!("socks5://{}", socks_proxy.address)]
    {
        let broken = post(&through(&closed, &[&proxy])).await.unwrap_err();
        assert_eq!((broken.phase, broken.sent), (Phase::Connect, false));
        assert!(broken.message.contains("the proxy refuses to connect"), "{broken}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_seed_keeps_its_proxy_and_seeds_differ() {
    let google = Server::answering(OK).await;
    let (first, _) = http(None).await;
    let (second, _) = http(None).await;
    let proxies = [format!("http://{}", first.address), format!("http://{}", second.address)];
    let client = through(&google.base(), &[&proxies[0], &proxies[1]]);
    for _ in 0..20 {
        post_from(&client, 7).await.unwrap().body.collect(10).await.unwrap();
    }
    assert_eq!(first.connections() + second.connections(), 1);
    for seed in 0..20 {
        post_from(&client, seed).await.unwrap().body.collect(10).await.unwrap();
    }
    assert_eq!((first.connections(), second.connections()), (1, 1));
}

#[tokio::test(flavor = "current_thread")]
async fn without_stickiness_one_seed_uses_all_proxies() {
    let google = Server::answering(OK).await;
    let (first, _) = http(None).await;
    let (second, _) = http(None).await;
    let mut options = options(&google.base());
    options.sticky = false;
    options.proxies = [&first, &second]
        .map(|proxy| format!("http://{}", proxy.address).parse().unwrap())
        .to_vec();
    let client = Client::new(&options).unwrap();
    for _ in 0..30 {
        post_from(&client, 7).await.unwrap().body.collect(10).await.unwrap();
    }
    assert_eq!((first.connections(), second.connections()), (1, 1));
}

#[tokio::test(flavor = "current_thread")]
async fn a_dead_proxy_is_left_for_a_living_one() {
    let google = Server::answering(OK).await;
    let (living, _) = http(None).await;
    let dead = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let client = through(&google.base(), &[&dead, &format!("http://{}", living.address)]);
    let mut failures = 0;
    for seed in 0..20 {
        failures += u32::from(post_from(&client, seed).await.is_err());
    }
    assert_eq!(failures, 1, "only the first to try it fails");
}

#[tokio::test(flavor = "current_thread")]
async fn a_seed_tells_which_way_it_leads() {
    let base = "http://127.0.0.1:9";
    assert_eq!(Client::new(&options(base)).unwrap().egresses(7), [EgressId::DIRECT]);
    let client = through(base, &["http://127.0.0.1:1", "http://127.0.0.1:2"]);
    let ways: Vec<_> = (0..50).map(|seed| client.egresses(seed)[0]).collect();
    assert_eq!(ways, (0..50).map(|seed| client.egresses(seed)[0]).collect::<Vec<_>>());
    assert_eq!(ways.into_iter().collect::<BTreeSet<_>>().len(), 2);
}

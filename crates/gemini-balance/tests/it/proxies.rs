//! Ways out.

use fake_gemini::KeyPlan;
use testkit::{MODEL, Passage, Surface, eventually, key};

use crate::house::{google, setup};

#[tokio::test(flavor = "multi_thread")]
async fn calls_go_through_an_http_proxy() {
    let proxy = Passage::http().await;
    goes_through(&proxy, &format!("http://{}", proxy.address())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_go_through_a_socks_proxy() {
    let proxy = Passage::socks().await;
    goes_through(&proxy, &format!("socks5://{}", proxy.address())).await;
}

async fn goes_through(proxy: &Passage, address: &str) {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("PROXIES", address);
    let gateway = setup.start().await;
    for surface in Surface::ALL {
        for stream in [false, true] {
            let answer = gateway.client().ask(surface, MODEL, "hello", stream).send().await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    }
    let journal = proxy.journal();
    assert!(!journal.is_empty());
    assert!(journal.iter().all(|target| *target == google.address().to_string()), "{journal:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_proxy_nothing_goes_directly_and_no_password_is_shown() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let gone = "http://someone:canary-password@127.0.0.1:9";
    let setup = setup().google(&google).keys([key("one")]).with("PROXIES", gone);
    let gateway = setup.with("LOG_LEVEL", "trace").start().await;
    for surface in Surface::ALL {
        let answer = gateway.client().ask(surface, MODEL, "hello", false).send().await;
        assert_eq!(surface.error(&answer).status, 502, "{}", answer.text());
        assert!(!answer.everything().contains("canary"), "{}", answer.everything());
    }
    assert_eq!(google.received().len(), 0, "never directly");
    assert!(!gateway.stderr().text().contains("canary"));
    assert!(!gateway.json(&["config", "list"]).await.to_string().contains("canary"));
    assert_eq!(gateway.keys("dead").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_go_through_the_proxy_and_never_around_it() {
    let proxy = Passage::http().await;
    let google = google([("one", KeyPlan::Invalid)]).await;
    let address = format!("http://{}", proxy.address());
    let setup = setup().google(&google).keys([key("one")]).with("PROXIES", address);
    let gateway = setup.start().await;
    assert_eq!(gateway.json(&["keys", "check"]).await[0]["result"], "dead");
    assert_eq!(
        (proxy.journal().len(), google.received().len()),
        (1, 2),
        "one tunnel, two questions"
    );
    gateway.run(&["config", "set", "PROXIES", "http://127.0.0.1:9"]).await.ok();
    assert_eq!(gateway.json(&["keys", "check"]).await[0]["result"], "unclear");
    assert_eq!(google.received().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_key_keeps_its_proxy() {
    let (left, right) = (Passage::http().await, Passage::http().await);
    let names = ["k1", "k2", "k3", "k4", "k5", "k6"];
    let google = google(names.map(|name| (name, KeyPlan::Valid))).await;
    let proxies = format!("http://{},http://{}", left.address(), right.address());
    let setup = setup().google(&google).keys(names.map(key)).with("PROXIES", proxies);
    let gateway = setup.with("WORKERS", "1").start().await;
    for _ in 0..24 {
        assert_eq!(gateway.client().generate("hello").send().await.status, 200);
    }
    let both = [left.journal().len(), right.journal().len()];
    // One tunnel a key is enough, since each keeps to its proxy.
    assert!(both.iter().sum::<usize>() <= 6, "{both:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_gone_is_left_alone_and_no_key_is_blamed() {
    let works = Passage::http().await;
    let names = ["k1", "k2", "k3", "k4", "k5", "k6"];
    let google = google(names.map(|name| (name, KeyPlan::Valid))).await;
    let proxies = format!("http://user:canary-password@127.0.0.1:9,http://{}", works.address());
    let setup = setup().google(&google).keys(names.map(key)).with("PROXIES", proxies);
    let setup = setup.with("WORKERS", "1").with("AUTH_TOKEN", "an administrator's password");
    let gateway = setup.start().await;
    let mut ids = Vec::new();
    for number in 0..24 {
        let answer = gateway.client().generate("hello").send().await;
        assert_eq!(answer.status, 200, "request {number}: {}", answer.text());
        ids.push(answer.header("x-request-id").unwrap().to_owned());
    }
    assert_eq!(gateway.keys("ready").await, 6);
    let administrator = gateway.client_with("an administrator's password");
    let mut ways = Vec::new();
    for id in ids {
        let path = format!("/api/admin/requests/{id}");
        eventually("the request is in the log", || async {
            administrator.get(&path).send().await.status == 200
        })
        .await;
        let request = administrator.get(&path).send().await;
        assert!(!request.text().contains("canary"), "{}", request.text());
        for attempt in request.json()["attempts"].as_array().unwrap() {
            let outcome = attempt["outcome"].as_str().unwrap().to_owned();
            ways.push((attempt["egress"].as_str().unwrap().to_owned(), outcome));
        }
    }
    let broken = ways.iter().filter(|(way, _)| way.contains("127.0.0.1:9")).count();
    assert!((1..=3).contains(&broken), "tried once, then left alone: {ways:?}");
    assert_eq!(ways.iter().filter(|(_, outcome)| outcome == "served").count(), 24, "{ways:?}");
}

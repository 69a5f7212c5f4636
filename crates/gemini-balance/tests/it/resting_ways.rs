//! Proxies that rest, keys that are spread over them, and the addresses that they are seen with.

use fake_gemini::{FakeGemini, Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{Client, Gateway, Passage, eventually, key};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::house::{google, setup};

const PASSWORD: &str = "an administrator's password";
const PROXIES: &str = "/api/admin/proxies";

/// Two proxies that work, and a gateway with these keys behind them.
struct Town {
    google: FakeGemini,
    gateway: Gateway,
    administrator: Client,
    left: Passage,
    right: Passage,
}

impl Town {
    async fn with(keys: &[(&str, KeyPlan)], exit: &str) -> Self {
        let (left, right) = (Passage::http().await, Passage::http().await);
        let google = google(keys.iter().cloned()).await;
        let proxies = format!("http://{},http://ann:canary@{}", left.address(), right.address());
        let setup = setup().google(&google).keys(keys.iter().map(|(name, _)| key(name)));
        let setup = setup.with("AUTH_TOKEN", PASSWORD).with("PROXIES", proxies);
        let setup = if exit.is_empty() { setup } else { setup.with("EXIT_IP_URL", exit) };
        let gateway = setup.with("WORKERS", "1").start().await;
        let administrator = gateway.client_with(PASSWORD);
        Self { google, gateway, administrator, left, right }
    }

    async fn proxies(&self) -> [Value; 2] {
        let answer = self.administrator.get(PROXIES).send().await;
        assert!(!answer.everything().contains("canary"), "{}", answer.everything());
        serde_json::from_value(answer.json()).unwrap()
    }

    /// The status of a change of one of them.
    async fn set(&self, proxy: &Value, state: &str) -> u16 {
        let path = format!("{PROXIES}/{}", proxy["id"].as_str().unwrap());
        let ask = self.administrator.request("PATCH", &path);
        let ask = ask.header("content-type", "application/json");
        ask.body(json!({"state": state}).to_string()).send().await.status
    }

    async fn until(&self, place: usize, state: &str) {
        eventually(&format!("the proxy is {state}"), || async {
            self.proxies().await[place]["state"] == state
        })
        .await;
    }

    /// Waits until keys are at home at the other proxy only, which means that the change is in force.
    async fn until_keys(&self, place: usize, keys: usize) {
        eventually(&format!("{keys} keys are there"), || async {
            self.proxies().await[place]["keys"] == keys
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_drained_takes_nothing_new_and_lets_what_runs_end() {
    let slow = KeyPlan::Fault(Fault::Hang);
    let keys = [("k1", slow.clone()), ("k2", slow.clone()), ("k3", slow.clone()), ("k4", slow)];
    let mut town = Town::with(&keys, "").await;
    let running: Vec<_> = (0..8)
        .map(|_| {
            let client = town.gateway.client();
            tokio::spawn(async move { client.generate("hello").try_send().await })
        })
        .collect();
    eventually("both proxies are in use", || async {
        town.proxies().await.iter().all(|proxy| proxy["running"].as_u64() > Some(0))
    })
    .await;
    let [left, _] = town.proxies().await;
    assert_eq!(town.set(&left, "drain").await, 200);
    town.until(0, "draining").await;
    town.until_keys(0, 0).await;
    for task in &running {
        task.abort();
    }
    town.until(0, "drained").await;
    assert_eq!(town.proxies().await[0]["running"], 0);

    let [left, right] = town.proxies().await;
    assert_eq!(town.set(&right, "off").await, 409, "one must take something");
    assert_eq!(town.set(&right, "sideways").await, 400);
    assert_eq!(town.set(&json!({"id": "0000000000000000"}), "off").await, 404);
    let right_path = format!("{PROXIES}/{}", right["id"].as_str().unwrap());
    let removed = town.administrator.request("DELETE", &right_path).send().await;
    assert_eq!(removed.status, 409, "nor may only those that rest be left");

    town.gateway.stop().await;
    town.gateway.start_again().await;
    town.administrator = town.gateway.client_with(PASSWORD);
    assert_eq!(town.proxies().await[0]["state"], "drained", "kept over a restart");
    assert_eq!(town.set(&left, "on").await, 200);
    town.until(0, "up").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_through_a_proxy_that_is_off_nor_around_it() {
    let keys = ["k1", "k2", "k3", "k4", "k5", "k6"].map(|name| (name, KeyPlan::Valid));
    let town = Town::with(&keys, "").await;
    let [left, right] = town.proxies().await;
    assert_eq!(left["keys"].as_u64().unwrap() + right["keys"].as_u64().unwrap(), 6);
    assert_eq!(town.set(&left, "off").await, 200);
    town.until(0, "off").await;
    town.until_keys(1, 6).await;
    for _ in 0..12 {
        assert_eq!(town.gateway.client().generate("hello").send().await.status, 200);
    }
    assert_eq!(town.left.journal().len(), 0);
    assert!(!town.right.journal().is_empty());

    // Whoever writes the setting by hand may let all of them rest: then nothing goes out.
    let ids = [&left, &right].map(|proxy| proxy["id"].as_str().unwrap().to_owned());
    let all = json!({&ids[0]: "off", &ids[1]: "drain"}).to_string();
    let before = town.google.received().len();
    town.gateway.run(&["config", "set", "PROXY_STATES", &all]).await.ok();
    eventually("nothing is served", || async {
        town.gateway.client().generate("hello").send().await.status >= 500
    })
    .await;
    let served = town.google.received().len();
    assert!(town.gateway.client().generate("hello").send().await.status >= 500);
    assert_eq!(town.google.received().len(), served, "never directly (before: {before})");
    assert_eq!(town.left.journal().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_spread_evenly_after_a_look_at_how_many_move() {
    let names: Vec<String> = (0..40).map(|number| format!("k{number}")).collect();
    let keys: Vec<_> = names.iter().map(|name| (name.as_str(), KeyPlan::Valid)).collect();
    let town = Town::with(&keys, "").await;
    let [left, right] = town.proxies().await;
    let id = left["id"].as_str().unwrap();
    let heavy = json!({id: 900}).to_string();
    town.gateway.run(&["config", "set", "PROXY_WEIGHTS", &heavy]).await.ok();
    eventually("most keys are left", || async {
        town.proxies().await[0]["keys"].as_u64() > left["keys"].as_u64().max(Some(28))
    })
    .await;
    let path = format!("{PROXIES}/rebalance");
    let foreseen = town.administrator.get(&path).send().await.json();
    let share = |place: usize, of: &str| foreseen["proxies"][place][of].as_u64().unwrap();
    assert_eq!(share(0, "after") + share(1, "after"), 40);
    assert!(share(0, "after").abs_diff(20) <= 1, "{foreseen}");
    assert_eq!(foreseen["moves"]["moved"], share(0, "before") - share(0, "after"), "{foreseen}");
    let done = town.administrator.post(&path, "").send().await;
    assert_eq!((done.status, done.json()), (200, foreseen.clone()));
    town.until_keys(0, usize::try_from(share(0, "after")).unwrap()).await;
    let again = town.administrator.get(&path).send().await.json();
    assert_eq!(again["moves"]["moved"], 0, "{again}");
    assert!(right["weight"] == 100, "{right}");
}

/// Answers everybody with the address that they are said to come from.
async fn exit_service(
    says: &'static str,
) -> (String, std::sync::Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/ip", listener.local_addr().unwrap());
    let heard = std::sync::Arc::<std::sync::Mutex<Vec<String>>>::default();
    let ears = heard.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut question = vec![0; 4096];
            let length = stream.read(&mut question).await.unwrap_or(0);
            ears.lock().unwrap().push(String::from_utf8_lossy(&question[..length]).into_owned());
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{says}",
                says.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, heard)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_that_a_proxy_is_seen_with_is_asked_for_through_it() {
    let (service, heard) = exit_service(r#"{"ip":"203.0.113.9","country":"France"}"#).await;
    let town = Town::with(&[("one", KeyPlan::Valid)], &service).await;
    assert!(town.proxies().await.iter().all(|proxy| proxy["exit"] == Value::Null));
    assert!(heard.lock().unwrap().is_empty(), "nobody is asked before");
    let path = format!("{PROXIES}/test");
    let begun = town.administrator.post(&path, "{}").send().await.json();
    let job = format!("/api/admin/jobs/{}", begun["job"].as_str().unwrap());
    eventually("the job is finished", || async {
        town.administrator.get(&job).send().await.json()["finished"] == true
    })
    .await;
    for proxy in town.proxies().await {
        assert_eq!(proxy["exit"], json!({"address": "203.0.113.9", "country": "France"}));
        assert_eq!(proxy["test"]["exit_error"], Value::Null);
        assert_eq!(proxy["test_times"].as_array().unwrap().len(), 1, "{proxy}");
    }
    let heard = heard.lock().unwrap().clone();
    assert_eq!(heard.len(), 2);
    for head in heard {
        assert!(head.starts_with("GET /ip HTTP/1.1\r\n"), "{head}");
        assert!(!head.contains(&key("one")), "{head}");
    }
    let service = service.trim_start_matches("http://").split('/').next().unwrap();
    for passage in [&town.left, &town.right] {
        assert!(passage.journal().iter().any(|target| target == service), "through the proxy");
    }
}

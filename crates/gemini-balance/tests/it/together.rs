//! Several gateways count client tokens together through Redis, and go on without it.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fake_gemini::{FakeGemini, Fault, KeyPlan};
use tempfile::TempDir;
use testkit::{Client, Gateway, eventually, key};

use crate::house::{all_calls, fault, google, setup};
use crate::limits::token;

/// A Redis server of a test's own.
struct Redis {
    folder: TempDir,
    port: u16,
    process: Child,
}

impl Redis {
    /// `None`, said aloud, on a machine without Redis.
    async fn start() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let Some(process) = spawn(folder.path(), port) else {
            println!("skipped: there is no redis-server");
            return None;
        };
        let redis = Self { folder, port, process };
        redis.until_it_answers().await;
        Some(redis)
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    async fn until_it_answers(&self) {
        eventually("Redis answers", || async {
            tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok()
        })
        .await;
    }

    fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Everything in it is gone.
    fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    async fn start_again(&mut self) {
        self.process = spawn(self.folder.path(), self.port).unwrap();
        self.until_it_answers().await;
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(folder: &Path, port: u16) -> Option<Child> {
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
    command.arg("--dir").arg(folder).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().ok()
}

/// Two gateways that share a database and a Redis, and know of each other.
async fn pair(google: &FakeGemini, redis: &Redis) -> [Gateway; 2] {
    let common = || setup().google(google).keys([key("one")]).with("REDIS_URL", redis.url());
    let common = || common().with("METRICS_TOKEN", "e2e-metrics");
    let first = common().start().await;
    let database = format!("sqlite://{}", first.setup().database().display());
    let second = common().with("DATABASE_URL", database).start().await;
    for gateway in [&first, &second] {
        knows(gateway, 2).await;
    }
    [first, second]
}

/// The same client at both gateways.
async fn at_both(gateways: &[Gateway; 2], name: &str, arguments: &[&str]) -> [Client; 2] {
    let first = token(&gateways[0], name, arguments).await;
    let second = gateways[1].client_with(first.token());
    eventually("the other knows the token too", || async {
        second.get("/v1/responses/resp_none").send().await.status == 404
    })
    .await;
    [first, second]
}

/// How many requests of so many are served, asked in turn.
async fn served(clients: &[Client; 2], asked: usize) -> usize {
    let mut served = 0;
    for number in 0..asked {
        let answer = clients[number % 2].chat("hello").send().await;
        assert!(matches!(answer.status, 200 | 429), "{}", answer.text());
        served += usize::from(answer.status == 200);
    }
    served
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_keep_one_limit() {
    let Some(redis) = Redis::start().await else { return };
    let google = google([("one", KeyPlan::Valid)]).await;
    let gateways = pair(&google, &redis).await;
    for (limit, allowed) in [("--requests-per-minute", 5), ("--requests-per-day", 4)] {
        let name = limit.trim_start_matches('-');
        let clients = at_both(&gateways, name, &[limit, &allowed.to_string()]).await;
        assert_eq!(served(&clients, 12).await, allowed, "{limit}");
    }
    // All at once: what is in flight counts too.
    let clients = at_both(&gateways, "crowd", &["--requests-per-minute", "6"]).await;
    let asking = (0..30).map(|number| clients[number % 2].chat("hello").send());
    let asking: Vec<_> = asking.map(tokio::spawn).collect();
    let mut crowd = 0;
    for answer in asking {
        crowd += usize::from(answer.await.unwrap().status == 200);
    }
    assert_eq!(crowd, 6);

    google.script().update(|script| script.key(key("one"), fault(Fault::HangAfterFirstEvent)));
    let clients = at_both(&gateways, "single", &["--concurrency", "1"]).await;
    let mut live = clients[0].chat_stream("hello").open().await;
    live.next_event().await.unwrap();
    let refused = clients[1].chat("hello").send().await;
    assert_eq!(refused.status, 429);
    assert!(refused.text().contains("1 requests at the same time"), "{}", refused.text());
    drop(live);
    google.script().update(|script| script.key(key("one"), KeyPlan::Valid));
    eventually("the other one is served", || async {
        clients[1].chat("hello").send().await.status == 200
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_each_keeps_to_its_share_until_it_is_back() {
    let Some(mut redis) = Redis::start().await else { return };
    let google = google([("one", KeyPlan::Valid)]).await;
    let gateways = pair(&google, &redis).await;
    let clients = at_both(&gateways, "minute", &["--requests-per-minute", "8"]).await;
    let daily = at_both(&gateways, "day", &["--requests-per-day", "6"]).await;
    assert_eq!(served(&daily, 2).await, 2);

    // It stands still, as a frozen machine does: nobody waits for it more than once.
    redis.signal("STOP");
    let began = Instant::now();
    assert_eq!(served(&clients, 20).await, 8, "half of it in each");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    for gateway in &gateways {
        assert_eq!(gateway.stderr().text().matches("Redis is lost").count(), 1);
    }
    redis.signal("CONT");
    for gateway in &gateways {
        knows(gateway, 2).await;
    }

    // It is gone with all that it knew: days are known from elsewhere.
    let clients = at_both(&gateways, "other", &["--requests-per-minute", "4"]).await;
    redis.stop();
    assert_eq!(served(&clients, 12).await, 4, "half of it in each");
    redis.start_again().await;
    for gateway in &gateways {
        knows(gateway, 2).await;
    }
    assert_eq!(served(&daily, 12).await, 4, "six in a day");
    let clients = at_both(&gateways, "third", &["--requests-per-minute", "3"]).await;
    assert_eq!(served(&clients, 8).await, 3, "they count together again");
    assert_eq!(all_calls(&google), 2 + 8 + 4 + 4 + 3);
}

/// Waits until a gateway counts together with so many, itself included.
async fn knows(gateway: &Gateway, replicas: usize) {
    let metric = format!("gemini_balance_replicas {replicas}\n");
    eventually("it knows of the others", || async {
        let metrics = gateway.client().anonymous("GET", "/metrics");
        let metrics = metrics.header("authorization", "Bearer e2e-metrics").send().await;
        metrics.text().contains(&metric)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_starts_and_serves_while_redis_is_away() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("redis://:hidden-password@127.0.0.1:{free}/1");
    let setup = setup().google(&google).keys([key("one")]).with("REDIS_URL", url);
    let gateway = setup.start().await;
    let client = token(&gateway, "one", &["--requests-per-minute", "2"]).await;
    let began = Instant::now();
    for status in [200, 200, 429] {
        assert_eq!(client.chat("hello").send().await.status, status);
    }
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(!gateway.stderr().text().contains("hidden-password"));
}

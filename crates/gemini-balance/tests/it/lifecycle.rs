//! How it ends, and how it begins again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fake_gemini::{FakeGemini, Fault, KeyPlan, Script};
use testkit::{Gateway, Live, MODEL, Surface, eventually, key};

use crate::house::{calls, fault, google, house, parse, setup, spent_for};
use crate::sqlite;

const NAMES: [&str; 5] = ["ok1", "ok2", "bad", "gone", "spent"];

async fn mixed_google() -> FakeGemini {
    let script = Script::new()
        .keys(["ok1", "ok2"].map(key), &KeyPlan::Valid)
        .key(key("bad"), KeyPlan::Invalid)
        .key(key("gone"), KeyPlan::Suspended)
        .key(key("spent"), spent_for(600));
    FakeGemini::start(script).await.unwrap()
}

/// What has been answered, and when.
type Answered = Arc<Mutex<Vec<(String, Instant)>>>;

/// Clients that ask one request after the other until `stop`, or until the gateway is gone.
fn load(
    gateway: &Gateway,
    stop: &Arc<AtomicBool>,
) -> (Answered, Vec<tokio::task::JoinHandle<u64>>) {
    let answered = Answered::default();
    let clients = (0..4).map(|number: usize| {
        let (client, stop, answered) = (gateway.client(), Arc::clone(stop), Arc::clone(&answered));
        tokio::spawn(async move {
            let mut failed = 0;
            while !stop.load(Ordering::Relaxed) {
                let surface = Surface::ALL[number % 2];
                let ask = client.ask(surface, MODEL, "hello", number >= 2);
                let Ok(answer) = ask.try_send().await else { break };
                if answer.status != 200 || !answer.ended_well {
                    failed += 1;
                    continue;
                }
                let id = answer.header("x-request-id").unwrap().to_owned();
                answered.lock().unwrap().push((id, Instant::now()));
            }
            failed
        })
    });
    let clients = clients.collect();
    (answered, clients)
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_it_starts_again_and_knows_what_it_knew() {
    let google = mixed_google().await;
    let mut gateway = setup().google(&google).keys(NAMES.map(key)).start().await;
    let stop = Arc::new(AtomicBool::new(false));
    let (answered, clients) = load(&gateway, &stop);
    // Long enough for rows that must be there and rows that may be lost.
    let first = || answered.lock().unwrap().first().map(|(_, at)| *at);
    eventually("more than a second of traffic", || async {
        first().is_some_and(|first| first.elapsed() > Duration::from_millis(1500))
    })
    .await;
    let killed = Instant::now();
    gateway.kill().await;
    for client in clients {
        client.await.unwrap();
    }
    let asked = ["bad", "gone", "spent"].map(|name| calls(&google, name));

    gateway.start_again().await;
    assert_eq!((gateway.keys("dead").await, gateway.keys("cooling").await), (2, 1));
    for _ in 0..10 {
        assert_eq!(gateway.client().chat("hello").send().await.status, 200);
    }
    assert_eq!(["bad", "gone", "spent"].map(|name| calls(&google, name)), asked);

    let rows = gateway.records().await.requests().await;
    let old: Vec<_> = {
        let answered = answered.lock().unwrap();
        answered.iter().filter(|(_, at)| killed - *at > Duration::from_secs(1)).cloned().collect()
    };
    assert!(!old.is_empty());
    for (id, _) in &old {
        assert!(rows.iter().any(|row| row.request_id == *id), "the row of {id} is lost");
    }
    for file in ["gemini-balance.db", "gemini-balance-logs.db"] {
        let path = gateway.setup().directory().join("data").join(file);
        if let Some(found) = sqlite::query(&path, "PRAGMA integrity_check") {
            assert_eq!(found, "ok", "{file}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_change_survives_a_kill_at_once() {
    let google = mixed_google().await;
    let mut gateway = setup().google(&google).keys([key("ok1")]).start().await;
    let token = gateway.run(&["tokens", "create", "laptop"]).await.ok();
    gateway.run(&["keys", "add", &key("ok2"), "--name", "second"]).await.ok();
    gateway.run(&["keys", "disable", "second"]).await.ok();
    gateway.run(&["config", "set", "POOL_WAIT", "17"]).await.ok();
    gateway.kill().await;
    gateway.start_again().await;
    let answer = gateway.client_with(token.trim()).chat("hello").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(gateway.keys("disabled").await, 1);
    assert_eq!(gateway.json(&["config", "get", "POOL_WAIT"]).await["value"], "17s");
}

/// A stream that has begun.
async fn begun(gateway: &Gateway, surface: Surface) -> Live {
    let mut live = gateway.client().ask(surface, MODEL, "hello there", true).open().await;
    live.next_event().await.unwrap();
    live
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_stop_it_lets_streams_finish_and_writes_everything_down() {
    let paced = Fault::Paced { chunks: 12, delay: Duration::from_millis(50) };
    let (_google, mut gateway) = house([("one", fault(paced))]).await;
    for _ in 0..3 {
        gateway.client().ask(Surface::Gemini, "gemini-0-nonsense", "x", false).send().await;
    }
    let mut streams =
        [begun(&gateway, Surface::Gemini).await, begun(&gateway, Surface::OpenAi).await];
    gateway.terminate();
    for (surface, live) in Surface::ALL.into_iter().zip(&mut streams) {
        let rest = live.rest().await;
        let text: String = rest.iter().map(|event| surface.event_text(event)).collect();
        assert!(text.contains("piece 11"), "{surface:?} {rest:?}");
        assert!(live.ended_well());
        if surface == Surface::OpenAi {
            assert_eq!(rest.last().unwrap(), "[DONE]");
        }
    }
    assert_eq!(gateway.exit_code().await, Some(0));
    let rows = gateway.records().await.requests().await;
    let outcomes: Vec<_> = rows.iter().map(|row| (row.status, row.outcome.as_str())).collect();
    assert_eq!(outcomes.len(), 5, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == (200, "served")).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_stop_it_takes_no_new_connections_and_serves_those_it_has_accepted() {
    let slow = fault(Fault::SlowFirstByte(Duration::from_millis(700)));
    let (google, mut gateway) = house([("one", slow)]).await;
    let waiting = tokio::spawn(gateway.client().chat("hello").send());
    eventually("Google is asked", || async { google.open_streams() == 1 }).await;
    gateway.terminate();
    let client = gateway.client();
    eventually("nobody listens", || async { client.get("/healthz").try_send().await.is_err() })
        .await;
    assert_eq!(waiting.await.unwrap().status, 200);
    assert_eq!(gateway.exit_code().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once_and_streams_say_so() {
    let (_google, mut gateway) = house([("one", fault(Fault::HangAfterFirstEvent))]).await;
    let mut streams =
        [begun(&gateway, Surface::Gemini).await, begun(&gateway, Surface::OpenAi).await];
    gateway.terminate();
    let stderr = gateway.stderr().clone();
    eventually("it is stopping", || async { stderr.text().contains("stopping") }).await;
    gateway.terminate();
    for (surface, live) in Surface::ALL.into_iter().zip(&mut streams) {
        assert_ends_with_error(surface, &live.rest().await);
    }
    assert_eq!(gateway.exit_code().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_grace_period_streams_end_with_an_error_and_are_logged() {
    let google = google([("one", fault(Fault::HangAfterFirstEvent))]).await;
    let setup = setup().google(&google).keys([key("one")]).with("SHUTDOWN_GRACE", "1");
    let mut gateway = setup.start().await;
    let mut streams =
        [begun(&gateway, Surface::Gemini).await, begun(&gateway, Surface::OpenAi).await];
    let terminated = Instant::now();
    gateway.terminate();
    for (surface, live) in Surface::ALL.into_iter().zip(&mut streams) {
        assert_ends_with_error(surface, &live.rest().await);
    }
    assert_eq!(gateway.exit_code().await, Some(0));
    assert!(terminated.elapsed() >= Duration::from_secs(1), "the grace period was not given");
    assert_eq!(gateway.records().await.requests().await.len(), 2);
    eventually("Google is told", || async { google.open_streams() == 0 }).await;
}

fn assert_ends_with_error(surface: Surface, events: &[String]) {
    let last = events.last().unwrap_or_else(|| panic!("{surface:?}: it just ended"));
    let error = surface.event_error(&parse(last));
    let error = error.unwrap_or_else(|| panic!("{surface:?}: {last}"));
    assert!(error.message.contains("shutting down"), "{}", error.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_in_the_log_are_as_many_as_requests() {
    let google = mixed_google().await;
    let mut gateway = setup().google(&google).keys(NAMES.map(key)).start().await;
    let stop = Arc::new(AtomicBool::new(false));
    let (answered, clients) = load(&gateway, &stop);
    eventually("some traffic", || async { answered.lock().unwrap().len() > 300 }).await;
    stop.store(true, Ordering::Relaxed);
    let mut failed = 0;
    for client in clients {
        failed += client.await.unwrap();
    }
    assert_eq!(failed, 0, "dead and spent keys are no client's business");
    assert_eq!(gateway.stop().await, Some(0));
    let records = gateway.records().await;
    let rows = records.requests().await;
    let answered = answered.lock().unwrap().clone();
    assert_eq!(rows.len(), answered.len());
    assert!(rows.iter().all(|row| row.outcome == "served" && row.usage.prompt > 0));
    // Three keys were of no use; a few requests may have met them side by side.
    assert!((3..=12).contains(&records.errors().await.len()));
}

//! Limits of client tokens: whose they are is told in each dialect, and no key is charged.

use std::time::{Duration, Instant};

use fake_gemini::{Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{Answer, Ask, Client, Gateway, MODEL, OTHER_MODEL, eventually};

use crate::house::{all_calls, fault, google, house, setup};
use crate::program::Program;

/// Ways to ask for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Chat,
    Responses,
    Messages,
    Gemini,
}

const WAYS: [Way; 4] = [Way::Chat, Way::Responses, Way::Messages, Way::Gemini];

impl Way {
    fn ask(self, client: &Client, model: &str, stream: bool) -> Ask {
        let messages = json!([{"role": "user", "content": "hello"}]);
        match self {
            Self::Chat => {
                let body = json!({"model": model, "messages": messages, "stream": stream});
                client.post("/v1/chat/completions", body.to_string())
            }
            Self::Responses => {
                let body = json!({"model": model, "input": "hello", "stream": stream});
                client.post("/v1/responses", body.to_string())
            }
            Self::Messages => {
                let body = json!({
                    "model": model, "max_tokens": 50, "messages": messages, "stream": stream
                });
                client.post("/v1/messages", body.to_string())
            }
            Self::Gemini => client.ask(testkit::Surface::Gemini, model, "hello", stream),
        }
    }

    /// The kind and sentence of an error, where the dialect's clients look for them.
    #[track_caller]
    fn error(self, answer: &Answer) -> (String, String) {
        let json = answer.json();
        let kind = match self {
            Self::Chat | Self::Responses => &json["error"]["code"],
            Self::Messages => &json["error"]["type"],
            Self::Gemini => &json["error"]["status"],
        };
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{json}")).to_owned();
        (text(kind), text(&json["error"]["message"]))
    }

    fn limited(self) -> &'static str {
        match self {
            Self::Chat | Self::Responses => "client_limit",
            Self::Messages => "rate_limit_error",
            Self::Gemini => "RESOURCE_EXHAUSTED",
        }
    }

    fn unknown(self) -> &'static str {
        match self {
            Self::Chat | Self::Responses => "model_not_found",
            Self::Messages => "not_found_error",
            Self::Gemini => "NOT_FOUND",
        }
    }
}

/// Makes a client token that the gateway knows.
pub(crate) async fn token(gateway: &Gateway, name: &str, arguments: &[&str]) -> Client {
    let created = gateway.run(&[&["tokens", "create", name], arguments].concat()).await.ok();
    let client = gateway.client_with(created.trim());
    known(&client).await;
    client
}

/// Waits until a gateway knows a token, by what is not counted.
async fn known(client: &Client) {
    eventually("the token is known", || async {
        client.get("/v1/responses/resp_none").send().await.status == 404
    })
    .await;
}

async fn chat(client: &Client) -> u16 {
    client.chat("hello").send().await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_at_his_limit_is_told_so_in_his_dialect_and_costs_no_key() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let mut served = 0;
    for way in WAYS {
        for stream in [false, true] {
            let name = format!("{way:?}-{stream}");
            let client = token(&gateway, &name, &["--requests-per-minute", "2"]).await;
            for _ in 0..2 {
                let answer = way.ask(&client, MODEL, stream).send().await;
                assert_eq!(answer.status, 200, "{name}: {}", answer.text());
                served += 1;
            }
            let refused = way.ask(&client, MODEL, stream).send().await;
            assert_eq!(refused.status, 429, "{name}");
            let (kind, message) = way.error(&refused);
            assert_eq!(kind, way.limited());
            let told = "This client token's own limit of 2 requests a minute is reached";
            assert!(message.starts_with(told), "{message}");
            let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=61).contains(&seconds), "{seconds}");
            assert!(message.contains(&format!("try again in {seconds} s")), "{message}");
            assert_eq!(all_calls(&google), served);
            let id = refused.header("x-request-id").unwrap().to_owned();
            let records = gateway.records().await;
            eventually("it is logged", || async { records.request(&id).await.is_some() }).await;
            let row = records.request(&id).await.unwrap();
            assert_eq!((row.outcome.as_str(), row.status, row.attempts), ("client_limit", 429, 0));
        }
    }
    assert_eq!(chat(&gateway.client()).await, 200, "others are served");
}

#[tokio::test(flavor = "multi_thread")]
async fn models_that_a_token_may_not_use_do_not_exist_for_it() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = token(&gateway, "flash", &["--model", "gemini-*-flash"]).await;
    for way in WAYS {
        assert_eq!(way.ask(&client, MODEL, false).send().await.status, 200, "{way:?}");
        let before = all_calls(&google);
        for stream in [false, true] {
            let answer = way.ask(&client, OTHER_MODEL, stream).send().await;
            assert_eq!(answer.status, 404, "{way:?}: {}", answer.text());
            let (kind, message) = way.error(&answer);
            assert_eq!(kind, way.unknown());
            assert!(message.contains("none of those that this client token may use"), "{message}");
        }
        assert_eq!(all_calls(&google), before);
    }
    let list = client.get("/v1/models").send().await.json();
    let ids: Vec<&str> =
        list["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert!(ids.iter().any(|id| id.ends_with(MODEL)), "{ids:?}");
    assert!(!ids.iter().any(|id| id.ends_with(OTHER_MODEL)), "{ids:?}");
    let native = client.get("/v1beta/models?pageSize=1000").send().await.text();
    assert!(native.contains(MODEL) && !native.contains(OTHER_MODEL));
    assert_eq!(client.get(&format!("/v1/models/{OTHER_MODEL}")).send().await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_and_money_are_counted_by_what_google_says_was_used() {
    let google = google([("one", KeyPlan::Valid)]).await;
    // A request uses about a dozen tokens: a dollar each.
    let prices = r#"[{"model": "*", "input": 1000000, "output": 1000000}]"#;
    let setup = setup().google(&google).keys([testkit::key("one")]).with("MODEL_PRICES", prices);
    let gateway = setup.with("METRICS_TOKEN", "e2e-metrics").start().await;
    for (name, limit, value, told) in [
        ("day", "--tokens-per-day", "15", "15 tokens a day"),
        ("minute", "--tokens-per-minute", "15", "15 tokens a minute"),
        ("dollars", "--budget-per-day", "15", "$15.00 a day"),
        ("monthly", "--budget-per-month", "15.5", "$15.50 a month"),
    ] {
        for way in WAYS {
            let client = token(&gateway, &format!("{name}-{way:?}"), &[limit, value]).await;
            let mut served = 0;
            let refused = loop {
                let answer = way.ask(&client, MODEL, served % 2 == 1).send().await;
                if answer.status != 200 {
                    break answer;
                }
                served += 1;
                assert!(served < 8, "{name} limits nothing");
            };
            assert_eq!(refused.status, 429);
            let (_, message) = way.error(&refused);
            assert!(message.contains(told), "{name}: {message}");
        }
    }
    let metrics = gateway.client().anonymous("GET", "/metrics");
    let metrics = metrics.header("authorization", "Bearer e2e-metrics").send().await.text();
    for limit in ["day_tokens", "minute_tokens", "day_budget", "month_budget"] {
        let counted = format!("gemini_balance_client_limits_total{{limit=\"{limit}\"}} 4");
        assert!(metrics.contains(&counted), "{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn running_requests_count_until_they_end_however_they_end() {
    let (google, gateway) = house([("one", fault(Fault::HangAfterFirstEvent))]).await;
    let client = token(&gateway, "one", &["--concurrency", "1"]).await;
    for _ in 0..2 {
        let mut live = client.chat_stream("hello").open().await;
        live.next_event().await.unwrap();
        let refused = client.chat("hello").send().await;
        assert_eq!(refused.status, 429);
        assert!(Way::Chat.error(&refused).1.contains("limit of 1 requests at the same time"));
        drop(live);
        eventually("the first has ended", || async { google.open_streams() == 0 }).await;
        google.script().update(|script| script.key(testkit::key("one"), KeyPlan::Valid));
        eventually("the next is served", || async { chat(&client).await == 200 }).await;
        let hang = fault(Fault::HangAfterFirstEvent);
        google.script().update(|script| script.key(testkit::key("one"), hang));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_limits_is_in_force_within_two_seconds() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = token(&gateway, "one", &["--requests-per-day", "1"]).await;
    assert_eq!((chat(&client).await, chat(&client).await), (200, 429));
    let changed = Instant::now();
    gateway.run(&["tokens", "edit", "one", "--requests-per-day", "3"]).await.ok();
    eventually("two more are served", || async { chat(&client).await == 200 }).await;
    assert!(changed.elapsed() < Duration::from_secs(4), "{:?}", changed.elapsed());
    assert_eq!((chat(&client).await, chat(&client).await), (200, 429), "counts go on");
    gateway.run(&["tokens", "update", "one", "--requests-per-day", "none"]).await.ok();
    eventually("it has no limit", || async { chat(&client).await == 200 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_survive_an_end_and_a_crash() {
    let (google, mut gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = token(&gateway, "one", &["--requests-per-day", "3"]).await;
    assert_eq!((chat(&client).await, chat(&client).await), (200, 200));
    assert_eq!(gateway.stop().await, Some(0));
    assert!(has_used(&gateway, 2).await);
    gateway.start_again().await;
    let client = at(&gateway, &client);
    assert_eq!((chat(&client).await, chat(&client).await), (200, 429));
    eventually("it is written down", || has_used(&gateway, 3)).await;
    gateway.kill().await;
    gateway.start_again().await;
    assert_eq!(chat(&at(&gateway, &client)).await, 429);
    assert_eq!(all_calls(&google), 3);
}

/// Whether it is written down that a token was used for so many requests.
async fn has_used(gateway: &Gateway, requests: u64) -> bool {
    let list = gateway.json(&["tokens", "list"]).await;
    list.as_array().unwrap().iter().any(|token| token["used"]["requests_today"] == requests)
}

/// The same client, who asks where the gateway listens now.
fn at(gateway: &Gateway, client: &Client) -> Client {
    gateway.client_with(client.token())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_opens_nothing_and_a_rotated_one_both_ways_for_a_while() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let old = token(&gateway, "one", &["--requests-per-day", "4"]).await;
    assert_eq!(chat(&old).await, 200);
    let rotated = gateway.json(&["tokens", "rotate", "one", "--overlap", "1h"]).await;
    assert!(rotated["former_secret_ends_at"].is_string(), "{rotated}");
    let new = gateway.client_with(rotated["token"].as_str().unwrap());
    known(&new).await;
    assert_eq!((chat(&old).await, chat(&new).await, chat(&old).await), (200, 200, 200));
    assert_eq!((chat(&new).await, chat(&old).await), (429, 429), "both count as one");

    let last = gateway.run(&["tokens", "rotate", "one", "--overlap", "0"]).await.ok();
    known(&gateway.client_with(last.trim())).await;
    let refused = new.chat("hello").send().await;
    assert_eq!(refused.status, 401);
    let (code, message) = Way::Chat.error(&refused);
    assert_eq!(code, "token_expired");
    assert!(message.contains("was replaced by another, and ended at"), "{message}");
    assert_eq!(chat(&old).await, 429, "it has its hour still");

    let short = token(&gateway, "short", &["--expires", "never"]).await;
    assert_eq!(chat(&short).await, 200);
    gateway.run(&["tokens", "edit", "short", "--expires", "2026-01-01"]).await.ok();
    eventually("it has expired", || async { chat(&short).await == 401 }).await;
    let before = all_calls(&google);
    for way in WAYS {
        let refused = way.ask(&short, MODEL, false).send().await;
        assert_eq!(refused.status, 401, "{way:?}");
        let message = way.error(&refused).1;
        assert_eq!(message, "The client token expired at 2026-01-02T00:00:00Z.");
    }
    assert_eq!(all_calls(&google), before);
}

#[test]
fn limits_are_set_shown_changed_and_taken_away_by_commands() {
    let program = Program::new();
    let create = "tokens create guest --requests-per-minute 10 --tokens-per-day 1000 \
        --budget-per-month 12.50 --model gemini-* --model models/gemma-* --expires 2999-12-31";
    let created = program.json(&create.split_whitespace().collect::<Vec<_>>());
    assert!(created["token"].as_str().unwrap().starts_with("gk_"));
    let token = || program.json(&["tokens", "list"])[0].clone();
    let limits = token()["limits"].clone();
    assert_eq!(limits["requests_per_minute"], 10);
    assert_eq!((&limits["tokens_per_day"], &limits["concurrency"]), (&json!(1000), &Value::Null));
    assert_eq!(limits["budget_per_month"], 12.5);
    assert_eq!(limits["models"], json!(["gemini-*", "gemma-*"]));
    assert_eq!(token()["expires_at"], "3000-01-01T00:00:00Z");
    let table = program.ok(&["tokens", "list"]);
    let words = "10 requests/min, 1000 tokens/day, $12.50/month, gemini-*, gemma-*";
    assert!(table.contains(words), "{table}");

    let edit = "tokens update guest --requests-per-minute none --concurrency 2 --expires never \
        --no-models";
    let edited = program.json(&edit.split_whitespace().collect::<Vec<_>>());
    assert_eq!(edited["limits"]["requests_per_minute"], Value::Null);
    assert_eq!(edited["limits"]["concurrency"], 2);
    assert_eq!(edited["limits"]["tokens_per_day"], 1000, "what is not named stays");
    assert_eq!((&edited["expires_at"], &edited["limits"]["models"]), (&Value::Null, &json!([])));

    let rotated = program.json(&["tokens", "rotate", "guest", "--overlap", "7d"]);
    assert_ne!(rotated["token"], created["token"]);
    assert_eq!(token()["former_secrets_end_at"].as_array().unwrap().len(), 1);
    for (arguments, named) in [
        (&["--requests-per-minute", "0"][..], "--requests-per-minute"),
        (&["--budget-per-day", "1e9"], "--budget-per-day"),
        (&["--expires", "soon"], "--expires"),
        (&["--model", "two words"], "is no model"),
        (&["--no-models", "--model", "m"], "--no-models"),
        (&[], "nothing to change"),
    ] {
        let error = program.run(&[&["tokens", "edit", "guest"], arguments].concat()).fails(2);
        assert!(error.contains(named), "{error}");
    }
    program.run(&["tokens", "rotate", "guest", "--overlap", "soon"]).fails(2);
    program.run(&["tokens", "rotate", "nobody"]).fails(1);
}

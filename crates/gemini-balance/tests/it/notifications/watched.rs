//! What is told of what goes on for a while: prospects, failures, days, and hours in which it is quiet.

use fake_gemini::{FakeGemini, Fault, KeyPlan};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};
use serde_json::{Value, json};
use store::{Cost, RequestRecord};
use testkit::{Gateway, MODEL, Setup, eventually, key};

use super::receiver::Receiver;
use super::with_channels;
use crate::house::{fault, google, rows, setup};

/// A gateway that looks as often as it can, and tells at once.
async fn watched(
    keys: [(&str, KeyPlan); 2],
    more: impl FnOnce(Setup) -> Setup,
) -> (Receiver, FakeGemini, Gateway) {
    let receiver = Receiver::start().await;
    let names = keys.clone().map(|(name, _)| key(name));
    let google = google(keys).await;
    let setup = with_channels(setup().google(&google).keys(names), &receiver)
        .with("NOTIFY_LOOK_INTERVAL", "1s")
        .with("NOTIFY_GROUP_TIME", "0s")
        .with("NOTIFY_FORECAST_TIME", "0s")
        .with("NOTIFY_ERROR_REQUESTS", "6")
        .with("NOTIFY_ERROR_PERCENT", "50")
        .with("MAX_RETRIES", "0");
    (receiver, google, more(setup).start().await)
}

async fn told(receiver: &Receiver, event: &str, state: &str) -> Value {
    let what = format!("{event} is told");
    eventually(&what, || async { !receiver.told(event, state).is_empty() }).await;
    receiver.told(event, state).remove(0)
}

/// So many requests that fail, and are written down.
async fn fail(gateway: &Gateway, count: usize) {
    for _ in 0..count {
        let answer = gateway.client().generate("hello").send().await;
        assert_eq!(answer.status, 500, "{}", answer.text());
    }
    rows(gateway, count).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_will_not_last_is_told_with_its_prospects() {
    let limits = json!([{"model": MODEL, "requests_per_day": 20}]).to_string();
    let keys = [("one", KeyPlan::Valid), ("two", KeyPlan::Valid)];
    let (receiver, _google, gateway) =
        watched(keys, |setup| setup.with("QUOTA_LIMITS", limits)).await;
    for _ in 0..12 {
        assert_eq!(gateway.client().generate("hello").send().await.status, 200);
    }
    let forecast = told(&receiver, "forecast", "problem").await;
    assert_eq!(forecast["title"], format!("The quota of {MODEL} will not last"));
    let details = &forecast["details"];
    let number = |field: &str| details[field].as_i64().unwrap();
    assert_eq!(details["model"], MODEL);
    assert_eq!(number("used_today") + number("left_today"), 40, "of two projects: {forecast}");
    assert_eq!(number("rate_per_minute"), number("used_today"), "{forecast}");
    let [empty, renewed] = ["empty_at", "renewed_at"].map(number);
    assert!(Timestamp::now().as_millisecond() < empty && empty < renewed, "{forecast}");
    assert_eq!(receiver.told("forecast", "problem").len(), 1, "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_failures_are_told_once_and_in_numbers() {
    let keys = [("one", fault(Fault::Status500)), ("two", fault(Fault::Status500))];
    let (receiver, google, gateway) = watched(keys, |setup| setup).await;
    fail(&gateway, 5).await;
    google.script().update(|script| script.key(key("one"), KeyPlan::Valid));
    google.script().update(|script| script.key(key("two"), KeyPlan::Valid));
    assert_eq!(gateway.client().generate("hello").send().await.status, 200);
    let burst = told(&receiver, "error_burst", "problem").await;
    assert_eq!(burst["title"], "83 % of the requests fail");
    assert_eq!(burst["details"], json!({"requests": 6, "failed": 5, "percent": 83}));
    assert_eq!(burst["text"], "In the last five minutes 5 of 6 requests failed.");
    assert_eq!(receiver.told("error_burst", "problem").len(), 1, "once");
}

/// A zone in which it is noon now, so that no hour of this test is near another day.
fn noon_zone() -> (String, TimeZone) {
    let now = i64::from(Timestamp::now().to_zoned(TimeZone::UTC).hour());
    // The names count westwards.
    let west = now - 12;
    let name = if west < 0 { format!("Etc/GMT{west}") } else { format!("Etc/GMT+{west}") };
    let zone = TimeZone::get(&name).unwrap();
    (name, zone)
}

/// Writes down requests of yesterday.
async fn yesterday(gateway: &Gateway, zone: &TimeZone) -> Zoned {
    let noon = Timestamp::now().to_zoned(zone.clone()).yesterday().unwrap();
    let noon = noon.with().time(Time::constant(12, 0, 0, 0)).build().unwrap();
    let at = keypool::Timestamp::from_millis(noon.timestamp().as_millisecond());
    let records: Vec<_> = (0..4)
        .map(|number| RequestRecord {
            request_id: format!("0199aaaa-0000-7000-8000-00000000000{number}").into(),
            at,
            token_id: None,
            token_name: None,
            dialect: "gemini",
            operation: "generate",
            model: Some(MODEL.into()),
            key_id: None,
            key_mask: None,
            status: if number == 0 { 500 } else { 200 },
            outcome: if number == 0 { "server_fault" } else { "served" },
            attempts: if number == 1 { 2 } else { 1 },
            stream: false,
            duration_ms: 10,
            first_byte_ms: None,
            usage: keypool::Usage { prompt: 100, completion: 10, total: 110, ..<_>::default() },
            cost: Cost::default(),
            error: None,
            trail: None,
        })
        .collect();
    gateway.records().await.insert(&records).await;
    noon
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_of_yesterday_are_told_when_their_hour_has_come() {
    let (name, zone) = noon_zone();
    let keys = [("one", KeyPlan::Invalid), ("two", KeyPlan::Valid)];
    let (receiver, _google, gateway) =
        watched(keys, |setup| setup.with("TIMEZONE", name).with("NOTIFY_DIGEST_HOUR", "23")).await;
    let noon = yesterday(&gateway, &zone).await;
    while gateway.keys("dead").await == 0 {
        assert_eq!(gateway.client().generate("hello").send().await.status, 200);
    }
    // Whatever is told was looked at, and so was the hour.
    told(&receiver, "key_dead", "problem").await;
    assert!(receiver.told("digest", "notice").is_empty(), "it is not time yet");
    gateway.run(&["config", "set", "NOTIFY_DIGEST_HOUR", "11"]).await.ok();
    let digest = told(&receiver, "digest", "notice").await;
    let date = noon.date().to_string();
    assert_eq!(digest["title"], format!("{date} in numbers"));
    let mut details = digest["details"].clone();
    details.as_object_mut().unwrap().remove("dollars").unwrap();
    let expected = json!({
        "date": date, "requests": 4, "failed": 1, "rescued": 1, "tokens": 440,
        "models": [{"model": MODEL, "requests": 4}],
        "keys": {"usable": 1, "dead": 1, "disabled": 0},
    });
    assert_eq!(details, expected);
    assert_eq!(receiver.told("digest", "notice").len(), 1, "once a day");
}

/// Hours from so many minutes from now to so many, as the setting has them.
fn hours(from: i64, to: i64) -> String {
    let now = Timestamp::now().to_zoned(TimeZone::UTC);
    let at = |minutes: i64| (&now + minutes.minutes()).strftime("%H:%M").to_string();
    format!("{}-{}", at(from), at(to))
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_hours_keep_everything_but_an_empty_pool_until_they_are_over() {
    let keys = [("one", fault(Fault::Status500)), ("two", fault(Fault::Status500))];
    let (receiver, google, gateway) = watched(keys, |setup| {
        setup.with("TIMEZONE", "UTC").with("NOTIFY_QUIET_HOURS", hours(-60, 120))
    })
    .await;
    fail(&gateway, 6).await;
    google.script().update(|script| {
        script.key(key("one"), KeyPlan::Invalid).key(key("two"), KeyPlan::Invalid)
    });
    gateway.client().generate("hello").send().await;
    assert_eq!(gateway.keys("dead").await, 2);
    told(&receiver, "pool_empty", "problem").await;
    for kept in ["key_dead", "error_burst"] {
        assert!(receiver.told(kept, "problem").is_empty(), "{kept} is told in the night");
    }
    gateway.run(&["config", "set", "NOTIFY_QUIET_HOURS", &hours(120, 180)]).await.ok();
    let collected = told(&receiver, "collected", "notice").await;
    assert_eq!(collected["title"], "2 messages from the quiet hours");
    let messages = collected["details"]["messages"].as_array().unwrap();
    let mut events: Vec<_> = messages.iter().map(|one| one["event"].as_str().unwrap()).collect();
    events.sort_unstable();
    assert_eq!(events, ["error_burst", "key_dead"]);
    for told in ["key_dead", "error_burst"] {
        assert!(receiver.told(told, "problem").is_empty(), "{told} is told twice");
    }
}

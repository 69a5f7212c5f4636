//! The streams of background responses: left, come back to, and read along.

use fake_gemini::{Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{Client, Live, key};

use super::{
    PATH, assert_error, begun, cancel, get, question, slowly, status, until, until_idle, valid,
};
use crate::house::{fault, google, house, parse, setup};

fn streamed() -> Value {
    let mut body = question();
    body["stream"] = json!(true);
    body
}

/// A response that is read as it comes.
async fn read_along(client: &Client) -> Live {
    client.post(PATH, streamed().to_string()).open().await
}

async fn follow(client: &Client, id: &str, after: Option<usize>) -> Live {
    let after = after.map(|after| format!("&starting_after={after}")).unwrap_or_default();
    client.get(&format!("{PATH}/{id}?stream=true{after}")).open().await
}

async fn next(live: &mut Live) -> Value {
    parse(&live.next_event().await.unwrap())
}

async fn rest(live: &mut Live) -> Vec<Value> {
    let events = live.rest().await.iter().map(|data| parse(data)).collect();
    assert!(live.ended_well());
    events
}

fn id(event: &Value) -> &str {
    event["response"]["id"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_leave_and_come_back() {
    let (google, gateway) = house([("one", slowly())]).await;
    let client = gateway.client();
    let mut live = read_along(&client).await;
    assert_eq!(live.headers["content-type"], "text/event-stream; charset=utf-8");
    let mut events = Vec::new();
    for expected in ["response.created", "response.queued", "response.in_progress"] {
        events.push(next(&mut live).await);
        assert_eq!(events.last().unwrap()["type"], expected);
    }
    let id = id(&events[0]).to_owned();
    assert_eq!(status(&client, &id).await, "in_progress");
    events.push(next(&mut live).await);
    drop(live);

    let mut live = follow(&client, &id, Some(events.len() - 1)).await;
    assert_eq!(status(&client, &id).await, "in_progress");
    events.extend(rest(&mut live).await);
    assert_eq!(google.cancelled(), 0);
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number, "{event}");
    }
    let last = events.last().unwrap();
    assert_eq!(last["type"], "response.completed");
    valid("ResponseStreamEvent", &events);
    // What ends a stream is kept before it is told.
    assert_eq!(get(&client, &id).await.json(), last["response"]);

    assert_eq!(rest(&mut follow(&client, &id, None).await).await, events);
    for after in [0, 3, events.len() - 2, events.len() - 1, events.len() + 7] {
        let left = rest(&mut follow(&client, &id, Some(after)).await).await;
        assert_eq!(left, events.get(after + 1..).unwrap_or_default());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_read_along_what_nobody_asked_to_stream() {
    let (_google, gateway) = house([("one", slowly())]).await;
    let client = gateway.client();
    let id = begun(&client).await;
    let mut readers = [follow(&client, &id, None).await, follow(&client, &id, None).await];
    let first = next(&mut readers[0]).await;
    let one = [vec![first], rest(&mut readers[0]).await].concat();
    let other = rest(&mut readers[1]).await;
    assert_eq!(one, other);
    assert_eq!(one.last().unwrap()["type"], "response.completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_along_hears_of_the_end_whatever_it_is() {
    let (google, gateway) = house([("one", fault(Fault::HangAfterFirstEvent))]).await;
    let client = gateway.client();
    let mut live = read_along(&client).await;
    let id = id(&next(&mut live).await).to_owned();
    until(&client, &id, "in_progress").await;
    let cancelled = cancel(&client, &id).await.json();
    let told = rest(&mut live).await;
    let last = told.last().unwrap();
    assert_eq!((&last["type"], &last["response"]), (&json!("response.failed"), &cancelled));
    assert_eq!(last["sequence_number"], told.len());
    until_idle(&google).await;
    assert_eq!(rest(&mut follow(&client, &id, Some(0)).await).await, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_nothing_gives_signs_of_life_and_fails_in_the_end() {
    let google = google([("one", fault(Fault::Hang))]).await;
    let setup = setup().google(&google).keys([key("one")]).with("SHUTDOWN_GRACE", "0");
    let mut gateway = setup.with("STREAM_KEEP_ALIVE_INTERVAL", "1s").start().await;
    let client = gateway.client();
    let mut live = read_along(&client).await;
    let mut seen = String::new();
    while !seen.contains(": keep-alive\n\n") {
        seen.push_str(&String::from_utf8_lossy(&live.chunk().await.unwrap()));
    }
    assert!(seen.contains("response.queued") && !seen.contains("response.in_progress"), "{seen}");
    gateway.terminate();
    let told = rest(&mut live).await;
    let last = told.last().unwrap();
    assert_eq!((&last["type"], &last["sequence_number"]), (&json!("response.failed"), &json!(2)));
    assert_eq!(gateway.exit_code().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_in_what_is_wanted_are_named() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let id = begun(&client).await;
    until(&client, &id, "completed").await;
    for (query, param) in [
        ("stream=yes", "stream"),
        ("stream=true&starting_after=-1", "starting_after"),
        ("stream=true&starting_after=x", "starting_after"),
        ("include_obfuscation=maybe", "include_obfuscation"),
    ] {
        let answer = get(&client, &format!("{id}?{query}")).await;
        assert_error(&answer, 400, "invalid_value");
        assert_eq!(answer.json()["error"]["param"], param, "{query}");
    }
    let query = "include[]=reasoning.encrypted_content&include_obfuscation=false&stream=false";
    assert_eq!(get(&client, &format!("{id}?{query}")).await.status, 200);
    let query = "stream=true&include_obfuscation=true";
    assert_eq!(get(&client, &format!("{id}?{query}")).await.status, 200);
    assert_error(&get(&client, "resp_nonsense?stream=true").await, 404, "not_found");
}

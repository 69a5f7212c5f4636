//! Background responses: worked on while nobody waits, read along, cancelled.

mod followed;
mod replicas;

use std::time::Duration;

use fake_gemini::{FakeGemini, Fault, KeyPlan};
use openapi::{Document, Validator};
use serde_json::{Value, json};
use testkit::{Answer, Client, Gateway, MODEL, eventually, key};

use crate::house::{fault, google, house, parse, setup, spent_for};

const PATH: &str = "/v1/responses";

/// Long enough to be seen at work.
fn slowly() -> KeyPlan {
    fault(Fault::Paced { chunks: 20, delay: Duration::from_millis(50) })
}

fn question() -> Value {
    json!({"model": MODEL, "input": "hello", "background": true})
}

async fn ask(client: &Client, body: &Value) -> Answer {
    client.post(PATH, body.to_string()).send().await
}

/// Begins a response, which must be accepted; gives its id.
async fn begun(client: &Client) -> String {
    let answer = ask(client, &question()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let response = answer.json();
    assert_eq!((&response["status"], &response["background"]), (&json!("queued"), &json!(true)));
    response["id"].as_str().unwrap().to_owned()
}

async fn get(client: &Client, path: &str) -> Answer {
    client.get(&format!("{PATH}/{path}")).send().await
}

async fn cancel(client: &Client, id: &str) -> Answer {
    client.request("POST", &format!("{PATH}/{id}/cancel")).send().await
}

async fn status(client: &Client, id: &str) -> String {
    get(client, id).await.json()["status"].as_str().unwrap_or_default().to_owned()
}

async fn until(client: &Client, id: &str, wanted: &str) {
    eventually(&format!("the response is {wanted}"), || async {
        status(client, id).await == wanted
    })
    .await;
}

async fn until_idle(google: &FakeGemini) {
    eventually("Google's call is closed", || async { google.open_streams() == 0 }).await;
}

#[track_caller]
fn assert_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.json()["error"]["code"], code, "{}", answer.text());
}

/// Holds what is emitted against OpenAI's document, where that is at hand.
fn valid(component: &str, values: &[Value]) {
    let Some(document) = Document::openai() else { return };
    let validator: Validator = document.validator(component);
    for value in values {
        validator.check(component, value);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_is_queued_then_in_progress_then_completed() {
    let (google, gateway) = house([("one", slowly())]).await;
    let client = gateway.client();
    let id = begun(&client).await;
    let mut objects = vec![get(&client, &id).await.json()];
    while objects.last().is_none_or(|last| last["status"] != "completed") {
        objects.push(get(&client, &id).await.json());
    }
    let mut seen: Vec<_> = objects.iter().map(|object| &object["status"]).collect();
    seen.dedup();
    assert!(seen.ends_with(&[&json!("in_progress"), &json!("completed")]), "{seen:?}");
    assert!(seen.len() == 2 || seen[0] == "queued", "{seen:?}");
    objects.dedup();
    valid("Response", &objects);
    let response = objects.last().unwrap();
    assert!(objects.iter().all(|object| object["created_at"] == response["created_at"]));
    assert!(response["output"][0]["content"][0]["text"].as_str().unwrap().len() > 100);
    assert!(response["usage"]["output_tokens"].as_u64().unwrap() > 0);
    let items = get(&client, &format!("{id}/input_items")).await.json();
    assert_eq!(items["data"][0]["content"][0]["text"], "hello", "{items}");

    assert_eq!(google.cancelled(), 0);
    let records = gateway.records().await;
    eventually("the request is logged", || async {
        records.requests().await.iter().any(|row| row.model.is_some())
    })
    .await;
    let rows = records.requests().await;
    let row = rows.iter().find(|row| row.model.is_some()).unwrap();
    assert_eq!((row.operation.as_str(), row.outcome.as_str()), ("responses", "served"));
    assert_eq!(format!("resp_{}", row.request_id.replace('-', "")), id);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_to_nothing_says_why() {
    for (plan, code) in [
        (fault(Fault::Status503), "server_error"),
        (spent_for(40), "rate_limit_exceeded"),
        (KeyPlan::Leaked, "server_error"),
        (fault(Fault::CutMidEvent), "server_error"),
    ] {
        let google = google([("one", plan)]).await;
        let setup = setup().google(&google).keys([key("one")]).with("POOL_WAIT", "0");
        let gateway = setup.start().await;
        let client = gateway.client();
        let id = begun(&client).await;
        until(&client, &id, "failed").await;
        let response = get(&client, &id).await.json();
        assert_eq!(response["error"]["code"], code, "{response}");
        assert!(response["error"]["message"].as_str().is_some_and(|text| text.len() > 9));
        valid("Response", &[response]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_cancelled_in_any_state_and_more_than_once() {
    for (plan, before) in
        [(fault(Fault::Hang), "queued"), (fault(Fault::HangAfterFirstEvent), "in_progress")]
    {
        let (google, gateway) = house([("one", plan)]).await;
        let client = gateway.client();
        let id = begun(&client).await;
        eventually("Google is asked", || async { google.open_streams() == 1 }).await;
        until(&client, &id, before).await;
        let cancelled = cancel(&client, &id).await;
        assert_eq!(cancelled.status, 200, "{}", cancelled.text());
        assert_eq!(cancelled.json()["status"], "cancelled");
        until_idle(&google).await;
        assert_eq!(google.cancelled(), 1);
        for again in [cancel(&client, &id).await, get(&client, &id).await] {
            assert_eq!((again.status, again.json()), (200, cancelled.json()));
        }
        valid("Response", &[cancelled.json()]);
        assert_eq!(gateway.keys("ready").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_or_was_waited_for_is_not_cancelled() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let id = begun(&client).await;
    until(&client, &id, "completed").await;
    let completed = get(&client, &id).await.json();
    assert_eq!(cancel(&client, &id).await.json(), completed);

    let waited = ask(&client, &json!({"model": MODEL, "input": "hello"})).await.json();
    let answer = cancel(&client, waited["id"].as_str().unwrap()).await;
    assert_error(&answer, 400, "not_a_background_response");
    assert_error(&cancel(&client, "resp_nonsense").await, 404, "not_found");
    assert_eq!(get(&client, &format!("{id}/cancel")).await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_belongs_to_the_token_that_began_it() {
    let (google, gateway) = house([("one", fault(Fault::HangAfterFirstEvent))]).await;
    let client = gateway.client();
    let token = gateway.run(&["tokens", "create", "laptop"]).await.ok();
    let stranger = gateway.client_with(token.trim());
    let id = begun(&client).await;
    eventually("the new token is valid", || async {
        stranger.get("/v1/models").send().await.status == 200
    })
    .await;
    for path in [id.clone(), format!("{id}?stream=true"), format!("{id}/input_items")] {
        assert_error(&get(&stranger, &path).await, 404, "not_found");
    }
    assert_error(&cancel(&stranger, &id).await, 404, "not_found");
    let delete = |client: &Client| client.request("DELETE", &format!("{PATH}/{id}")).send();
    assert_error(&delete(&stranger).await, 404, "not_found");
    until(&client, &id, "in_progress").await;
    assert_eq!(google.open_streams(), 1);

    // Its owner deletes it while it is worked on.
    assert_eq!(delete(&client).await.json()["deleted"], true);
    until_idle(&google).await;
    assert_error(&get(&client, &id).await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_are_worked_on_at_a_time() {
    let google = google([("one", fault(Fault::Hang))]).await;
    let setup = setup().google(&google).keys([key("one")]).with("BACKGROUND_RESPONSES_MAX", "2");
    let gateway = setup.start().await;
    let client = gateway.client();
    let first = begun(&client).await;
    begun(&client).await;
    let refused = ask(&client, &question()).await;
    assert_error(&refused, 429, "rate_limit_exceeded");
    assert!(refused.text().contains("BACKGROUND_RESPONSES_MAX"), "{}", refused.text());
    assert!(refused.header("retry-after").is_some());
    cancel(&client, &first).await;
    begun(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_must_be_kept_and_complete_before_it_is_gone_on_from() {
    let (google, gateway) = house([("one", slowly())]).await;
    let client = gateway.client();
    let id = begun(&client).await;
    let next = json!({"model": MODEL, "input": "and then?", "previous_response_id": id});
    let early = ask(&client, &next).await;
    assert_error(&early, 400, "invalid_value");
    assert_eq!(early.json()["error"]["param"], "previous_response_id");
    until(&client, &id, "completed").await;
    google.script().update(|script| script.key(key("one"), KeyPlan::Valid));
    assert_eq!(ask(&client, &next).await.json()["status"], "completed");
    let sent = parse(&String::from_utf8_lossy(&google.received().last().unwrap().body));
    assert_eq!(sent["contents"].as_array().unwrap().len(), 3, "{sent}");

    let mut unkept = question();
    unkept["store"] = json!(false);
    let answer = ask(&client, &unkept).await;
    assert_error(&answer, 400, "invalid_value");
    assert_eq!(answer.json()["error"]["param"], "background");
    let forgetful = setup().google(&google).keys([key("one")]).with("RESPONSES_KEEP_DAYS", "0");
    let answer = ask(&forgetful.start().await.client(), &question()).await;
    assert_error(&answer, 400, "unsupported_value");
    assert_eq!(answer.json()["error"]["param"], "background");
    let mut filtered = question();
    filtered["model"] = json!("no such model");
    assert_eq!(ask(&client, &filtered).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_leaves_it_failed() {
    let (google, mut gateway) = house([("one", fault(Fault::HangAfterFirstEvent))]).await;
    let id = begun(&gateway.client()).await;
    until(&gateway.client(), &id, "in_progress").await;
    gateway.kill().await;
    until_idle(&google).await;
    gateway.start_again().await;
    let client = gateway.client();
    until(&client, &id, "failed").await;
    let response = get(&client, &id).await.json();
    let message = "The gateway stopped before the response was complete.";
    assert_eq!(response["error"], json!({"code": "server_error", "message": message}));
    valid("Response", &[response]);
    let told = get(&client, &format!("{id}?stream=true&starting_after=6")).await.events();
    let last = parse(&told[0]);
    assert_eq!((told.len(), &last["sequence_number"]), (1, &json!(7)));
    assert_eq!(
        (&last["type"], &last["response"]["status"]),
        (&json!("response.failed"), &json!("failed"))
    );
}

/// A gateway with a response that it works on, and so many seconds to finish that.
async fn stopping(plan: KeyPlan, grace: &str) -> (FakeGemini, Gateway, String) {
    let google = google([("one", plan)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("SHUTDOWN_GRACE", grace);
    let gateway = setup.start().await;
    let id = begun(&gateway.client()).await;
    until(&gateway.client(), &id, "in_progress").await;
    (google, gateway, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_it_and_says_so_where_it_waits_in_vain() {
    let (_google, mut gateway, id) = stopping(slowly(), "60").await;
    assert_eq!(gateway.stop().await, Some(0));
    gateway.start_again().await;
    assert_eq!(status(&gateway.client(), &id).await, "completed");

    let (google, mut gateway, id) = stopping(fault(Fault::HangAfterFirstEvent), "0").await;
    assert_eq!(gateway.stop().await, Some(0));
    until_idle(&google).await;
    gateway.start_again().await;
    let response = get(&gateway.client(), &id).await.json();
    assert_eq!(response["status"], "failed", "{response}");
    assert_eq!(response["error"]["message"], "The gateway was stopped.");
}

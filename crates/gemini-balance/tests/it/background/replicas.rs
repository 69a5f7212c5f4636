//! Background responses where several gateways share a database.

use fake_gemini::{FakeGemini, Fault, KeyPlan};
use testkit::{Gateway, key};

use super::{begun, cancel, get, slowly, status, until, until_idle};
use crate::house::{fault, google, parse, setup};

/// Two gateways on one database.
async fn pair(plan: KeyPlan) -> (FakeGemini, Gateway, Gateway) {
    let google = google([("one", plan)]).await;
    let common = || setup().google(&google).keys([key("one")]);
    let one = common().start().await;
    let database = format!("sqlite://{}", one.setup().database().display());
    let two = common().with("DATABASE_URL", database).start().await;
    (google, one, two)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sees_what_the_other_works_on_and_reads_it_once_it_is_there() {
    let (_google, one, two) = pair(slowly()).await;
    let id = begun(&one.client()).await;
    until(&two.client(), &id, "in_progress").await;
    let path = format!("{id}?stream=true");
    let told = get(&two.client(), &path).await;
    assert!(told.ended_well);
    let last = parse(told.events().last().unwrap());
    assert_eq!(last["type"], "response.completed");
    assert_eq!(get(&two.client(), &id).await.json(), last["response"]);
    assert_eq!(get(&one.client(), &path).await.events(), told.events());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_at_one_is_dropped_by_the_other() {
    let (google, one, two) = pair(fault(Fault::HangAfterFirstEvent)).await;
    let id = begun(&one.client()).await;
    until(&one.client(), &id, "in_progress").await;
    assert_eq!(cancel(&two.client(), &id).await.json()["status"], "cancelled");
    assert_eq!(status(&one.client(), &id).await, "cancelled");
    until_idle(&google).await;
    assert_eq!(google.cancelled(), 1);
    assert_eq!(status(&one.client(), &id).await, "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_was_killed_over_the_other_finds_failed() {
    let (_google, mut one, two) = pair(fault(Fault::Hang)).await;
    let id = begun(&one.client()).await;
    one.kill().await;
    assert_eq!(status(&two.client(), &id).await, "queued");
    let mut told = two.client().get(&format!("/v1/responses/{id}?stream=true")).open().await;
    let last = parse(told.rest().await.last().unwrap());
    assert_eq!(last["type"], "response.failed");
    assert_eq!(status(&two.client(), &id).await, "failed");
}

//! Where requests come from: the socket's peer, or whom a trusted proxy asks for.

use fake_gemini::{FakeGemini, KeyPlan};
use serde_json::{Value, json};
use testkit::{Gateway, eventually, key};

use crate::house::{google, setup};

const PASSWORD: &str = "correct horse battery staple";

async fn gateway(trusted: &str) -> (FakeGemini, Gateway) {
    let google = google([("a", KeyPlan::Valid)]).await;
    let gateway = setup().with("AUTH_TOKEN", PASSWORD).with("TRUSTED_PROXIES", trusted);
    let gateway = gateway.google(&google).keys([key("a")]).start().await;
    (google, gateway)
}

/// The status of an attempt to sign in with a wrong bearer, on behalf of somebody.
async fn guess(gateway: &Gateway, number: u32, behind: &str) -> u16 {
    let guess = gateway.client_with(&format!("guess {number}")).get("/api/admin/pool");
    guess.header("x-forwarded-for", behind).send().await.status
}

async fn token(gateway: &Gateway, name: &str) -> Value {
    let tokens = gateway.client_with(PASSWORD).get("/api/admin/tokens").send().await.json();
    let tokens = tokens.as_array().unwrap().iter();
    tokens.clone().find(|token| token["name"] == name).cloned().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_makes_up_addresses_is_counted_by_the_socket() {
    let (_google, gateway) = gateway("").await;
    for number in 0..10 {
        assert_eq!(guess(&gateway, number, &format!("203.0.113.{number}")).await, 401);
    }
    assert_eq!(guess(&gateway, 10, "203.0.113.200").await, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_trusted_proxy_each_client_is_counted_for_itself() {
    let (_google, gateway) = gateway("127.0.0.0/8, ::1").await;
    for number in 0..10 {
        // What the client itself has written stands in front of what the proxy adds.
        let behind = format!("198.51.100.{number}, 203.0.113.9");
        assert_eq!(guess(&gateway, number, &behind).await, 401);
    }
    assert_eq!(guess(&gateway, 10, "203.0.113.9").await, 429);
    assert_eq!(guess(&gateway, 10, "203.0.113.10").await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_shows_where_it_was_used_last_and_what_it_has_used() {
    let (_google, gateway) = gateway("127.0.0.1").await;
    let administrator = gateway.client_with(PASSWORD);
    let wanted = json!({
        "name": "phone", "note": "Ann's, since May", "limits": {"requests_per_day": 2, "budget_per_day": "1"}
    });
    let made = administrator.post("/api/admin/tokens", wanted.to_string()).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    let client = gateway.client_with(made.json()["token"].as_str().unwrap());
    let ask = async || client.chat("hi").header("x-forwarded-for", "203.0.113.7").send().await;
    eventually("the token lets in", async || ask().await.status == 200).await;
    eventually("it is written down", async || {
        token(&gateway, "phone").await["last_used_from"] == "203.0.113.7"
    })
    .await;
    let shown = token(&gateway, "phone").await;
    assert_eq!(shown["note"], "Ann's, since May");
    assert_eq!(shown["limits"], json!({"requests_per_day": 2, "budget_per_day": "1.00"}));
    assert_eq!(shown["used"]["day_requests"], 1);
    assert_eq!(ask().await.status, 200);
    assert_eq!(ask().await.status, 429);

    let wanted = json!({"name": "odd", "limits": {"budget_per_day": "much"}}).to_string();
    let refused = administrator.post("/api/admin/tokens", wanted).send().await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("budget_per_day"), "{}", refused.text());
}

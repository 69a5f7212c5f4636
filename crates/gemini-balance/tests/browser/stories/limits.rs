use serde_json::json;
use testkit::eventually;

use crate::browser::Browser;
use crate::house::{PASSWORD, small};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_asks_too_often_is_told_and_no_key_is_charged() {
    let (_google, gateway) = small().await;
    let administrator = gateway.client_with(PASSWORD);
    let wanted = json!({"name": "phone"}).to_string();
    let made = administrator.post("/api/admin/tokens", wanted).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    let address = format!("/api/admin/tokens/{}", made["id"].as_str().unwrap());
    let limited = json!({"limits": {"requests_per_minute": 2}}).to_string();
    let limited = administrator.request("PATCH", &address).body(limited);
    let limited = limited.header("content-type", "application/json").send().await;
    assert_eq!(limited.status, 204, "{}", limited.text());
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    let client = gateway.client_with(made["token"].as_str().unwrap());
    eventually("the token lets in", || async { client.chat("hi").send().await.status != 401 })
        .await;
    let charged = || async {
        let keys = administrator.get("/api/admin/keys").send().await.json();
        let keys = keys["keys"].as_array().unwrap().clone();
        keys.iter().map(|key| key["counters"]["served"].as_u64().unwrap()).sum::<u64>()
    };
    let ask = || client.chat("hi").send();
    assert_eq!(ask().await.status, 200);
    let before = charged().await;
    let refused = ask().await;
    assert_eq!(refused.status, 429);
    assert!(refused.text().contains("rate_limit"), "{}", refused.text());
    assert_eq!(charged().await, before, "a key was charged");

    browser.go(&format!("/admin/tokens/{}", made["id"].as_str().unwrap())).await;
    browser.until_count("[data-testid=used] [data-share='100']", 1).await;
    browser.examine("a token whose limit is reached").await;
    browser.go("/admin/tokens").await;
    browser.until_count("[data-testid=limit] [data-share='100']", 1).await;
    browser.until_text("[data-testid=from]", "127.0.0.1").await;
    browser.examine("the list with a token whose limit is reached").await;
    eventually("the refusal is in the log", || async {
        browser.go("/admin/logs?outcome=client_limit").await;
        browser.count("[data-testid=request]").await == 1
    })
    .await;
    browser.until_text("[data-testid=request]", "Client limit").await;
    browser.until_text("[data-testid=request] [data-label=Attempts]", "0").await;
    browser.close().await;
}

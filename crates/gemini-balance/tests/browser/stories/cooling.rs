use fake_gemini::{FakeGemini, Fault, KeyPlan, Script};
use serde_json::json;
use testkit::{Gateway, eventually, key};

use crate::browser::Browser;
use crate::house::{PASSWORD, setup};

/// What Google says when a minute's requests are used up, for so long.
fn spent_for(delay: &str) -> KeyPlan {
    let quota = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier";
    let error = json!({"error": {
        "code": 429, "status": "RESOURCE_EXHAUSTED",
        "message": format!("You exceeded your current quota. Please retry in {delay}."),
        "details": [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{
                "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                "quotaId": quota, "quotaDimensions": {"model": testkit::MODEL}, "quotaValue": "10"
            }]},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
        ]
    }});
    KeyPlan::Fault(Fault::Replay(error.to_string()))
}

/// Two keys, of which one is out of quota for so long when it is met.
async fn two(delay: &str) -> (FakeGemini, Gateway) {
    let script = Script::new()
        .key(key("first"), KeyPlan::Valid)
        .key(key("second"), KeyPlan::Valid)
        .sequence(key("first"), vec![spent_for(delay)]);
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys([key("first"), key("second")]).start().await;
    (google, gateway)
}

/// Asks until one of the keys has met its quota; its id.
async fn until_one_is_cooling(gateway: &Gateway) -> String {
    let administrator = gateway.client_with(PASSWORD);
    let mut id = None;
    for _ in 0..6 {
        assert_eq!(gateway.client().chat("hi").send().await.status, 200);
        let cooling = administrator.get("/api/admin/keys?status=cooling").send().await.json();
        id = cooling["keys"][0]["id"].as_str().map(str::to_owned);
        if id.is_some() {
            break;
        }
    }
    id.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cooldown_is_seen_ticking_and_ends_without_a_reload() {
    let (_google, gateway) = two("9s").await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/keys").await;
    browser.until_count("[data-testid=key][data-state=ready]", 2).await;
    browser.run("window.same = true").await;
    until_one_is_cooling(&gateway).await;
    browser.until_count("[data-testid=key][data-state=cooling]", 1).await;
    browser.until_text("[data-state=cooling] .gb-state", "Cooling").await;
    let left = "return document.querySelector('[data-state=cooling] [data-until]')?.textContent";
    let first = browser.run(left).await;
    let first = first.as_str().unwrap();
    assert!(first.starts_with("0:0"), "{first}");
    eventually("it counts down", || async {
        browser.run(left).await.as_str().is_none_or(|now| now < first)
    })
    .await;
    browser.until_count("[data-testid=key][data-state=ready]", 2).await;
    let attempts = "return [...document.querySelectorAll('[data-live=requests]')]\
                    .reduce((sum, cell) => sum + Number(cell.textContent), 0)";
    assert!(browser.run(attempts).await.as_u64().unwrap() >= 2, "the counters were told, too");
    assert_eq!(browser.run("return window.same").await, true, "the page was loaded anew");
    browser.examine("keys that were told of").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_stay_where_they_are_until_somebody_wants_them_in_order() {
    let (_google, gateway) = two("60s").await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/keys?status=ready").await;
    browser.until_count("[data-testid=key]", 2).await;
    browser.run("document.querySelector('[data-testid=key] [data-open]').focus()").await;
    until_one_is_cooling(&gateway).await;
    browser.until_text("[data-testid=changed]", "1 rows").await;
    browser.until_count("[data-testid=key]", 2).await;
    let focused = browser.run("return document.activeElement.matches('[data-open]')").await;
    assert_eq!(focused, true, "the focus was lost");
    browser.examine("rows out of place").await;
    browser.click("[data-testid=changed]").await;
    browser.until_count("[data-testid=key]", 1).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_says_in_words_why_a_key_was_passed_over_and_the_key_says_it_too() {
    let (_google, gateway) = two("60s").await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    let cooling = until_one_is_cooling(&gateway).await;
    // Reasons are written down within a budget, so not of every request among many.
    eventually("the reasons of a request are in the log", || async {
        let answer = gateway.client().chat("hi").send().await;
        let request = answer.header("x-request-id").unwrap().to_owned();
        eventually("the request is in the log", || async {
            browser.go("/admin/logs").await;
            browser.count(&format!("[data-row='{request}']")).await == 1
        })
        .await;
        browser.click(&format!("[data-row='{request}'] [data-open]")).await;
        browser.until_count("[data-testid=attempt]", 1).await;
        browser.count("[data-testid=skipped]").await == 1
    })
    .await;
    // By then the pool may have learned the limit from what Google said.
    eventually("the reason is the quota", || async {
        let reason = browser.text("[data-testid=skipped]").await;
        reason.contains("out of quota") || reason.contains("per-minute or daily limit reached")
    })
    .await;
    browser.examine("a trace").await;
    browser.click(&format!("[data-testid=skipped] a[href='/admin/keys/{cooling}#why']")).await;
    browser.until_count(".gb-broken", 1).await;
    browser.until_text(".gb-broken", "GenerateRequestsPerMinutePerProjectPerModel").await;
    let left = browser.text(".gb-broken [data-until]").await;
    assert!(left == "1:00" || left.starts_with("0:"), "{left}");
    browser.until_text("[data-testid=verdict]", "would be given this key").await;
    browser.examine("why a key is skipped").await;
    browser.go(&format!("/admin/keys/{cooling}?model=another-model")).await;
    browser.until_count("[data-testid=step]", 10).await;
    assert_eq!(browser.count(".gb-broken").await, 0, "it is out of quota for one model only");
    browser.close().await;
}

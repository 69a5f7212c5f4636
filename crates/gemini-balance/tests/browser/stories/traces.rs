use testkit::eventually;

use crate::browser::Browser;
use crate::house::small;

#[tokio::test(flavor = "multi_thread")]
async fn a_request_tells_which_key_served_and_the_key_why_it_was_skipped() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    for _ in 0..3 {
        assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    }
    eventually("the requests are in the log", || async {
        browser.go("/admin/logs").await;
        browser.count("[data-testid=request]").await == 3
    })
    .await;
    browser.examine("logs").await;
    browser.click("tr:last-child [href^='/admin/logs/']").await;
    browser.until_count("[data-testid=attempt]", 1).await;
    browser.find("[data-testid=decision]").await;
    browser.examine("a trace").await;
    browser.click("details summary").await;
    browser.until_text("[data-testid=trail]", "decisions").await;

    browser.go("/admin/keys?status=invalid").await;
    browser.until_count("[data-testid=key]", 1).await;
    browser.click("[href$='#why']").await;
    browser.until_count(".gb-broken", 1).await;
    browser.until_text(".gb-broken", "leaked").await;
    browser.examine("a key").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_grouped_with_what_helps_and_leads_to_a_request() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/errors").await;
    assert_eq!(browser.count("[data-testid=group]").await, 0);
    // One of the keys is leaked: it is met within as many requests as there are keys.
    for _ in 0..4 {
        assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    }
    eventually("the failed attempt is in the log", || async {
        browser.go("/admin/errors?range=1h").await;
        browser.count("[data-testid=group]").await == 1
    })
    .await;
    browser.until_text("[data-testid=group]", "The key is dead").await;
    browser.until_text("[data-testid=group]", "AI Studio").await;
    browser.examine("errors").await;
    browser.click("[data-testid=group] a[href^='/admin/logs/']").await;
    browser.until_count("[data-testid=attempt]", 2).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_can_be_followed_as_they_come() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/logs").await;
    browser.click("[href='/admin/logs?live=1']").await;
    browser.until_count("[data-testid=request]", 0).await;
    assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    browser.until_count("[data-testid=request]", 1).await;
    browser.examine("requests as they come").await;
    browser.close().await;
}

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
    browser.find("[data-testid=trail]").await;
    browser.examine("a trace").await;

    browser.go("/admin/keys?status=invalid").await;
    browser.until_count("[data-testid=key]", 1).await;
    browser.click("[href$='#why']").await;
    browser.until_count(".gb-broken", 1).await;
    browser.until_text(".gb-broken", "leaked").await;
    browser.examine("a key").await;
    browser.close().await;
}

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
    browser.find("[data-testid=header]").await;
    browser.until_text("#curl", "/v1/chat/completions").await;
    browser.until_text("#curl", "YOUR_CLIENT_TOKEN").await;
    browser.find("[data-testid=copy-curl]").await;
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
async fn requests_are_found_by_what_they_were_and_walked_through_by_keys() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    for _ in 0..3 {
        assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    }
    assert_eq!(gateway.client().generate("hi").send().await.status, 200);
    let count = |query: &'static str, wanted: usize| {
        let browser = &browser;
        async move {
            eventually(&format!("{query} finds {wanted}"), || async {
                browser.go(&format!("/admin/logs?{query}")).await;
                browser.count("[data-testid=request]").await == wanted
            })
            .await;
        }
    };
    count("", 4).await;
    count("dialect=gemini", 1).await;
    count("code=2xx&dialect=openai&outcome=served", 3).await;
    count("code=429", 0).await;
    count("min_ms=600000", 0).await;
    count("range=1h&back=1", 0).await;
    browser.examine("an earlier hour").await;
    browser.find("body").await.send_keys("]").await.unwrap();
    browser.until_count("[data-testid=request]", 4).await;
    let url = browser.driver.current_url().await.unwrap();
    assert_eq!(url.query(), Some("range=1h"), "{url}");
    browser.find("body").await.send_keys("jj").await.unwrap();
    let row = browser.find("[data-current]").await.attr("data-row").await.unwrap().unwrap();
    let at = browser.driver.active_element().await.unwrap();
    at.send_keys("\u{e007}").await.unwrap();
    browser.until_path(&format!("/admin/logs/{row}")).await;
    browser.close().await;
}

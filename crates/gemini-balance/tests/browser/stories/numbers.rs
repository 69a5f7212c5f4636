use testkit::eventually;

use crate::browser::Browser;
use crate::house::small;

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_tells_what_came_and_how_far_back_one_wants_to_look() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin?range=1h").await;
    browser.until_text("[data-testid=requests]", "0").await;
    assert_eq!(browser.count(".gb-chart").await, 0, "nothing is drawn of nothing");
    for _ in 0..3 {
        assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    }
    eventually("the requests are counted", || async {
        browser.go("/admin?range=1h").await;
        browser.text("[data-testid=requests]").await == "3"
    })
    .await;
    browser.until_text("[data-testid=success]", "100%").await;
    assert_eq!(browser.count(".gb-chart g").await, 60);
    browser.click("[href='/admin?range=7d']").await;
    browser.until_count(".gb-chart g", 56).await;
    browser.click(".gb-figure summary").await;
    browser.until_count(".gb-figure tbody tr", 1).await;
    browser.examine("numbers of a week").await;
    browser.click("nav [href='/admin/models']").await;
    browser.until_count("[data-testid=model]", 1).await;
    browser.until_text("[data-testid=model]", testkit::MODEL).await;
    browser.examine("models").await;
    browser.click("[data-testid=model] a").await;
    browser.until_text("h1", testkit::MODEL).await;
    browser.click(".gb-head a.btn").await;
    browser.until_count("[data-testid=request]", 3).await;
    browser.close().await;
}

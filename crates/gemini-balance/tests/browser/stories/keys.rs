use testkit::key;

use crate::browser::Browser;
use crate::house::small;

/// A text with so many keys.
fn pasted(count: usize) -> String {
    let line = |number| format!("{},name {number}", key(&format!("paste{number}")));
    (0..count).map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_pasted_found_sorted_and_paged() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/keys").await;
    browser.click("[data-dialog=add-keys]").await;
    let text = pasted(120);
    browser
        .driver
        .execute("document.querySelector('#paste').value = arguments[0]", vec![text.into()])
        .await
        .unwrap();
    browser.click("#add-keys form button:not([type])").await;
    browser.until_text("[data-testid=job-state]", "finished").await;
    browser.until_text("[data-testid=job-ok]", "120 ok").await;
    let source = browser.driver.source().await.unwrap();
    assert!(!source.contains(&key("paste7")), "a key in clear");

    // A running gateway takes the change up by itself.
    testkit::eventually("the pool has them", || async {
        browser.go("/admin/keys").await;
        browser.text("[data-testid=keys-about]").await.contains("122 keys")
    })
    .await;
    browser.until_count("[data-testid=key]", 50).await;

    browser.find("[data-slash]").await.send_keys("name 100").await.unwrap();
    browser.until_count("[data-testid=key]", 1).await;
    let url = browser.driver.current_url().await.unwrap();
    assert_eq!(url.query(), Some("q=name+100&per=50"), "{url}");
    let focused = browser.run("return document.activeElement.name").await;
    assert_eq!(focused, "q", "the focus has left the field");
    browser.driver.refresh().await.unwrap();
    browser.until_count("[data-testid=key]", 1).await;
    browser.driver.back().await.unwrap();
    browser.until_count("[data-testid=key]", 50).await;
    assert_eq!(browser.run("return document.querySelector('[data-slash]').value").await, "");

    browser.go("/admin/keys").await;
    for direction in ["ascending", "descending"] {
        browser.click("th a[href*='requests']").await;
        browser.until_count(&format!("th[aria-sort={direction}]"), 1).await;
    }
    browser.go("/admin/keys?per=100&sort=key").await;
    browser.until_count("[data-testid=key]", 100).await;
    assert_eq!(browser.count("th[aria-sort=ascending]").await, 1);
    browser.click("th[aria-sort=ascending] a").await;
    browser.find("th[aria-sort=descending]").await;
    // The job that has just ended is told of where the pages are turned.
    browser.click("[data-testid=docked] button").await;
    browser.click("a[rel=next]").await;
    browser.until_count("[data-testid=key]", 22).await;
    let url = browser.driver.current_url().await.unwrap();
    assert_eq!(url.query(), Some("sort=-key&per=100&page=2"), "{url}");
    browser.go("/admin/keys?per=200").await;
    browser.until_count("[data-testid=key]", 122).await;
    browser.close().await;
}

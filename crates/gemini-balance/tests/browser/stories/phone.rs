use testkit::{eventually, key};

use crate::browser::Browser;
use crate::every_page::PAGES;
use crate::house::small;

#[tokio::test(flavor = "multi_thread")]
async fn somebody_looks_in_from_a_phone_and_adds_a_key() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.resize(390, 844).await;
    for page in PAGES {
        browser.go(page).await;
        let width = "return document.documentElement.scrollWidth <= innerWidth";
        assert_eq!(browser.run(width).await, true, "{page} is too wide");
    }
    browser.go("/admin/keys").await;
    let is_inert = "return document.querySelector('#rail').inert";
    assert_eq!(browser.run(is_inert).await, true, "a shut menu cannot be reached");
    browser.click("#menu").await;
    assert_eq!(browser.run(is_inert).await, false);
    browser.examine("the open menu").await;
    browser.click("#rail [href='/admin/keys']").await;
    browser.until_path("/admin/keys").await;
    assert_eq!(browser.run(is_inert).await, true);
    let card = browser.text("[data-testid=key]").await;
    assert!(card.contains("AIzaSy…") && card.contains("Ready"), "{card}");
    for part in ["Attempts", "Success", "Last used"] {
        let part = browser.find(&format!("[data-testid=key] [data-label='{part}']")).await;
        assert!(part.is_displayed().await.unwrap());
    }
    browser.examine("cards of keys").await;

    browser.click("[data-dialog=add-keys]").await;
    browser.fill("#paste", &key("phone")).await;
    browser.until_text("#paste-count", "1 new").await;
    browser.click("#add-keys form button:not([type])").await;
    browser.until_text("[data-testid=job-ok]", "1 ok").await;
    eventually("the pool has it", || async {
        browser.go("/admin/keys").await;
        browser.count("[data-testid=key]").await == 3
    })
    .await;
    browser.close().await;
}

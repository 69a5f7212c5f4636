use testkit::eventually;

use crate::browser::Browser;
use crate::house::{PASSWORD, small};

#[tokio::test(flavor = "multi_thread")]
async fn from_key_to_key_with_quota_and_history_until_one_is_deleted() {
    let (_google, gateway) = small().await;
    assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/keys").await;
    browser.until_count("[data-testid=key]", 2).await;
    let listed = browser
        .run("return [...document.querySelectorAll('[data-row]')].map((row) => row.dataset.row)")
        .await;
    let [first, second] = [0, 1].map(|at| listed[at].as_str().unwrap().to_owned());
    browser.go(&format!("/admin/keys/{first}")).await;
    browser.until_count("[data-testid=step]", 10).await;
    browser.driver.active_element().await.unwrap().send_keys("j").await.unwrap();
    browser.until_path(&format!("/admin/keys/{second}")).await;
    browser.driver.active_element().await.unwrap().send_keys("k").await.unwrap();
    browser.until_path(&format!("/admin/keys/{first}")).await;

    let keys = gateway.client_with(PASSWORD).get("/api/admin/keys").send().await.json();
    let keys = keys["keys"].as_array().unwrap().clone();
    let good = keys.iter().find(|key| key["counters"]["served"] == 1).unwrap();
    let good = good["id"].as_str().unwrap();
    let page = format!("/admin/keys/{good}");
    browser.go(&page).await;
    browser.until_text("[data-testid=quota]", "limit not known").await;
    browser.fill("#note", "the laptop's").await;
    browser.click("form[action$=edit] button").await;
    browser.until_text("[data-testid=deed]", "keys.edit").await;
    browser.examine("a key with quota and history").await;
    browser.click("[data-testid=remove]").await;
    browser.examine("a key that is about to be deleted").await;
    browser.click("#remove-key [name=action]").await;
    browser.until_path("/admin/keys").await;
    browser.until_text("[data-testid=undo]", "deleted: 1").await;
    eventually("one key is left", || async {
        browser.go("/admin/keys").await;
        browser.count("[data-testid=key]").await == 1
    })
    .await;
    browser.close().await;
}

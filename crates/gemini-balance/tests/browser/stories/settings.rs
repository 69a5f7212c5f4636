use testkit::eventually;

use crate::browser::Browser;
use crate::house::{PASSWORD, setup};

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_is_changed_after_review_and_rolled_back() {
    let gateway = setup().with("MAX_RETRIES", "3").start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/settings?q=MAX_RETRIES").await;
    browser
        .until_text("[data-testid=setting-MAX_RETRIES] [data-testid=source]", "environment")
        .await;

    browser.fill("#MAX_RETRIES", "many").await;
    browser.click(".gb-settings > p button").await;
    browser.until_text("[role=alert]", "MAX_RETRIES").await;

    browser.go("/admin/settings?q=MAX_RETRIES").await;
    browser.fill("#MAX_RETRIES", "5").await;
    browser.click(".gb-settings > p button").await;
    browser.until_count("[data-testid=change]", 1).await;
    browser.examine("review").await;
    browser.click("form[action$=save] button").await;
    browser.until_path("/admin/settings/history").await;
    browser.examine("history").await;

    let value = || async {
        let rows = gateway.client_with(PASSWORD).get("/api/admin/settings").send().await.json();
        let row = rows.as_array().unwrap().iter().find(|row| row["name"] == "MAX_RETRIES").cloned();
        row.unwrap()["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(value().await, "5");
    browser.go("/admin/settings?q=MAX_RETRIES").await;
    browser
        .until_text("[data-testid=setting-MAX_RETRIES] [data-testid=source]", "saved here")
        .await;

    browser.go("/admin/settings/history").await;
    browser.click("form[action$=undo] button").await;
    browser.until_count("[data-testid=change]", 1).await;
    browser.click("form[action$=save] button").await;
    browser.until_path("/admin/settings/history").await;
    eventually("it is back", || async { value().await == "3" }).await;

    browser.go("/admin/settings?q=LISTEN").await;
    let field = browser.find("#LISTEN").await;
    assert!(!field.is_enabled().await.unwrap());
    browser.until_text("#LISTEN-help", "Set LISTEN in the environment").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn saved_settings_leave_as_a_file_and_come_in_with_a_review() {
    let gateway = setup().start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/settings").await;
    browser.click("[data-dialog=import]").await;
    browser.fill("#toml", "MAX_RETRIES = \"7\"\nCHECK_INTERVAL_HOURS = 2").await;
    browser.examine("settings that come in").await;
    browser.click("#import button:not([type])").await;
    browser.until_count("[data-testid=change]", 2).await;
    browser.click("form[action$=save] button").await;
    browser.until_path("/admin/settings/history").await;
    browser.go("/admin/settings").await;
    let address = browser.find("[data-testid=export]").await.attr("href").await.unwrap().unwrap();
    let script = "const [address, done] = arguments; \
        fetch(address).then((file) => file.text()).then(done)";
    let file = browser.driver.execute_async(script, vec![address.into()]).await.unwrap();
    let file = file.json().as_str().unwrap().to_owned();
    assert!(file.contains("MAX_RETRIES = \"7\"\n"), "{file}");
    assert!(file.contains("CHECK_INTERVAL_HOURS = \"2\"\n"), "{file}");

    browser.click("[data-dialog=import]").await;
    browser.fill("#toml", "MAX_RETRIES").await;
    browser.click("#import button:not([type])").await;
    browser.until_text("[role=alert]", "line 1").await;
    browser.close().await;
}

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

async fn save_elsewhere(gateway: &testkit::Gateway, wanted: &serde_json::Value) {
    let administrator = gateway.client_with(PASSWORD);
    let ask = administrator.request("PATCH", "/api/admin/settings");
    let ask = ask.header("content-type", "application/json").body(wanted.to_string());
    assert_eq!(ask.send().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_change_the_same_see_both_values_and_lose_none() {
    let gateway = setup().start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/settings?group=pool").await;
    browser.fill("#MAX_RETRIES", "5").await;
    browser.fill("#EMPTY_RETRIES", "2").await;
    let theirs = serde_json::json!({"MAX_RETRIES": "7", "POOL_WAIT": "9"});
    save_elsewhere(&gateway, &theirs).await;
    browser.click(".gb-settings > p button").await;
    browser.until_count("[data-testid=conflict]", 1).await;
    browser.until_text("[data-testid=conflict]", "saved by admin").await;
    browser.until_text("[data-testid=conflict]", "7").await;
    browser.until_count("[data-testid=change]", 1).await;
    browser.until_text("[data-testid=change]", "EMPTY_RETRIES").await;
    browser.examine("a conflict").await;
    browser.resize(390, 844).await;
    browser.examine("a conflict on a phone").await;
    browser.click("[data-testid=mine]").await;
    browser.click("form[action$=review] button[type=submit]").await;
    browser.until_count("[data-testid=change]", 2).await;
    browser.until_text("#effects", "brings about").await;

    save_elsewhere(&gateway, &serde_json::json!({"EMPTY_RETRIES": "4"})).await;
    browser.click("form[action$=save] button").await;
    browser.until_count("[data-testid=conflict]", 1).await;
    browser.click("[data-testid=theirs]").await;
    browser.click("form[action$=review] button[type=submit]").await;
    browser.until_count("[data-testid=change]", 1).await;
    browser.click("form[action$=save] button").await;
    browser.until_path("/admin/settings/history").await;

    let rows = gateway.client_with(PASSWORD).get("/api/admin/settings").send().await.json();
    let value = |name: &str| {
        let row = rows.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap();
        row["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(value("MAX_RETRIES"), "5", "mine");
    assert_eq!(value("EMPTY_RETRIES"), "4", "theirs");
    assert_eq!(value("POOL_WAIT"), "9s", "not touched, so not turned back");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_says_what_follows_and_shows_no_secret() {
    let gateway = setup().start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/settings?q=CRON_SECRET").await;
    browser.fill("#CRON_SECRET", "canary-secret-of-cron").await;
    browser.click(".gb-settings > p button").await;
    browser.until_count("[data-testid=change]", 1).await;
    let source = browser.driver.source().await.unwrap();
    assert!(!source.contains("canary"), "a secret in clear");
    browser.click("form[action$=save] button").await;
    browser.until_path("/admin/settings/history").await;
    eventually("the secret is in force", || async {
        gateway
            .client_with("canary-secret-of-cron")
            .get("/api/cron/health-check")
            .send()
            .await
            .status
            != 401
    })
    .await;

    browser.go("/admin/settings?q=MAX_CONNECTIONS").await;
    browser.fill("#MAX_CONNECTIONS", "99").await;
    browser.click(".gb-settings > p button").await;
    browser.until_text("[data-testid=effect]", "next start").await;
    browser.examine("a review that says what follows").await;

    browser.go("/admin/settings?group=upstream").await;
    browser.fill("#BASE_URL", "http://127.0.0.1:9").await;
    browser.click("[data-testid=try-upstream]").await;
    browser.until_text("[data-testid=tried]", "fails").await;
    let typed = browser.find("#BASE_URL").await.prop("value").await.unwrap();
    assert_eq!(typed.as_deref(), Some("http://127.0.0.1:9"), "what was typed stays");
    browser.examine("settings that were tried out").await;
    browser
        .run("document.querySelector('form[data-guard]').dispatchEvent(new Event('submit'))")
        .await;
    browser.close().await;
}

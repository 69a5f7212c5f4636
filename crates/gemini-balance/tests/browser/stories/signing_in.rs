use serde_json::Value;

use crate::browser::Browser;
use crate::house::{PASSWORD, setup, small};

#[tokio::test(flavor = "multi_thread")]
async fn a_deep_link_is_reached_after_signing_in_and_signing_out_ends_it() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::open(&gateway).await else { return };
    browser.go("/admin/keys?status=ready").await;
    browser.until_path("/admin/login").await;
    browser.examine("login").await;
    browser.fill("#password", PASSWORD).await;
    browser.click("form.gb-door-card button").await;
    browser.until_path("/admin/keys").await;
    assert!(browser.driver.current_url().await.unwrap().query().unwrap().contains("ready"));

    let cookie = browser.driver.get_named_cookie("gb_session").await.unwrap();
    assert_eq!(cookie.http_only, Some(true));
    assert_eq!(format!("{:?}", cookie.same_site.unwrap()), "Strict");
    assert!(!cookie.value.contains(PASSWORD));
    let source = browser.driver.source().await.unwrap();
    assert!(!source.contains(PASSWORD));

    browser.click(".gb-who button").await;
    browser.until_path("/admin/login").await;
    browser.go("/admin/keys").await;
    browser.until_path("/admin/login").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_passwords_has_to_wait() {
    let gateway = setup().start().await;
    let guess = || {
        gateway
            .client()
            .anonymous("POST", "/admin/login")
            .header("content-type", "application/x-www-form-urlencoded")
            .body("name=admin&password=wrong")
    };
    for _ in 0..10 {
        assert_eq!(guess().send().await.status, 401);
    }
    let refused = guess().send().await;
    assert_eq!(refused.status, 429);
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=6).contains(&wait), "{wait}");
    if let Some(browser) = Browser::open(&gateway).await {
        browser.sign_in(PASSWORD).await;
        browser.until_text("[role=alert]", "Wait").await;
        let status = "return performance.getEntriesByType('navigation')[0].responseStatus";
        assert_eq!(browser.run(status).await, 429);
        browser.examine("having to wait").await;
        testkit::eventually("the right password opens after the wait", || async {
            browser.sign_in(PASSWORD).await;
            browser.driver.current_url().await.unwrap().path() == "/admin"
        })
        .await;
        let cookie = browser.driver.get_named_cookie("gb_session").await.unwrap();
        assert_eq!(cookie.http_only, Some(true));
        assert_eq!(format!("{:?}", cookie.same_site.unwrap()), "Strict");
        assert!(![PASSWORD, testkit::TOKEN].contains(&cookie.value.as_str()));
        let source = browser.driver.source().await.unwrap();
        assert!(!source.contains(PASSWORD));
        browser.close().await;
    }
    let told: Value = gateway.client_with(PASSWORD).get("/api/admin/audit").send().await.json();
    let failures = told.as_array().unwrap().iter();
    assert_eq!(failures.filter(|entry| entry["action"] == "sign_in.failed").count(), 10);
}

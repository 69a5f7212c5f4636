use testkit::eventually;

use crate::browser::Browser;
use crate::house::small;

async fn press(browser: &Browser, keys: &str) {
    let at = browser.driver.active_element().await.unwrap();
    at.send_keys(keys).await.unwrap();
}

/// Whether it is seen where one is.
async fn is_seen(browser: &Browser) -> bool {
    let script = "const at = document.activeElement; \
                  return at.matches(':focus-visible') && getComputedStyle(at).outlineStyle !== 'none'";
    browser.run(script).await == true
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_verified_without_a_mouse() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    press(&browser, "gk").await;
    browser.until_path("/admin/keys").await;
    browser.until_count("[data-testid=key]", 2).await;
    press(&browser, "j").await;
    assert!(is_seen(&browser).await, "the first row");
    press(&browser, "j").await;
    assert!(is_seen(&browser).await, "the second row");
    press(&browser, "x").await;
    browser.until_text("[data-testid=chosen]", "1 selected").await;
    press(&browser, "A").await;
    browser.until_text("[data-testid=chosen]", "2 selected").await;
    press(&browser, "v").await;
    browser.until_text("#confirm-all", "2 keys are meant").await;
    assert!(is_seen(&browser).await, "the button that goes on");
    press(&browser, "\u{e007}").await;
    browser.until_text("[data-testid=job-done]", "2 of 2").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_chosen_opened_and_acted_on_by_single_keys() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/keys").await;
    press(&browser, "a").await;
    browser.until_text("[data-testid=chosen]", "2 selected").await;
    press(&browser, "\u{e00c}").await;
    assert!(!browser.find("#act").await.is_displayed().await.unwrap(), "nothing is chosen");
    press(&browser, "n").await;
    browser.find("#add-keys[open]").await;
    press(&browser, "j").await;
    let typed = browser.run("return document.querySelector('#paste').value").await;
    assert_eq!(typed, "j", "whoever types is not understood as wanting something");
    browser.go("/admin/keys").await;
    press(&browser, "j").await;
    press(&browser, "e").await;
    browser.until_text("[data-testid=undo]", "disabled").await;
    eventually("it is disabled", || async { gateway.keys("disabled").await == 1 }).await;
    browser.go("/admin/keys").await;
    press(&browser, "j").await;
    let row = browser.find("[data-current]").await.attr("data-row").await.unwrap().unwrap();
    press(&browser, "\u{e007}").await;
    browser.until_path(&format!("/admin/keys/{row}")).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_listed_and_can_be_switched_off() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/keys").await;
    press(&browser, "?").await;
    browser.until_text("#keyboard", "Verify, reset, disable").await;
    browser.examine("what keys do").await;
    browser.click("[data-testid=single-keys]").await;
    browser.find("body[data-single-keys=off]").await;
    browser.until_path("/admin/keys").await;
    press(&browser, "j").await;
    assert_eq!(browser.count("[data-current]").await, 0, "they are off");
    browser.click("[data-dialog=keyboard]").await;
    browser.until_text("#keyboard", "Single keys are off").await;
    browser.click("[data-testid=single-keys]").await;
    browser.until_count("body[data-single-keys=off]", 0).await;
    press(&browser, "j").await;
    browser.find("[data-current]").await;
    browser.close().await;
}

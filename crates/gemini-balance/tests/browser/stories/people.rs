use secret::TotpSecret;

use crate::browser::Browser;
use crate::every_page::PAGES;
use crate::house::small;

/// What people choose in place of the password that was made for them.
const CHOSEN: &str = "a password of their own";

/// Chooses a password, where one was made.
pub(super) async fn choose(browser: &Browser) {
    browser.fill("#new-password", CHOSEN).await;
    browser.click("form.gb-door-card button").await;
    browser.until_count("#new-password", 0).await;
}

async fn sign_in(browser: &Browser, name: &str, password: &str) {
    browser.go("/admin/login").await;
    browser.fill("#name", name).await;
    browser.fill("#password", password).await;
    browser.click("form.gb-door-card button").await;
}

/// The code of the present step of time, or of a later one.
fn code(secret: &str, later: i64) -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let step = TotpSecret::step_at(i64::try_from(since.as_secs()).unwrap());
    TotpSecret::parse(secret).unwrap().code(step + later)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_is_added_and_signs_in_with_a_code() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/people").await;
    browser.click("[data-dialog=add]").await;
    browser.fill("#name", "ann").await;
    browser.click("#add form button:not([type])").await;
    let password = browser.text("[data-testid=shown]").await;
    browser.examine("a password that was made").await;
    browser.click(".gb-who button").await;
    browser.until_path("/admin/login").await;

    sign_in(&browser, "ann", &password).await;
    browser.find("#new-password").await;
    browser.examine("choosing a password").await;
    browser.fill("#new-password", &password).await;
    browser.click("form.gb-door-card button").await;
    browser.until_text("[role=alert]", "made for you").await;
    choose(&browser).await;
    let password = CHOSEN;
    browser.go("/admin/people").await;
    browser.examine("people").await;
    browser.click("[data-testid=factor-on]").await;
    browser.until_path("/admin/people/second-factor").await;
    for width in [1440, 390] {
        browser.resize(width, 900).await;
        browser.examine(&format!("second factor {width}")).await;
    }
    let secret = browser.text("[data-testid=totp-secret]").await;
    let width = "return document.querySelector('.gb-qr').getBoundingClientRect().width";
    assert!(browser.run(width).await.as_f64().unwrap() > 180.0, "too small for a phone");
    browser.fill("#code", &code(&secret, 0)).await;
    browser.fill("#current", password).await;
    browser.click("#factor button").await;
    browser.until_text("[data-testid=shown]", "-").await;
    assert_eq!(browser.text("[data-testid=shown]").await.lines().count(), 10);
    browser.go("/admin").await;
    browser.resize(1440, 1000).await;
    browser.click(".gb-who button").await;
    browser.until_path("/admin/login").await;

    sign_in(&browser, "ann", password).await;
    browser.find("#code").await;
    browser.examine("the code").await;
    browser.fill("#code", "000000").await;
    browser.click("form.gb-door-card button").await;
    browser.find("[role=alert]").await;
    browser.fill("#code", &code(&secret, 1)).await;
    browser.click("form.gb-door-card button").await;
    browser.until_path("/admin").await;
    browser.go("/admin/people").await;
    browser.until_count("#factor-off", 1).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_sees_every_page_and_no_button_that_changes_more_than_what_is_theirs() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::open(&gateway).await else { return };
    let made = gateway.run(&["admin", "add", "vic", "--role", "viewer"]).await.ok();
    sign_in(&browser, "vic", made.trim()).await;
    choose(&browser).await;
    for page in PAGES {
        browser.go(page).await;
        browser.find("main h1").await;
        let actions = "return [...document.querySelectorAll(\
             'main form[method=post] button[name], main form[method=post] button:not([type])')]\
             .map((one) => one.form.getAttribute('action'))";
        let found = browser.run(actions).await;
        for action in found.as_array().unwrap() {
            let action = action.as_str().unwrap();
            let is_own = action == "/admin/people/password" || action.starts_with("/admin/own/");
            assert!(is_own, "{page}: {action}");
        }
    }
    browser.examine("a viewer's page").await;
    browser.click(".gb-who button").await;
    browser.until_path("/admin/login").await;
    browser.close().await;
}

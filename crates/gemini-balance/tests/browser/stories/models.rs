use testkit::{MODEL, Surface, eventually};

use crate::browser::Browser;
use crate::house::small;

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_hidden_named_and_given_stand_ins() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    let client = gateway.client();
    let status = |model: &'static str| {
        let ask = client.ask(Surface::OpenAi, model, "hi", false);
        async move { ask.send().await.status }
    };
    assert_eq!(status(MODEL).await, 200);
    browser.go(&format!("/admin/models/{MODEL}")).await;
    browser.until_text("[data-testid=keys-ready]", "Ready").await;
    browser.until_count("[data-testid=project-quota]", 1).await;
    browser.examine("a model").await;

    browser.fill("#alias", "my-own-name").await;
    browser.click("button[value=alias]").await;
    browser.until_text("[data-testid=alias]", "my-own-name").await;
    eventually("the name leads to it", || async { status("my-own-name").await == 200 }).await;
    browser.fill("#fallbacks", "gemini-2.5-flash-lite, nothing-of-googles").await;
    browser.click("button[value=fallbacks]").await;
    browser.until_text("[role=alert]", "nothing-of-googles").await;
    browser.examine("a stand-in that is none").await;
    browser.fill("#fallbacks", "gemini-2.5-flash-lite").await;
    browser.click("button[value=fallbacks]").await;
    browser.until_count("[role=alert]", 0).await;
    browser.go("/admin/models/gemini-2.5-flash-lite").await;
    browser.until_text("main", &format!("in place of {MODEL}")).await;

    browser.go(&format!("/admin/models/{MODEL}")).await;
    browser.click("button[value=unalias]").await;
    browser.until_count("[data-testid=alias]", 0).await;
    browser.click("[data-testid=hide]").await;
    browser.find("[data-testid=hidden]").await;
    eventually("it is refused", || async { status(MODEL).await == 404 }).await;
    browser.click("[data-testid=hide]").await;
    browser.until_count("[data-testid=hidden]", 0).await;
    eventually("it is served again", || async { status(MODEL).await == 200 }).await;
    browser.go("/admin/settings/history").await;
    browser.until_text("main", "MODEL_FALLBACKS").await;
    browser.close().await;
}

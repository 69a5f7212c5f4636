use testkit::eventually;

use crate::browser::Browser;
use crate::house::small;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_connects_a_client_and_is_revoked() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/tokens").await;
    browser.click("[data-dialog=create]").await;
    browser.fill("#name", "laptop").await;
    browser.click("#create form button:not([type])").await;
    let token = browser.text("[data-testid=new-token]").await;
    assert!(token.starts_with("gk_"), "{token}");
    browser.examine("a new token").await;
    let codex = browser.text("[data-testid=snippet-codex] pre").await;
    assert!(codex.contains("wire_api = \"responses\""), "{codex}");
    let base = format!("http://{}", gateway.address());
    for client in ["openai", "claude", "gemini", "codex", "curl"] {
        let text = browser.text(&format!("[data-testid=snippet-{client}] pre")).await;
        assert!(text.contains(&token) && text.contains(&base), "{client}: {text}");
    }
    let client = gateway.client_with(&token);
    eventually("the token lets in", || async { client.chat("hi").send().await.status == 200 })
        .await;

    browser.go("/admin/tokens").await;
    let source = browser.driver.source().await.unwrap();
    assert!(!source.contains(&token), "shown twice");
    browser.click("tr:last-child button[data-dialog^=revoke]").await;
    browser.click("dialog[open] button[data-variant=destructive]").await;
    browser.until_text("tr:last-child .gb-state", "revoked").await;
    eventually("the token lets nobody in", || async {
        client.chat("hi").send().await.status == 401
    })
    .await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_limited_and_gets_another_secret_while_the_old_one_goes_on() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/tokens").await;
    browser.click("[data-dialog=create]").await;
    browser.fill("#name", "phone").await;
    browser.click("#create form button:not([type])").await;
    let old = gateway.client_with(&browser.text("[data-testid=new-token]").await);
    browser.go("/admin/tokens").await;
    browser.click("tr:last-child td a").await;
    browser.fill("#rpm", "many").await;
    browser.click("[action$=edit] button").await;
    browser.until_text("main", "requests_per_minute").await;
    browser.go("/admin/tokens").await;
    browser.click("tr:last-child td a").await;
    browser.fill("#rpm", "1").await;
    browser.click("[action$=edit] button").await;
    eventually("the limit holds", || async {
        let ask = || old.chat("hi").send();
        (ask().await.status, ask().await.status).1 == 429
    })
    .await;
    browser.examine("a token with limits").await;
    browser.fill("#rpm", "").await;
    browser.click("[action$=edit] button").await;
    eventually("the limit is gone", || async { old.chat("hi").send().await.status == 200 }).await;

    browser.click("[action$=rotate] button").await;
    let new = gateway.client_with(&browser.text("[data-testid=new-token]").await);
    eventually("the new secret opens", || async { new.chat("hi").send().await.status == 200 })
        .await;
    assert_eq!(old.chat("hi").send().await.status, 200);
    browser.close().await;
}

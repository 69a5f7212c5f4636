use testkit::eventually;

use crate::browser::Browser;
use crate::house::small;

/// Makes a client token of this name on its page, where it is shown.
pub(super) async fn make(browser: &Browser, name: &str) -> String {
    browser.go("/admin/tokens").await;
    browser.click("[data-dialog=create]").await;
    browser.fill("#name", name).await;
    browser.click("#create form button:not([type])").await;
    browser.text("[data-testid=new-token]").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_connects_a_client_and_is_revoked() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    let token = make(&browser, "laptop").await;
    assert!(token.starts_with("gk_"), "{token}");
    browser.click("#once ~ details summary").await;
    let drawn = "return document.querySelector('.gb-qr').getBoundingClientRect().width > 100";
    eventually("it is drawn for phones", || async { browser.run(drawn).await == true }).await;
    browser.examine("a new token").await;
    let base = format!("http://{}", gateway.address());
    for client in ["openai-python", "claude-code", "gemini-cli", "codex", "curl"] {
        browser.click(&format!("[data-app={client}]")).await;
        let section = format!("[data-testid=snippet-{client}]:not([hidden])");
        let text = browser.text(&section).await;
        assert!(text.contains(&token) && text.contains(&base), "{client}: {text}");
        assert_eq!(client == "codex", text.contains("wire_api = \"responses\""));
        assert_eq!(browser.count("[data-settings]:not([hidden])").await, 1);
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

/// The link that the gateway makes for a client, asked for as the page does.
async fn link(browser: &Browser, token: &str, app: &str) -> serde_json::Value {
    let script = "const [token, app, done] = arguments; \
        fetch(document.querySelector('[data-link]').dataset.at, { method: 'POST', \
        body: new URLSearchParams({ app, token }) }).then((answer) => answer.json()).then(done)";
    let said = browser.driver.execute_async(script, vec![token.into(), app.into()]).await.unwrap();
    said.json().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_developer_connects_clients_and_tries_each_protocol() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/setup/client").await;
    browser.fill("#name", "laptop").await;
    browser.click("#new-client button").await;
    let token = browser.text("[data-testid=new-token]").await;
    browser.fill("#model", testkit::MODEL).await;
    for protocol in ["chat", "responses", "anthropic", "gemini"] {
        browser.click(&format!("#trial button[value={protocol}]")).await;
        browser.until_text(&format!("[data-testid=told-{protocol}] .gb-state"), "200").await;
    }
    assert_eq!(browser.text("[data-testid=new-token]").await, token, "it has gone from the page");
    browser.fill("#model", "no-such-model").await;
    browser.click("#trial button[value=chat]").await;
    browser.until_text("[data-testid=told-chat] .gb-state", "404").await;
    browser.until_text("[data-testid=told-chat]", "Choose another one").await;
    browser.examine("a client that is connected").await;

    let said = link(&browser, &token, "cherry-studio").await;
    let made = said["link"].as_str().unwrap();
    assert!(made.starts_with("cherrystudio://providers/api-keys?v=1&data="), "{made}");
    let decode = format!("return JSON.parse(atob(new URL('{made}').searchParams.get('data')))");
    let decoded = browser.run(&decode).await;
    assert_eq!(decoded["apiKey"], token.as_str());
    assert_eq!(decoded["baseUrl"], format!("http://{}", gateway.address()));
    let other = link(&browser, "gk_somebody_elses", "cherry-studio").await;
    assert!(other["error"]["message"].as_str().unwrap().contains("not the secret"), "{other}");

    // Loaded again, the page does not know the token; it is filled in where it is pasted.
    browser.driver.refresh().await.unwrap();
    browser.find("#secret").await;
    let source = browser.driver.source().await.unwrap();
    assert!(!source.contains(&token), "shown twice");
    // Reloaded where it was scrolled to, its links would lie below the bar.
    browser.run("scrollTo(0, 0)").await;
    browser.examine("a token's settings").await;
    browser.click("[data-app=codex]").await;
    browser.until_text("[data-testid=snippet-codex]", "YOUR_TOKEN").await;
    browser.fill("#secret", &token).await;
    browser.until_text("[data-testid=snippet-codex]", &token).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_found_copied_and_revoked_together() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    make(&browser, "laptop").await;
    browser.go("/admin/tokens?q=laptop").await;
    browser.until_count("[data-testid=token]", 1).await;
    browser.click("[data-testid=token] a").await;
    browser.fill("#rpm", "7").await;
    browser.click("[action$=edit] button").await;
    browser.click("[data-testid=copy]").await;
    let copy = browser.text("[data-testid=new-token]").await;
    let client = gateway.client_with(&copy);
    eventually("the copy opens", || async { client.chat("hi").send().await.status == 200 }).await;
    browser.go("/admin/tokens?q=laptop+2").await;
    browser.click("[data-testid=token] a").await;
    assert_eq!(browser.find("#rpm").await.prop("value").await.unwrap().as_deref(), Some("7"));

    browser.go("/admin/tokens?q=nobody").await;
    browser.examine("no token matches").await;
    browser.go("/admin/tokens?q=laptop").await;
    for row in 1..=2 {
        browser.click(&format!("[data-testid=token]:nth-child({row}) input[name=id]")).await;
    }
    browser.click("[data-testid=revoke-chosen]").await;
    browser.examine("before they are revoked").await;
    browser.click("#revoke-form button[data-variant=destructive]").await;
    browser.until_path("/admin/tokens").await;
    eventually("the copy opens nothing", || async { client.chat("hi").send().await.status == 401 })
        .await;
    assert_eq!(gateway.client().chat("hi").send().await.status, 200, "others go on");
    browser.close().await;
}

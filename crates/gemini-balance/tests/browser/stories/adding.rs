use fake_gemini::{FakeGemini, KeyPlan, Script};
use testkit::{eventually, key};

use crate::browser::Browser;
use crate::house::{setup, small};

/// A text with so many keys.
fn pasted(count: usize) -> String {
    let line = |number| format!("{},name {number}", key(&format!("paste{number}")));
    (0..count).map(line).collect::<Vec<_>>().join("\n")
}

/// Puts a text into the field for keys, as pasting does.
async fn paste(browser: &Browser, text: String) {
    browser.click("[data-dialog=add-keys]").await;
    let script = "const field = document.querySelector('#paste'); field.value = arguments[0]; \
                  field.dispatchEvent(new Event('input', { bubbles: true }))";
    browser.driver.execute(script, vec![text.into()]).await.unwrap();
}

/// Waits for the end of a job for as long as it goes on.
async fn finished(browser: &Browser) {
    let is_over = || async { browser.text("[data-testid=job-state]").await == "finished" };
    while !is_over().await {
        let before = browser.text("[data-testid=job-done]").await;
        eventually("the job goes on", || async {
            browser.text("[data-testid=job-done]").await != before || is_over().await
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_keys_are_pasted_and_go_on_when_the_page_is_left() {
    let gateway = setup().start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/keys").await;
    browser.examine("no keys yet").await;
    paste(&browser, format!("{}\nAIzaShort", pasted(10_000))).await;
    browser.until_text("#paste-count", "10,000 new").await;
    browser.until_text("#paste-count", "1 malformed").await;
    browser.examine("pasted keys").await;
    browser.click("#add-keys form button:not([type])").await;
    browser.find("[data-testid=job-state]").await;
    browser.driver.refresh().await.unwrap();
    finished(&browser).await;
    browser.until_text("[data-testid=job-ok]", "10000 ok").await;
    let source = browser.driver.source().await.unwrap();
    assert!(!source.contains(&key("paste7")), "a key in clear");
    eventually("the pool has them", || async {
        browser.go("/admin/keys").await;
        browser.text("[data-testid=keys-about]").await.contains("10,000 keys")
    })
    .await;
    browser.go("/admin/keys?per=200").await;
    browser.until_count("[data-testid=key]", 200).await;
    let source = browser.driver.source().await.unwrap();
    assert!(!source.contains(&key("paste7")), "a key in clear");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_google_refuses_when_it_is_asked_first_does_not_serve() {
    let script = Script::new()
        .key(key("paste0"), KeyPlan::Valid)
        .key(key("paste1"), KeyPlan::Leaked)
        .key(key("good"), KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys([key("good")]).start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/keys").await;
    paste(&browser, format!("{}\n{}", pasted(2), key("good"))).await;
    browser.until_text("#paste-count", "2 new, 1 there already").await;
    browser.fill("#tag-all", "batch").await;
    browser.click("#add-keys [name=verify]").await;
    browser.click("#add-keys form button:not([type])").await;
    finished(&browser).await;
    browser.until_text("[data-testid=job-ok]", "1 ok").await;
    browser.until_text("[data-testid=job-failed]", "1 failed").await;
    browser.until_text("[data-testid=job-skipped]", "1 skipped").await;
    eventually("the one that Google accepts is ready", || async {
        browser.go("/admin/keys?tag=batch").await;
        let ready = browser.count("[data-testid=key][data-state=ready]").await;
        let disabled = browser.count("[data-testid=key][data-state=disabled]").await;
        (ready, disabled) == (1, 1)
    })
    .await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_come_from_a_file() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    let file = gateway.setup().directory().join("keys.txt");
    std::fs::write(&file, pasted(3)).unwrap();
    browser.go("/admin/keys").await;
    browser.click("[data-dialog=add-keys]").await;
    let field = browser.find("#paste-file").await;
    field.send_keys(file.to_str().unwrap()).await.unwrap();
    browser.until_text("#paste-count", "3 new").await;
    browser.close().await;
}

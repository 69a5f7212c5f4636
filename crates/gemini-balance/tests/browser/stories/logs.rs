use serde_json::json;
use testkit::{Gateway, MODEL, eventually};

use crate::browser::Browser;
use crate::house::{PASSWORD, small};

/// Asks as often as there are keys, and more: so the leaked one is met.
async fn met_the_leaked_key(gateway: &Gateway) {
    for _ in 0..4 {
        assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    }
}

/// Asks until the leaked key was met, and for a model that there is not; waits until all is logged.
async fn some_traffic(gateway: &Gateway, browser: &Browser) {
    met_the_leaked_key(gateway).await;
    let unknown = r#"{"model":"no-such-model","messages":[{"role":"user","content":"hi"}]}"#;
    let refused = gateway.client().post("/v1/chat/completions", unknown).send().await;
    assert_eq!(refused.status, 404);
    eventually("all is in the log", || async {
        browser.go("/admin/errors?range=1h&state=all").await;
        browser.count("[data-testid=group]").await >= 1 && {
            browser.go("/admin/logs").await;
            browser.count("[data-testid=request]").await == 5
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_resolved_and_taken_back_and_their_keys_verified() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    met_the_leaked_key(&gateway).await;
    browser.go("/admin/errors?range=1h&group=key_dead%2F403%2Fnothing").await;
    assert_eq!(browser.count("[data-testid=group]").await, 0);
    eventually("the failed attempt is in the log", || async {
        browser.go("/admin/errors?range=1h").await;
        browser.count("[data-testid=group]").await == 1
    })
    .await;
    browser.until_text("[data-testid=group]", "The key is dead").await;
    browser.until_text("[data-testid=met]", "Keys: 1, clients: 1").await;
    browser.find("[data-testid=first] time").await;
    browser.find("[data-testid=group] .gb-spark polyline").await;
    browser.examine("errors with what can be done").await;

    browser.click("[data-testid=group] button[value=resolved]").await;
    browser.until_count("[data-testid=group]", 0).await;
    browser.click("[data-testid=state-resolved]").await;
    browser.until_text("[data-testid=group]", "Resolved by admin").await;
    browser.click("[data-testid=group] button[value=open]").await;
    browser.until_count("[data-testid=group]", 0).await;
    browser.click("[data-testid=state-open]").await;
    browser.until_count("[data-testid=group]", 1).await;
    browser.click("[data-testid=group] button[value=ignored]").await;
    browser.click("[data-testid=state-ignored]").await;
    browser.until_text("[data-testid=group]", "Ignored by admin").await;

    browser.click("[data-dialog^=disable]").await;
    browser.until_text("dialog[open]", "Disable the keys that met this error (1)?").await;
    browser.examine("a question about keys").await;
    browser.click("dialog[open] [data-close]").await;
    browser.click("[data-testid=met] button[value=verify]").await;
    browser.until_text("h1", "Verifying keys").await;
    browser.until_text("[data-testid=job-failed]", "1 failed").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_narrowed_down_by_what_it_holds_and_parts_are_deleted() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    some_traffic(&gateway, &browser).await;
    browser.until_text("[data-testid=found]", "5 requests").await;
    browser.find("[data-testid=numbers] .gb-chart").await;
    browser.examine("the log with its numbers").await;
    assert_eq!(browser.count("[data-dialog=delete-requests]").await, 0, "all are meant");
    browser.click(".gb-facet[href*='code=404']").await;
    browser.until_count("[data-testid=request]", 1).await;
    browser.until_text("[data-testid=found]", "1 requests").await;
    browser.click(".gb-facet[aria-current]").await;
    browser.until_count("[data-testid=request]", 5).await;
    browser.click(&format!(".gb-facet[href*='model={MODEL}']")).await;
    browser.until_count("[data-testid=request]", 4).await;

    let drag = "const chart = document.querySelector('.gb-chart'); chart.scrollIntoView(); \
        const box = chart.getBoundingClientRect(); \
        const at = (kind, share) => chart.dispatchEvent(new PointerEvent(kind, { button: 0, \
            pointerId: 1, clientX: box.left + box.width * share, clientY: box.top + 9 })); \
        chart.setPointerCapture = () => {}; \
        at('pointerdown', 0); at('pointermove', .999); at('pointerup', .999)";
    browser.run(drag).await;
    browser.until_count("[data-testid=interval]", 1).await;
    browser.until_count("[data-testid=request]", 4).await;
    browser.find("body").await.send_keys("[").await.unwrap();
    browser.find(".gb-empty").await;
    browser.find("body").await.send_keys("]").await.unwrap();
    browser.until_count("[data-testid=request]", 4).await;
    browser.click("[data-dialog=delete-requests]").await;
    browser.until_text("[data-testid=to-delete]", "(4)").await;
    browser.examine("a question about requests").await;
    browser.click("#delete-requests button[data-variant=destructive]").await;
    browser.until_text("h1", "Deleting requests from the log").await;
    browser.until_text("[data-testid=job-ok]", "1 ok").await;
    browser.examine("a job over the log").await;
    browser.go("/admin/logs").await;
    browser.until_count("[data-testid=request]", 1).await;
    browser.go("/admin/logs?range=1h&back=few").await;
    browser.until_text("body", "back").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_is_shown_before_and_after_and_marked_in_the_traffic() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    some_traffic(&gateway, &browser).await;
    let ask = gateway.client_with(PASSWORD).request("PATCH", "/api/admin/settings");
    let ask = ask.header("content-type", "application/json");
    let saved = ask.body(json!({"MAX_RETRIES": "5"}).to_string()).send().await;
    assert!(saved.status < 300, "{}", saved.text());

    browser.go("/admin?range=1h").await;
    browser.until_count("[data-testid=mark]", 2).await;
    browser.find("[data-testid=top-error]").await;
    browser.examine("an overview with marks and errors").await;
    browser.click(".gb-figure summary").await;
    browser.until_count("[data-testid=marked]", 2).await;
    browser.until_text("[data-testid=marked]:last-child", "admin changed MAX_RETRIES").await;
    browser.examine("an overview with its table").await;
    browser.click("[data-testid=marked]:last-child a").await;
    browser.until_count("[data-testid=audit-entry]", 1).await;
    browser.click("[data-testid=audit-entry] summary").await;
    browser.until_text("[data-testid=difference]", "MAX_RETRIES").await;
    browser.until_text("[data-testid=difference] del", "3").await;
    browser.until_text("[data-testid=difference] ins", "5").await;
    browser.examine("an entry that is open").await;
    browser.click("[data-testid=interval]").await;
    browser.until_count("[data-testid=interval]", 0).await;

    browser.go("/admin?range=1h").await;
    browser.click("[data-testid=top-error] a").await;
    browser.until_count("[data-testid=group]", 1).await;
    browser.click("[data-testid=all-groups]").await;
    browser.find("[data-testid=state-open]").await;
    browser.close().await;
}

use fake_gemini::{FakeGemini, Fault, KeyPlan, Script};
use serde_json::json;
use testkit::{Client, Gateway, MODEL, Passage, eventually, key};

use crate::browser::Browser;
use crate::house::{PASSWORD, setup, small};

/// A text with so many keys.
fn pasted(count: usize) -> String {
    let line = |number| format!("{},name {number}", key(&format!("paste{number}")));
    (0..count).map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_pasted_found_sorted_and_paged() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/keys").await;
    browser.click("[data-dialog=add-keys]").await;
    let text = pasted(120);
    browser
        .driver
        .execute("document.querySelector('#paste').value = arguments[0]", vec![text.into()])
        .await
        .unwrap();
    browser.click("#add-keys form button:not([type])").await;
    browser.until_text("[data-testid=job-state]", "finished").await;
    browser.until_text("[data-testid=job-ok]", "120 ok").await;
    let source = browser.driver.source().await.unwrap();
    assert!(!source.contains(&key("paste7")), "a key in clear");

    // A running gateway takes the change up by itself.
    eventually("the pool has them", || async {
        browser.go("/admin/keys").await;
        browser.text("[data-testid=keys-about]").await.contains("122 keys")
    })
    .await;
    browser.until_count("[data-testid=key]", 50).await;

    browser.find("[data-slash]").await.send_keys("name 100").await.unwrap();
    browser.until_count("[data-testid=key]", 1).await;
    let url = browser.driver.current_url().await.unwrap();
    assert_eq!(url.query(), Some("q=name+100&per=50"), "{url}");
    let focused = browser.run("return document.activeElement.name").await;
    assert_eq!(focused, "q", "the focus has left the field");
    browser.driver.refresh().await.unwrap();
    browser.until_count("[data-testid=key]", 1).await;
    browser.driver.back().await.unwrap();
    browser.until_count("[data-testid=key]", 50).await;
    assert_eq!(browser.run("return document.querySelector('[data-slash]').value").await, "");

    browser.go("/admin/keys").await;
    for direction in ["ascending", "descending"] {
        browser.click("th a[href*='requests']").await;
        browser.until_count(&format!("th[aria-sort={direction}]"), 1).await;
    }
    browser.go("/admin/keys?per=100&sort=key").await;
    browser.until_count("[data-testid=key]", 100).await;
    assert_eq!(browser.count("th[aria-sort=ascending]").await, 1);
    browser.click("th[aria-sort=ascending] a").await;
    browser.find("th[aria-sort=descending]").await;
    // The job that has ended may be told of where the pages are turned, for some seconds yet.
    browser.run("document.querySelector('#dock').remove()").await;
    browser.click("a[rel=next]").await;
    browser.until_count("[data-testid=key]", 22).await;
    let url = browser.driver.current_url().await.unwrap();
    assert_eq!(url.query(), Some("sort=-key&per=100&page=2"), "{url}");
    browser.go("/admin/keys?per=200").await;
    browser.until_count("[data-testid=key]", 122).await;
    browser.close().await;
}

/// A gateway behind a proxy with a key that is out of its quota for the day, once it was asked.
async fn house() -> (FakeGemini, Passage, Gateway) {
    let spent = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "spent",
        "details": [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{
            "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
            "quotaDimensions": {"location": "global", "model": MODEL}, "quotaValue": "20"}]}]}});
    let script = Script::new()
        .key(key("good"), KeyPlan::Valid)
        .key(key("spent"), KeyPlan::Fault(Fault::Replay(spent.to_string())));
    let google = FakeGemini::start(script).await.unwrap();
    let proxy = Passage::http().await;
    let setup = setup().google(&google).keys([key("good"), key("spent")]);
    let gateway = setup.with("PROXIES", format!("http://{}", proxy.address())).start().await;
    (google, proxy, gateway)
}

/// How many keys a filter finds.
async fn found(administrator: &Client, query: &str) -> u64 {
    let found = administrator.get(&format!("/api/admin/keys?{query}")).send().await.json();
    found["matching"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_found_by_batch_last_error_and_the_model_that_they_are_out_of() {
    let (_google, _proxy, gateway) = house().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    let administrator = gateway.client_with(PASSWORD);
    eventually("the quota of one is spent", || async {
        assert_eq!(gateway.client().chat("hi").send().await.status, 200);
        found(&administrator, "code=quota_spent").await == 1
    })
    .await;
    assert_eq!(found(&administrator, &format!("model={MODEL}")).await, 1);
    assert_eq!(found(&administrator, "model=gemini-2.5-pro").await, 0);
    assert_eq!(found(&administrator, "unused=0").await, 0, "both were used");
    let pasted = json!({"keys": key("late")}).to_string();
    let begun = administrator.post("/api/admin/keys", pasted).send().await.json();
    let batch = format!("added={}", begun["job"].as_str().unwrap());
    eventually("it is found by its batch", || async { found(&administrator, &batch).await == 1 })
        .await;
    assert_eq!(found(&administrator, "unused=0").await, 1);

    browser.go("/admin/keys").await;
    browser.until_count("[data-testid=key]", 3).await;
    browser.click("[data-testid=more] summary").await;
    browser.examine("more filters").await;
    browser.fill("[name=model]", MODEL).await;
    browser.until_count("[data-testid=key]", 1).await;
    browser.driver.refresh().await.unwrap();
    browser.until_count("[data-testid=key]", 1).await;
    browser.find("[data-testid=more][open]").await;
    browser.go("/admin/keys").await;
    browser.click("[data-testid=more] summary").await;
    browser.click("[name=added] option:nth-child(2)").await;
    browser.until_count("[data-testid=key]", 1).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_fast_keys_are_and_which_way_they_take_are_columns() {
    let (_google, proxy, gateway) = house().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    let administrator = gateway.client_with(PASSWORD);
    assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    browser.go("/admin/keys").await;
    browser.click("[data-dialog=view]").await;
    browser.click("[value=first_byte]").await;
    browser.click("[value=proxy]").await;
    browser.click("#look button").await;
    browser.until_text("[data-testid=proxy]", &proxy.address().to_string()).await;
    browser.until_text("thead", "p50 / p95").await;
    browser.until_text("tbody", " ms / ").await;
    browser.examine("keys with all columns").await;
    let id = browser.find("[data-testid=key]").await.attr("data-row").await.unwrap().unwrap();
    browser.go(&format!("/admin/keys/{id}")).await;
    browser.click("#proxy option:nth-child(2)").await;
    browser.click("[action$=edit] button").await;
    eventually("it is bound", || async {
        let key = administrator.get(&format!("/api/admin/keys/{id}")).send().await.json();
        key["proxy"].is_string()
    })
    .await;
    browser.go("/admin/keys").await;
    browser.until_text(&format!("#key-{id} [data-testid=proxy]"), "bound").await;
    browser.close().await;
}

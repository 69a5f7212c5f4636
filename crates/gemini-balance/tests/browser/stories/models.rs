use fake_gemini::{FakeGemini, KeyPlan, Script};
use testkit::{MODEL, Surface, eventually, key};
use thirtyfour::prelude::*;

use crate::browser::Browser;
use crate::house::{setup, small};

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
    browser.click("details:has(#fallbacks) summary").await;
    browser.fill("#fallbacks", "gemini-2.5-flash-lite, nothing-of-googles").await;
    browser.click("button[value=fallbacks]").await;
    browser.until_text("[role=alert]", "nothing-of-googles").await;
    browser.examine("a stand-in that is none").await;
    browser.click("details:has(#fallbacks) summary").await;
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

#[tokio::test(flavor = "multi_thread")]
async fn models_of_googles_list_are_marked_chosen_and_hidden() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    gateway.records().await.saw_models(&["gemini-3.1-flash-lite"]).await;
    browser.go("/admin/models").await;
    browser.until_count("[data-testid=model]", 1).await;
    browser.until_text("[data-testid=retiring]", "2027-05-07").await;
    browser.click("[data-testid=refresh]").await;
    browser.until_text("[data-row='gemini-3.8-flash'] [data-testid=new]", "new").await;
    assert_eq!(browser.count("[data-row='gemini-3.1-flash-lite'] [data-testid=new]").await, 0);
    assert!(browser.count("[data-testid=family]").await > 4);
    browser.until_text("[data-row='gemini-3.8-flash'] [data-testid=standing]", "1").await;
    browser.examine("models of Google's list").await;

    browser.click("[data-row='gemini-3.8-flash'] input[name=id]").await;
    browser.click("[data-row='gemini-3.7-flash'] input[name=id]").await;
    browser.until_text("[data-testid=chosen]", "2 selected").await;
    browser.examine("models with a selection").await;
    browser.click("#act button[value=hide]").await;
    browser.until_count("[data-testid=hidden]", 2).await;
    for name in ["gemini-3.8-flash", "gemini-3.7-flash"] {
        browser.click(&format!("[data-row='{name}'] input[name=id]")).await;
    }
    browser.click("#act button[value=show]").await;
    browser.until_count("[data-testid=hidden]", 0).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_valid_key_there_is_nothing_to_list() {
    let script = Script::new().key(key("bad"), KeyPlan::Leaked);
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys([key("bad")]).start().await;
    assert_eq!(gateway.client().chat("hi").send().await.status, 503);
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/models").await;
    browser.until_text("[data-testid=no-key]", "No key is valid yet").await;
    browser.examine("models without a key").await;
    browser.click("[data-testid=no-key] a").await;
    browser.until_path("/admin/keys").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_tried_with_some_keys() {
    let names = ["a", "b", "c", "d"].map(key);
    let script = Script::new().keys(names.clone(), &KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys(names).start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    let address = format!("/admin/models/{MODEL}");
    browser.go(&address).await;
    browser.until_text("[data-testid=retires]", "2026-10-16").await;
    browser.until_text("[data-testid=context]", "1,048,576").await;
    assert!(browser.count("[data-testid=limit]").await >= 3, "the published ones are there");
    browser.click("[data-testid=test]").await;
    browser.until_text("h1", "Testing a model").await;
    browser.until_text("[data-testid=about]", MODEL).await;
    browser.until_text("[data-testid=job-ok]", "3 ok").await;
    browser.until_count("[data-testid=result]", 3).await;
    browser.examine("a model's test").await;
    browser.go(&address).await;
    browser.until_count("[data-testid=trial]", 3).await;
    browser.until_text("[data-testid=trial] .gb-state", "answers").await;
    browser.examine("a model that was tested").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stand_ins_are_put_in_order_by_buttons_and_keys() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go(&format!("/admin/models/{MODEL}")).await;
    for name in ["gemini-3.5-flash", "gemini-3.8-flash", "gemini-3.7-flash"] {
        browser.fill("#fallback", name).await;
        browser.click("button[value=fallback]").await;
        browser.until_text("[data-testid=fallback]:last-child", name).await;
    }
    let order = || async {
        let script = "return [...document.querySelectorAll('[data-testid=fallback] a')]\
                      .map((one) => one.textContent.slice(7, 10)).join()";
        browser.run(script).await.as_str().unwrap().to_owned()
    };
    assert_eq!(order().await, "3.5,3.8,3.7");
    browser.click("[data-testid=fallback]:last-child button[value=raise]").await;
    eventually("the last one has moved up", || async { order().await == "3.5,3.7,3.8" }).await;
    browser.examine("a chain of stand-ins").await;
    let alt_up = Key::Alt + Key::Up;
    let focused = browser.driver.active_element().await.unwrap();
    focused.send_keys(alt_up).await.unwrap();
    eventually("it is the first", || async { order().await == "3.7,3.5,3.8" }).await;
    browser.click("[data-testid=fallback]:first-child button[value=unfallback]").await;
    eventually("it is gone", || async { order().await == "3.5,3.8" }).await;
    browser.close().await;
}

use fake_gemini::{FakeGemini, KeyPlan, Script};
use serde_json::json;
use testkit::{eventually, key};

use crate::browser::Browser;
use crate::house::{PASSWORD, setup, small};

#[tokio::test(flavor = "multi_thread")]
async fn all_that_match_are_verified_and_the_bad_ones_deleted_and_brought_back() {
    let mut script = Script::new();
    let names: Vec<String> = (0..130).map(|number| key(&format!("many{number}"))).collect();
    for (number, name) in names.iter().enumerate() {
        let plan = if number < 110 { KeyPlan::Leaked } else { KeyPlan::Valid };
        script = script.key(name.clone(), plan);
    }
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys(names).start().await;
    let pause = json!({"action": "pause", "filter": {}, "minutes": 60}).to_string();
    let administrator = gateway.client_with(PASSWORD);
    assert_eq!(administrator.post("/api/admin/keys/act", pause).send().await.status, 202);
    let Some(browser) = Browser::signed_in(&gateway).await else { return };

    eventually("all are left alone", || async {
        browser.go("/admin/keys?status=cooling&per=25").await;
        browser.text("[data-testid=tab-cooling] b").await == "130"
    })
    .await;
    browser.click("#choose-page").await;
    browser.until_text("[data-testid=chosen]", "25 selected").await;
    browser.click("[data-choose-all]").await;
    browser.until_text("[data-testid=chosen]", "130 selected").await;
    browser.examine("keys with a selection").await;
    browser.click("#act button[value=verify]").await;
    browser.until_text("#confirm-all", "130 keys are meant").await;
    browser.examine("a question").await;
    browser.click("#confirm-all button[name=action]").await;
    browser.until_text("[data-testid=job-state]", "finished").await;
    browser.until_text("[data-testid=job-done]", "130 of 130").await;
    browser.until_text("[data-testid=job-ok]", "20 ok").await;
    browser.until_text("[data-testid=job-failed]", "110 failed").await;
    browser.examine("a job").await;

    browser.click("a[href$='code=leaked']").await;
    browser.until_count("[data-testid=result]", 110).await;
    browser.click("[data-testid=delete-these]").await;
    browser.find("#delete-these[open]").await;
    browser.examine("how many are to be deleted").await;
    browser.fill("#confirm", "11").await;
    browser.click("#delete-these button[data-variant=destructive]").await;
    assert_eq!(browser.count("#delete-these[open]").await, 1, "another number was typed");
    browser.fill("#confirm", "110").await;
    browser.click("#delete-these button[data-variant=destructive]").await;
    browser.until_text("h1", "Deleting keys").await;
    browser.until_text("[data-testid=job-ok]", "110 ok").await;
    browser.click("form[action$=undo] button").await;
    browser.until_text("h1", "Bringing keys back").await;
    browser.until_text("[data-testid=job-ok]", "110 ok").await;
    eventually("the pool has them again", || async {
        browser.go("/admin/keys").await;
        browser.text("[data-testid=keys-about]").await.contains("130 keys")
    })
    .await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_key_comes_back_by_a_button_that_is_there_for_a_while() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/keys?sort=key").await;
    let id = browser.find("[data-testid=key]").await.attr("data-row").await.unwrap().unwrap();
    browser.click("[data-testid=key] input[name=id]").await;
    browser.until_text("[data-testid=chosen]", "1 selected").await;
    browser.click("[data-dialog=remove-keys]").await;
    browser.until_text("#remove-keys", "Delete the chosen keys (1)?").await;
    assert!(!browser.find("#confirm").await.is_displayed().await.unwrap(), "one is not many");
    browser.click("#remove-keys button[value=remove]").await;
    browser.until_text("[data-testid=undo]", "deleted: 1").await;
    let url = browser.driver.current_url().await.unwrap();
    assert!(url.query().unwrap().contains("sort=key"), "the filter is lost: {url}");
    browser.examine("keys that can be brought back").await;
    let there = format!("/api/admin/keys/{id}");
    let status = || async { gateway.client_with(PASSWORD).get(&there).send().await.status };
    eventually("it is gone", || async { status().await == 404 }).await;
    browser.click("[data-testid=undo] button").await;
    browser.until_text("[data-testid=job-ok]", "1 ok").await;
    eventually("it is back under its id", || async { status().await == 200 }).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_done_to_a_row_is_in_its_menu() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/keys").await;
    browser.click("[data-row-menu]").await;
    browser.find("#row-menu[open]").await;
    browser.until_text("#row-title", "AIzaSy…").await;
    browser.examine("the menu of a row").await;
    browser.click("#row-menu button[value=pause]").await;
    browser.until_text("[data-testid=job-ok]", "1 ok").await;
    browser.go("/admin/keys?status=cooling").await;
    browser.until_count("[data-testid=key]", 1).await;
    browser.until_text("[data-testid=key] .gb-state", "Cooling").await;
    browser.until_text("[data-testid=key] .gb-state [data-until]", "4:5").await;
    browser.click("[data-testid=key] [data-open]").await;
    browser.until_text(".gb-broken", "left alone").await;
    browser.fill("#note", "of the old laptop").await;
    browser.click("[action$=edit] button").await;
    eventually("the note is kept", || async {
        let note = "return document.querySelector('#note')?.value";
        browser.run(note).await == "of the old laptop"
    })
    .await;
    browser.examine("a key that is left alone").await;
    browser.click("button[value=reset]").await;
    browser.until_text("[data-testid=job-ok]", "1 ok").await;
    browser.go("/admin/keys?status=cooling").await;
    browser.until_count("[data-testid=key]", 0).await;
    browser.go("/admin/keys").await;
    browser.click("[data-row-menu]").await;
    browser.click("[data-dialog=remove-key]").await;
    browser.until_text("#remove-key", "Delete this key?").await;
    browser.click("#remove-key button[value=remove]").await;
    browser.until_text("[data-testid=undo]", "deleted: 1").await;
    browser.close().await;
}

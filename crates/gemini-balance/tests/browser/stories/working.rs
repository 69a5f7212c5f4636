//! Work at the server: told of on every page, stopped there, taken back.

use fake_gemini::{FakeGemini, Fault, KeyPlan, Script};
use serde_json::json;
use testkit::{eventually, key};

use crate::browser::Browser;
use crate::house::{PASSWORD, setup, small};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_told_of_and_stopped_on_any_page() {
    let script = Script::new().key(key("slow"), KeyPlan::Fault(Fault::Hang));
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys([key("slow")]).start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    let verify = json!({"action": "verify", "filter": {}}).to_string();
    let administrator = gateway.client_with(PASSWORD);
    assert_eq!(administrator.post("/api/admin/keys/act", verify).send().await.status, 202);
    browser.go("/admin/models").await;
    browser.until_text("[data-testid=docked]", "Verifying keys").await;
    browser.until_text("[data-testid=docked]", "Open results").await;
    browser.examine("a job in the dock").await;
    browser.click("[data-testid=dock-cancel]").await;
    eventually("it has stopped", || async {
        let jobs = administrator.get("/api/admin/jobs").send().await.json();
        jobs[0]["finished"] == true && jobs[0]["ok"] == 0
    })
    .await;
    browser.until_count("[data-testid=dock-cancel]", 0).await;
    browser.click("[data-testid=docked] p a").await;
    browser.until_text("[data-testid=job-state]", "cancelled").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_and_labels_are_undone_from_the_list() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    let state = "[data-testid=key]:first-of-type";
    browser.go("/admin/keys?sort=key").await;
    browser.click("[data-testid=key] input[name=id]").await;
    browser.click("#act button[value=disable]").await;
    browser.until_text("[data-testid=undo]", "disabled: 1").await;
    browser.examine("keys that can be enabled again").await;
    eventually("it is disabled", || async { gateway.keys("disabled").await == 1 }).await;
    browser.click("[data-testid=undo] button").await;
    browser.until_text("h1", "Enabling keys again").await;
    browser.until_text("[data-testid=job-ok]", "1 ok").await;
    eventually("it serves again", || async { gateway.keys("disabled").await == 0 }).await;

    browser.go("/admin/keys?sort=key").await;
    browser.click("[data-testid=key] input[name=id]").await;
    browser.fill("#act [name=label]", "old").await;
    browser.click("#act button[value=tag]").await;
    browser.until_text("[data-testid=undo]", "tagged: 1").await;
    eventually("it has the label", || async {
        browser.driver.refresh().await.unwrap();
        browser.text(state).await.contains("old")
    })
    .await;
    browser.click("[data-testid=undo] button").await;
    browser.until_text("h1", "Taking a label away").await;
    browser.until_text("[data-testid=job-ok]", "1 ok").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_with_keys_is_told_before_a_jobs_results_are_deleted() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    let file = gateway.client().post("/upload/v1beta/files?uploadType=media", "a text");
    let file = file.without("content-type").header("content-type", "text/plain");
    assert_eq!(file.send().await.status, 200);
    let administrator = gateway.client_with(PASSWORD);
    eventually("the file is in the register", || async {
        let files = administrator.get("/api/admin/files").send().await.json();
        files["files"].as_array().is_some_and(|files| files.len() == 1)
    })
    .await;
    let verify = json!({"action": "reset", "filter": {}}).to_string();
    assert_eq!(administrator.post("/api/admin/keys/act", verify).send().await.status, 202);
    browser.go("/admin/jobs").await;
    browser.click("main li a").await;
    browser.until_text("[data-testid=job-state]", "finished").await;
    browser.click("a[href$='code=done']").await;
    browser.click("[data-testid=delete-these]").await;
    browser.until_text("[data-testid=losses]", "1 live files").await;
    browser.examine("what goes with keys").await;
    browser.close().await;
}

use fake_gemini::{FakeGemini, KeyPlan, Script};
use testkit::{Client, Gateway, eventually, key};

use crate::browser::Browser;
use crate::house::{PASSWORD, setup, small};

/// Uploads a file of this name, in one request.
async fn upload(client: &Client, name: &str) {
    let metadata = serde_json::json!({"file": {"displayName": name}});
    let body = format!(
        "--x\r\nContent-Type: application/json\r\n\r\n{metadata}\r\n\
         --x\r\nContent-Type: text/plain\r\n\r\nnotes\r\n--x--\r\n"
    );
    let ask = client.post("/upload/v1beta/files?uploadType=multipart", body);
    let ask = ask.without("content-type").header("content-type", "multipart/related; boundary=x");
    let uploaded = ask.send().await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.text());
}

/// A gateway with a key that works, and so many files.
async fn with_files(count: usize) -> (FakeGemini, Gateway) {
    let script = Script::new().key(key("good"), KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys([key("good")]).start().await;
    for number in 0..count {
        upload(&gateway.client(), &format!("notes {number}.txt")).await;
    }
    (google, gateway)
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_found_and_all_that_match_are_deleted() {
    let (google, gateway) = with_files(30).await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/files?per=25").await;
    browser.until_count("[data-testid=file]", 25).await;
    browser.until_text("[data-testid=project-use]", "30 files").await;
    browser.until_text("tbody tr:first-child [data-until]", "47:5").await;
    browser.examine("files").await;
    browser.click("a[rel=next]").await;
    browser.until_count("[data-testid=file]", 5).await;
    browser.go("/admin/files?sort=made").await;
    browser.until_text("[data-testid=file]", "notes 0.txt").await;
    browser.find("th[aria-sort=ascending]").await;

    browser.go("/admin/files?per=25&type=file").await;
    browser.click("#choose-page").await;
    browser.until_text("[data-testid=chosen]", "25 selected").await;
    browser.click("[data-choose-all]").await;
    browser.until_text("[data-testid=chosen]", "30 selected").await;
    browser.examine("files with a selection").await;
    browser.click("[data-dialog=delete-files]").await;
    browser.examine("deleting files").await;
    browser.click("#delete-files [value=delete]").await;
    browser.until_text("[data-testid=job-state]", "finished").await;
    browser.until_text("[data-testid=job-ok]", "30 ok").await;
    browser.examine("a job over files").await;
    browser.go("/admin/files").await;
    browser.until_text("main", "Nothing was made yet").await;
    browser.examine("no files").await;
    assert_eq!(google.strays(), 0);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_deletes_a_key_is_warned_of_its_files() {
    let (google, gateway) = with_files(2).await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/keys").await;
    browser.click("#choose-page").await;
    browser.click("[data-dialog=remove-keys]").await;
    browser.until_text("[data-testid=losses]", "2 live files").await;
    browser.examine("deleting a key with files").await;
    browser.click("#remove-keys [data-close]").await;
    browser.click("[data-row-menu]").await;
    browser.click("[data-dialog=remove-key]").await;
    browser.until_text("[data-testid=losses-one]", "2 live files").await;
    browser.examine("deleting a key by its row's menu").await;
    browser.click("#remove-key [data-close]").await;
    browser.click("#row-menu [data-close]").await;

    google.script().update(|script| script.key(key("good"), KeyPlan::Leaked));
    gateway.client().generate("hi").send().await;
    browser.go("/admin/files?state=unreachable").await;
    browser.until_count("[data-testid=file][data-state=unreachable]", 2).await;
    browser.click("#choose-page").await;
    browser.click("[data-dialog=delete-files]").await;
    browser.click("#delete-files [value=delete]").await;
    browser.until_text("[data-testid=job-failed]", "2 failed").await;
    browser.click("a[href$='code=unreachable']").await;
    browser.until_text("[data-testid=delete-these]", "Forget these 2").await;
    browser.click("[data-testid=delete-these]").await;
    browser.until_text("[data-testid=job-ok]", "2 ok").await;
    browser.go("/admin/files").await;
    browser.until_text("main", "Nothing was made yet").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_see_files_and_proxies_and_change_nothing() {
    let (_google, gateway) = with_files(1).await;
    let made = gateway.run(&["admin", "add", "eve", "--role", "viewer"]).await.ok();
    let Some(browser) = Browser::open(&gateway).await else { return };
    browser.go("/admin/login").await;
    browser.fill("#name", "eve").await;
    browser.fill("#password", made.trim()).await;
    browser.click("form.gb-door-card button").await;
    super::people::choose(&browser).await;
    browser.until_path("/admin").await;
    browser.go("/admin/files").await;
    browser.until_count("[data-testid=file]", 1).await;
    assert_eq!(browser.count("main input[type=checkbox], main [data-dialog], #act").await, 0);
    browser.examine("files, as a viewer").await;
    browser.go("/admin/proxies").await;
    browser.until_count("[data-testid=proxy]", 1).await;
    assert_eq!(browser.count("main form").await, 0);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_on_the_empty_page_works() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/files").await;
    let example = browser.text("#example").await;
    let address = example.split('"').nth(1).unwrap().to_owned();
    let path = address.strip_prefix(&format!("http://{}", gateway.address())).unwrap();
    let ask = gateway.client().post(path, "notes").without("content-type");
    let uploaded = ask.header("content-type", "text/plain").send().await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.text());
    let administrator = gateway.client_with(PASSWORD);
    eventually("the file is listed", || async {
        administrator.get("/api/admin/files").send().await.json()["matching"] == 1
    })
    .await;
    browser.close().await;
}

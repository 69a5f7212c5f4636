use std::net::TcpListener;

use fake_gemini::{FakeGemini, KeyPlan, Script};
use testkit::{Gateway, key};

use crate::browser::Browser;
use crate::house::setup;

async fn ask(gateway: &Gateway, times: usize) {
    for _ in 0..times {
        assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_followed_held_and_followed_again_after_a_restart() {
    let google = FakeGemini::start(Script::new().key(key("good"), KeyPlan::Valid)).await.unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let setup = setup().google(&google).keys([key("good")]);
    let mut gateway = setup.with("LISTEN", format!("127.0.0.1:{port}")).start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/logs?live=1").await;
    browser.find("#live[data-state=live]").await;
    ask(&gateway, 5).await;
    browser.until_count("[data-testid=request]", 5).await;
    browser.examine("requests as they come").await;

    browser.find("body").await.send_keys(" ").await.unwrap();
    browser.find("#hold[aria-pressed=true]").await;
    ask(&gateway, 5).await;
    browser.until_text("#held", "5 new").await;
    assert_eq!(browser.count("[data-testid=request]").await, 5, "they are held");
    browser.examine("requests that are held").await;
    browser.click("#hold").await;
    browser.until_count("[data-testid=request]", 10).await;
    assert!(!browser.find("#held").await.is_displayed().await.unwrap());

    gateway.stop().await;
    browser.find("#live[data-state=reconnecting]").await;
    gateway.start_again().await;
    browser.find("#live[data-state=live]").await;
    ask(&gateway, 1).await;
    browser.until_count("[data-testid=request]", 11).await;
    let different = "return new Set([...document.querySelectorAll('[data-testid=request]')]\
                     .map((row) => row.dataset.row)).size";
    assert_eq!(browser.run(different).await, 11, "a request is there twice");
    browser.close().await;
}

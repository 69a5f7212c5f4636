use fake_gemini::{FakeGemini, KeyPlan, Script};
use testkit::{Passage, key};

use crate::browser::Browser;
use crate::house::setup;

#[tokio::test(flavor = "multi_thread")]
async fn proxies_are_pasted_tested_looked_at_and_removed() {
    let names = ["k1", "k2", "k3", "k4", "k5", "k6"].map(key);
    let script = Script::new().keys(names.clone(), &KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys(names).start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/proxies").await;
    browser.until_text("main", "calls go to Google directly").await;
    browser.until_count("[data-testid=proxy]", 1).await;

    let works = Passage::http().await;
    let good = format!("http://ann:canary-password@{}", works.address());
    browser.fill("#paste", &format!("{good}\nftp://nothing")).await;
    browser.click("#add-proxies button").await;
    browser.until_text("[role=alert]", "line 2").await;
    browser.examine("a proxy that is none").await;
    let kept = browser.run("return document.querySelector('#paste').value").await;
    assert!(kept.as_str().unwrap().contains("ftp://nothing"), "what was typed is gone");
    browser.fill("#paste", &format!("{good}\nsocks5://127.0.0.1:9")).await;
    browser.click("#add-proxies button").await;
    browser.until_count("[data-testid=proxy]", 2).await;
    testkit::eventually("the gateway has taken them up", || async {
        browser.go("/admin/proxies").await;
        browser.count("[data-testid=proxy][data-state=ready]").await == 2
    })
    .await;
    for _ in 0..6 {
        assert_eq!(gateway.client().generate("hi").send().await.status, 200);
    }
    browser.click("[data-testid=test-all]").await;
    browser.until_text("[data-testid=job-state]", "finished").await;
    browser.until_text("[data-testid=job-ok]", "1 ok").await;
    browser.until_text("[data-testid=job-failed]", "1 failed").await;
    browser.examine("a test of proxies").await;
    browser.click("[data-testid=result] a").await;
    browser.find("[data-testid=last-test]").await;
    browser.examine("a proxy").await;

    browser.go("/admin/proxies").await;
    browser.examine("proxies").await;
    browser.resize(390, 844).await;
    browser.examine("proxies on a phone").await;
    browser.click("[data-testid=proxy]:nth-child(2) a").await;
    browser.examine("a proxy on a phone").await;
    browser.click("[data-dialog=remove-proxy]").await;
    browser.click("#remove-proxy form button:not([type])").await;
    browser.until_count("[data-testid=proxy]", 1).await;
    let source = browser.driver.source().await.unwrap();
    assert!(!source.contains("canary"), "a password in clear");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn proxies_are_drained_rebalanced_and_switched_on_again() {
    let names = ["k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8"].map(key);
    let script = Script::new().keys(names.clone(), &KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let (left, right) = (Passage::http().await, Passage::http().await);
    let proxies = format!("http://{},http://{}", left.address(), right.address());
    let exit = format!("http://{}/nothing", google.address());
    let setup = setup().google(&google).keys(names).with("PROXIES", proxies);
    let gateway = setup.with("EXIT_IP_URL", exit).start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/proxies").await;
    browser.until_count("[data-testid=proxy][data-state=ready]", 2).await;
    browser.click("[data-testid=test-all]").await;
    browser.until_text("[data-testid=job-state]", "finished").await;
    browser.go("/admin/proxies").await;
    browser.click("[data-testid=proxy] a").await;
    browser.until_text("[data-testid=exit]", "EXIT_IP_URL").await;
    browser.click("[data-testid=drain]").await;
    testkit::eventually("it is drained", || async {
        browser.go("/admin/proxies").await;
        browser.count("[data-testid=proxy][data-state=disabled]").await == 1
    })
    .await;
    browser.examine("a drained proxy in the list").await;
    browser.click("[data-testid=proxy][data-state=disabled] a").await;
    browser.examine("a drained proxy").await;
    browser.click("[data-testid=on]").await;
    testkit::eventually("it is up again", || async {
        browser.go("/admin/proxies").await;
        browser.count("[data-testid=proxy][data-state=ready]").await == 2
    })
    .await;
    browser.click("[data-testid=rebalance]").await;
    browser.until_count("[data-testid=share]", 2).await;
    browser.examine("what rebalancing would do").await;
    browser.resize(390, 844).await;
    browser.examine("what rebalancing would do, on a phone").await;
    let moves = browser.text("[data-testid=moves]").await;
    if !moves.contains("as evenly") {
        browser.click("[data-testid=confirm]").await;
        browser.until_path("/admin/proxies").await;
    }
    browser.close().await;
}

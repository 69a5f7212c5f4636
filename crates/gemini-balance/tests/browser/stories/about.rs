//! Getting about: the palette, the dock of jobs, ranges by keys, from a chart into the log.

use serde_json::json;
use testkit::{MODEL, eventually, key};
use thirtyfour::prelude::*;

use crate::browser::Browser;
use crate::house::{setup, small};

async fn type_into_palette(browser: &Browser, text: &str) {
    browser.click("#palette-open").await;
    browser.find("#palette input").await.send_keys(text).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_palette_finds_lists_in_both_languages_keys_by_their_ends_and_does_things() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    type_into_palette(&browser, "冷却中").await;
    browser.until_text("#palette [aria-selected=true]", "Cooling").await;
    browser.examine("what the palette found").await;
    browser.find("#palette input").await.send_keys("" + Key::Enter).await.unwrap();
    browser.until_path("/admin/keys").await;
    assert_eq!(browser.run("return location.search").await, "?status=cooling");

    let good = key("good");
    let end = &good[good.len() - 4..];
    type_into_palette(&browser, end).await;
    browser.click("#palette [data-find^='/admin/keys']:not([hidden])").await;
    browser.until_count("[data-testid=key]", 1).await;

    type_into_palette(&browser, "0199aaaa-0000").await;
    browser.until_count("#palette [data-find^='/admin/logs']:not([hidden])", 1).await;
    browser.find("#palette input").await.send_keys("" + Key::Escape).await.unwrap();
    let is_dark = "return document.documentElement.classList.contains('dark')";
    let before = browser.run(is_dark).await;
    type_into_palette(&browser, "light and dark").await;
    browser.find("#palette input").await.send_keys("" + Key::Enter).await.unwrap();
    assert_ne!(browser.run(is_dark).await, before);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_followed_from_any_page() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/tokens").await;
    let verify = "const [done] = arguments; fetch('/api/admin/keys/act', { method: 'POST', \
        headers: { 'content-type': 'application/json' }, \
        body: JSON.stringify({ action: 'verify', filter: {} }) }).then((answer) => done(answer.status))";
    let began = browser.driver.execute_async(verify, vec![]).await.unwrap();
    assert_eq!(began.json(), &json!(202));
    browser.until_text("[data-testid=docked]", "2 / 2").await;
    browser.until_text("[data-testid=docked]", "Verifying keys").await;
    browser.examine("a job in the dock").await;
    browser.resize(390, 844).await;
    browser.examine("a job in the dock of a phone").await;
    browser.click("[data-testid=docked] button").await;
    browser.until_count("[data-testid=docked]", 0).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_leads_to_the_requests_of_a_time() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    for _ in 0..2 {
        assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    }
    eventually("the requests are counted", || async {
        browser.go("/admin").await;
        browser.text("[data-testid=requests]").await == "2"
    })
    .await;
    browser.find("body").await.send_keys("1").await.unwrap();
    eventually("the last hour is shown", || async {
        browser.run("return location.search").await == "?range=1h"
    })
    .await;
    browser.until_count(".gb-chart g", 60).await;
    let drag = "const chart = document.querySelector('.gb-chart'); chart.scrollIntoView(); \
        const box = chart.getBoundingClientRect(); \
        const at = (kind, share) => chart.dispatchEvent(new PointerEvent(kind, { button: 0, \
            pointerId: 1, clientX: box.left + box.width * share, clientY: box.top + 9 })); \
        chart.setPointerCapture = () => {}; \
        at('pointerdown', .5); at('pointermove', .999); \
        const width = document.querySelector('.gb-brush').getAttribute('width'); \
        at('pointerup', .999); return width";
    assert_eq!(browser.run(drag).await, "300");
    browser.until_path("/admin/logs").await;
    browser.until_count("[data-testid=request]", 2).await;
    browser.examine("requests of a time").await;
    browser.click("[data-testid=interval]").await;
    browser.until_count("[data-testid=interval]", 0).await;

    browser.go("/admin?range=1h").await;
    browser.click(".gb-figure summary").await;
    browser.click(".gb-figure tbody tr:last-child a").await;
    browser.until_count("[data-testid=interval]", 1).await;
    browser.go("/admin").await;
    browser.click(&format!("[href='/admin/models/{MODEL}']")).await;
    browser.until_text("h1", MODEL).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_leaves_as_a_file_and_a_trace_leads_to_the_playground() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    super::tokens::make(&browser, "laptop").await;
    browser.go("/admin/audit?action=tokens&range=1h").await;
    let address = browser.find("[data-testid=export]").await.attr("href").await.unwrap().unwrap();
    let script = "const [address, done] = arguments; \
        fetch(address).then((file) => file.text()).then(done)";
    let file = browser.driver.execute_async(script, vec![address.into()]).await.unwrap();
    let lines: Vec<serde_json::Value> = file
        .json()
        .as_str()
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(
        (&lines[0]["action"], &lines[0]["detail"]),
        (&json!("tokens.create"), &json!("laptop"))
    );

    assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    eventually("the request is in the log", || async {
        browser.go("/admin/logs").await;
        browser.count("[data-testid=request]").await == 1
    })
    .await;
    browser.click("[data-testid=request] a").await;
    browser.click("[data-testid=replay]").await;
    browser.until_path("/admin/play").await;
    assert_eq!(browser.find("#model").await.prop("value").await.unwrap().as_deref(), Some(MODEL));
    browser.go("/admin/system/diagnostics").await;
    let bundle = browser.run("return document.querySelector('#bundle').textContent").await;
    assert!(bundle.as_str().unwrap().starts_with("gemini-balance "), "{bundle}");
    assert!(!bundle.as_str().unwrap().contains(&key("good")));
    browser.close().await;
}

/// What was transferred for the page that is open, as it went over the wire: the page, and all.
async fn weight(browser: &Browser) -> (u64, u64) {
    let script = "const sizes = (kind) => performance.getEntriesByType(kind) \
            .reduce((sum, one) => sum + one.encodedBodySize, 0); \
        return [sizes('navigation'), sizes('navigation') + sizes('resource')]";
    let sizes = browser.run(script).await;
    (sizes[0].as_u64().unwrap(), sizes[1].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_light() {
    let keys = (0..60).map(|number| key(&format!("light{number}")));
    let gateway = setup().keys(keys).start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin").await;
    browser.until_text("#live span", "rpm").await;
    let (page, all) = weight(&browser).await;
    println!("the overview: {page} bytes, with all that it is made of {all}");
    assert!(page > 1_000 && all > page && all <= 150_000, "{all} bytes at first");
    browser.go("/admin/keys").await;
    browser.until_count("[data-testid=key]", 50).await;
    let (page, _) = weight(&browser).await;
    println!("50 keys: {page} bytes");
    assert!(page <= 15_000, "{page} bytes for 50 keys");
    browser.close().await;
}

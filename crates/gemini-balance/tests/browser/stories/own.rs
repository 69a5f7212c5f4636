use testkit::key;

use crate::browser::Browser;
use crate::house::{PASSWORD, small};

#[tokio::test(flavor = "multi_thread")]
async fn somebody_chooses_columns_and_how_dense_rows_are() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/keys").await;
    browser.until_count("th", 9).await;
    browser.click("[data-dialog=view]").await;
    browser.examine("what is shown").await;
    browser.click("#look [value=trend]").await;
    browser.click("#look [value=project]").await;
    browser.click("#look [value=weight]").await;
    browser.click("#look [value=compact]").await;
    browser.click("#look button:not([type])").await;
    browser.find("[data-density=compact]").await;
    browser.until_path("/admin/keys").await;
    browser.until_count("th", 8).await;
    browser.examine("fewer columns").await;
    browser.go("/admin/keys?sort=weight").await;
    browser.until_count("th[aria-sort=ascending]", 1).await;
    browser.until_count("th", 8).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_gets_a_name_and_a_place_in_the_navigation_until_it_is_forgotten() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/keys?per=25").await;
    browser.find("[data-slash]").await.send_keys("AIza").await.unwrap();
    browser.find("#listing[data-filter*='q=AIza']").await;
    browser.click("[data-dialog=view]").await;
    browser.fill("#view-name", "<mine>").await;
    browser.click("#save-view [name=pinned]").await;
    browser.click("#save-view button").await;
    browser.until_text("[data-testid=pinned]", "<mine>").await;
    browser.go("/admin/settings").await;
    browser.click("[data-testid=pinned] a").await;
    browser.until_path("/admin/keys").await;
    let url = browser.driver.current_url().await.unwrap();
    assert_eq!(url.query(), Some("q=AIza&per=25"), "{url}");
    browser.click("[data-dialog=view]").await;
    browser.until_count("[data-testid=view]", 1).await;
    browser.examine("a saved view").await;
    browser.click("[data-testid=view] form[action$=pin] button").await;
    browser.until_count("[data-testid=pinned]", 0).await;
    browser.click("[data-dialog=view]").await;
    browser.click("[data-testid=view] form[action$=forget] button").await;
    browser.until_count("[data-testid=view]", 0).await;

    browser.go("/admin/logs?model=a%2Fb&range=24h").await;
    browser.click("[data-dialog=view]").await;
    browser.fill("#view-name", "of a day").await;
    browser.click("#save-view [name=pinned]").await;
    browser.click("#save-view button").await;
    browser.click("[data-testid=pinned] a").await;
    browser.until_path("/admin/logs").await;
    let url = browser.driver.current_url().await.unwrap();
    assert_eq!(url.query(), Some("model=a%2Fb&range=24h"), "{url}");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_filter_finds_is_exported_without_secrets() {
    let (_google, gateway) = small().await;
    assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    let get = |path: &'static str| gateway.client_with(PASSWORD).get(path).send();
    let csv = get("/admin/keys/export?format=csv").await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(csv.header("content-disposition").unwrap().contains("keys.csv"));
    let text = csv.text();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.starts_with("id,key,name,status"), "{text}");
    assert!(!text.contains(&key("good")), "a key in clear");
    let json = get("/admin/keys/export?format=json&q=nothing").await.json();
    assert_eq!(json, serde_json::json!([]));
    let json = get("/admin/keys/export?format=json").await.json();
    assert_eq!(json.as_array().unwrap().len(), 2);
    assert_eq!(get("/admin/keys/export?format=xml").await.status, 400);

    testkit::eventually("the request is in the log", || async {
        get("/admin/logs/export?format=jsonl").await.text().lines().count() == 1
    })
    .await;
    let line = get("/admin/logs/export?format=jsonl&code=2xx").await.text();
    let line: serde_json::Value = serde_json::from_str(line.trim()).unwrap();
    assert_eq!((&line["status"], &line["dialect"]), (&200.into(), &"openai".into()));
    let table = get("/admin/logs/export?code=2xx").await.text();
    assert_eq!(table.lines().count(), 2, "{table}");
    assert_eq!(get("/admin/logs/export?code=5xx").await.text().lines().count(), 1);
    assert_eq!(get("/admin/logs/export?code=many").await.status, 400);
}

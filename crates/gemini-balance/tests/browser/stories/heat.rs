use fake_gemini::{FakeGemini, KeyPlan, Quota, Script};
use serde_json::{Value, json};
use testkit::{Gateway, eventually, key};

use crate::browser::Browser;
use crate::house::{PASSWORD, setup};

/// Puts both keys into one project; gives the key that has not served yet.
async fn share_a_project(gateway: &Gateway) -> Vec<String> {
    let administrator = gateway.client_with(PASSWORD);
    let list = || async { administrator.get("/api/admin/keys").send().await.json() };
    let keys = list().await["keys"].as_array().unwrap().clone();
    let ids: Vec<String> = keys.iter().map(|key| key["id"].as_str().unwrap().into()).collect();
    for id in &ids {
        let ask = administrator.request("PATCH", &format!("/api/admin/keys/{id}"));
        let ask = ask.header("content-type", "application/json");
        let changed = ask.body(json!({"project": "shop & co"}).to_string()).send().await;
        assert_eq!(changed.status, 204);
    }
    let is_shared = |key: &Value| key["domain"] == json!({"project": "shop & co"});
    eventually("the pool knows the project", || async {
        list().await["keys"].as_array().unwrap().iter().all(is_shared)
    })
    .await;
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_one_project_share_its_quota_and_it_shows() {
    let names = ["k1", "k2"].map(key);
    let script = Script::new()
        .keys(names.clone(), &KeyPlan::Valid)
        .project("shop", names.clone())
        .quota("shop", Quota::new().rpd(3));
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys(names).start().await;
    let ids = share_a_project(&gateway).await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.until_text("main", "No key was used today").await;
    for _ in 0..3 {
        assert_eq!(gateway.client().generate("hi").send().await.status, 200);
    }
    browser.go("/admin").await;
    browser.until_text(".gb-heat td a", "3").await;
    browser.examine("a quota of unknown size").await;
    assert_eq!(gateway.client().generate("hi").send().await.status, 429);

    browser.go("/admin").await;
    browser.until_text(".gb-heat td a[data-heat='10']", "100").await;
    browser.until_text(".gb-heat tbody th", "shared by 2 keys").await;
    browser.examine("a heat map").await;
    browser.go("/admin?quota=minute").await;
    browser.until_text(".gb-heat td a", "in the last minute").await;
    browser.go("/admin").await;
    for _ in 0..80 {
        let pressed = "\u{e004}";
        browser.driver.active_element().await.unwrap().send_keys(pressed).await.unwrap();
        let is_there = browser.run("return document.activeElement.dataset.heat ?? null").await;
        if !is_there.is_null() {
            break;
        }
    }
    let label = browser.run("return document.activeElement.textContent").await;
    let label = label.as_str().unwrap_or_default();
    assert!(label.contains("shop & co, gemini-") && label.contains("used up"), "{label}");
    for id in ids {
        browser.go(&format!("/admin/keys/{id}")).await;
        browser.until_text(".gb-state", "Exhausted").await;
        browser.until_text("main", "Shared by 2 keys").await;
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_of_many_models_does_not_widen_a_phones_page() {
    let (_google, gateway) = crate::house::small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    for model in ["gemini-2.5-flash", "gemini-2.5-pro", "gemini-3.8-flash", "gemini-3.5-flash"] {
        let path = format!("/v1beta/models/{model}:generateContent");
        let body = r#"{"contents":[{"parts":[{"text":"hi"}]}]}"#;
        assert_eq!(gateway.client().post(&path, body).send().await.status, 200, "{model}");
    }
    browser.resize(390, 844).await;
    eventually("all models are on the map", || async {
        browser.go("/admin").await;
        browser.count(".gb-heat thead th").await >= 5
    })
    .await;
    browser.examine("a heat map on a phone").await;
    browser.close().await;
}

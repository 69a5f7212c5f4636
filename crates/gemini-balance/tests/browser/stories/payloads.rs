use serde_json::json;
use testkit::{Gateway, MODEL, Surface, eventually, key};

use crate::browser::Browser;
use crate::house::{PASSWORD, small};

/// Each would set `window.hurt` if any page took it for more than text.
const PAYLOADS: [&str; 5] = [
    "<script>window.hurt = 1</script>",
    "\"><img src=x onerror=window.hurt=1>",
    "'-window.hurt=1-'",
    "<svg/onload=window.hurt=1>",
    "{{7*7}}${7*7}</title><script>window.hurt=1</script>",
];

/// Where all of that is shown.
const PAGES: [&str; 18] = [
    "/admin",
    "/admin/keys",
    "/admin/keys?q=%22%3E%3Cscript%3Ewindow.hurt%3D1%3C%2Fscript%3E&status=%22x&sort=%3Cb",
    "/admin/tokens",
    "/admin/logs",
    "/admin/logs?model=%3Cscript%3Ewindow.hurt%3D1%3C%2Fscript%3E",
    "/admin/files",
    "/admin/files?type=%3Cscript%3Ewindow.hurt%3D1%3C%2Fscript%3E&project=%22x&state=%3Cb",
    "/admin/models",
    "/admin/play",
    "/admin/proxies",
    "/admin/jobs",
    "/admin/settings?q=TEST_MODEL",
    "/admin/settings/history",
    "/admin/audit",
    "/admin/errors",
    "/admin/system",
    "/admin/nothing%3Cscript%3E",
];

/// Writes it wherever others write.
async fn leave_behind(gateway: &Gateway, number: usize, payload: &str) {
    let administrator = gateway.client_with(PASSWORD);
    let token = json!({"name": format!("{payload}{number}"), "note": payload}).to_string();
    assert_eq!(administrator.post("/api/admin/tokens", token).send().await.status, 201);
    let keys = json!({"keys": key(&format!("payload{number}"))}).to_string();
    assert_eq!(administrator.post("/api/admin/keys", keys).send().await.status, 202);
    let setting = json!({"TEST_MODEL": payload}).to_string();
    let ask = administrator.request("PATCH", "/api/admin/settings");
    ask.header("content-type", "application/json").body(setting).send().await;
    gateway.client().ask(Surface::OpenAi, payload, "hi", false).send().await;
    let made = json!({"model": format!("models/{MODEL}"), "displayName": payload}).to_string();
    let made = gateway.client().post("/v1beta/cachedContents", made).send().await;
    assert_eq!(made.status, 200, "{}", made.text());
    let talk = json!({"title": payload, "dialect": "gemini", "model": payload, "system": payload,
        "branches": [[{"role": "user", "text": payload}, {"role": "assistant", "answers": [payload]}]]});
    let kept = administrator.post("/api/admin/play/conversations", talk.to_string()).send().await;
    assert_eq!(kept.status, 201, "{}", kept.text());
    let form = format!("name={payload}&password=wrong");
    let door = gateway.client().anonymous("POST", "/admin/login");
    let door = door.header("content-type", "application/x-www-form-urlencoded");
    door.header("user-agent", payload).body(form).send().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_write_stays_text() {
    let (_google, gateway) = small().await;
    let administrator = gateway.client_with(PASSWORD);
    for (number, payload) in PAYLOADS.iter().enumerate() {
        leave_behind(&gateway, number, payload).await;
    }
    let all = || async { administrator.get("/api/admin/keys").send().await.json() };
    eventually("the pool has the keys", || async { all().await["total"] == 7 }).await;
    for (key, payload) in all().await["keys"].as_array().unwrap().iter().zip(PAYLOADS) {
        let path = format!("/api/admin/keys/{}", key["id"].as_str().unwrap());
        let change = json!({"name": payload, "project": payload, "note": payload}).to_string();
        let ask = administrator.request("PATCH", &path).header("content-type", "application/json");
        assert_eq!(ask.body(change).send().await.status, 204);
    }
    eventually("the requests are in the log", || async {
        let requests = administrator.get("/api/admin/requests").send().await.json();
        requests["requests"].as_array().unwrap().len() >= PAYLOADS.len()
    })
    .await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    for page in PAGES {
        browser.go(page).await;
        assert!(browser.run("return window.hurt ?? null").await.is_null(), "{page}");
    }
    for (list, ids) in [("/admin/keys", "keys"), ("/admin/tokens", "")] {
        let listed = administrator.get(&list.replace("/admin", "/api/admin")).send().await.json();
        let listed = if ids.is_empty() { &listed } else { &listed[ids] };
        for one in listed.as_array().unwrap() {
            browser.go(&format!("{list}/{}", one["id"].as_str().unwrap())).await;
            assert!(browser.run("return window.hurt ?? null").await.is_null(), "{list}: {one}");
        }
    }
    let kept = administrator.get("/api/admin/play/conversations").send().await.json();
    for conversation in kept.as_array().unwrap() {
        browser.go(&format!("/admin/play?id={}", conversation["id"].as_str().unwrap())).await;
        browser.find(".gb-turn[data-role=assistant]").await;
        assert!(browser.run("return window.hurt ?? null").await.is_null(), "{conversation}");
    }
    browser.go("/admin/logs").await;
    browser.click("[data-testid=request] a").await;
    browser.find("[data-testid=trail], .gb-muted").await;
    assert!(browser.run("return window.hurt ?? null").await.is_null(), "a trace");
    browser.close().await;
}

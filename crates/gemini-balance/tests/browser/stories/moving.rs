use std::path::Path;

use fake_gemini::{FakeGemini, KeyPlan, Script};
use testkit::{Client, Predecessor, Setup, eventually, key};

use crate::browser::Browser;
use crate::house::{PASSWORD, setup};
use crate::stories::claiming::unclaimed;

/// Chooses a file as a person does, and sends the form.
async fn upload(browser: &Browser, form: &str, file: &Path) {
    let field = browser.find(&format!("{form} input[type=file]")).await;
    field.send_keys(file.display().to_string()).await.unwrap();
    browser.click(&format!("{form} button")).await;
}

/// How many keys the running pool has, once it has so many.
async fn until_keys(browser: &Browser, wanted: &str) {
    eventually(&format!("the pool has {wanted} keys"), || async {
        browser.go("/admin").await;
        browser.text("[data-testid=keys-total]").await == wanted
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_the_python_project_brings_its_env_file() {
    let gateway = setup().without("ALLOWED_TOKENS").start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    let file = gateway.setup().directory().join("old.env");
    let newer = format!("AQ.{}", "aB3".repeat(12));
    let lines = format!(
        "API_KEYS=[\"{0}\", \"{0}\", \"{newer}\"]\nMAX_RETRIES=5\nENABLE_TTS=1\n",
        key("one")
    );
    std::fs::write(&file, lines).unwrap();

    browser.go("/admin").await;
    browser.click("[data-testid=checklist] a[href='/admin/setup/data']").await;
    upload(&browser, "#by-file", &file).await;
    browser.until_text("[data-testid=summary]", "2 new, 1 duplicate").await;
    browser.until_text("[data-testid=its-ENABLE_TTS]", "unknown").await;
    browser.until_text("#delivery", "old.env").await;
    browser.examine("a preview").await;
    let source = browser.driver.source().await.unwrap();
    assert!(!source.contains(&key("one")) && !source.contains(&newer), "a key in clear");
    let preview = browser.driver.current_url().await.unwrap();
    until_keys(&browser, "0").await;

    browser.go(preview.path()).await;
    browser.click("[data-testid=confirm]").await;
    browser.until_text("[data-testid=stage]", "done").await;
    browser.examine("an import that is done").await;
    until_keys(&browser, "2").await;
    browser.go("/admin/settings?q=MAX_RETRIES").await;
    browser.until_text("[data-testid=setting-MAX_RETRIES] [data-testid=source]", "imported").await;
    let value = browser.run("return document.querySelector('#MAX_RETRIES').value").await;
    assert_eq!(value, "5");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_the_python_project_brings_its_database() {
    let gateway = setup().start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    let file = gateway.setup().directory().join("default_db");
    let python = Predecessor::python_in(&file).await;
    let insert = format!(
        "INSERT INTO t_settings (\"key\", value) VALUES ('API_KEYS', '[\"{0}\"]'); \
         INSERT INTO t_request_log (request_time, model_name, api_key, is_success, status_code, \
         latency_ms) VALUES ('2025-07-01 18:00:00', 'gemini-2.5-pro', '{0}', 1, 200, 5), \
         ('2025-07-01 18:00:01', 'gemini-2.5-pro', '{0}', 0, 429, 5); \
         INSERT INTO t_file_records (name, mime_type, size_bytes, state, create_time, \
         update_time, expiration_time, uri, api_key) VALUES ('files/a', 'text/plain', 1, \
         'ACTIVE', '2025-07-01 10:00:00', '2025-07-01 10:00:00', '2025-07-03 10:00:00', 'u', '{0}'); \
         INSERT INTO t_settings (\"key\", value) VALUES ('AUTO_DELETE_REQUEST_LOGS_ENABLED', 'false')",
        key("old")
    );
    python.execute(&insert).await;
    browser.go("/admin/setup/data").await;
    upload(&browser, "#by-file", &file).await;
    browser.until_text("[data-testid=count-requests]", "2").await;
    browser.until_text("[data-testid=count-keys]", "1").await;
    // Google has deleted them by then, so they are counted and not taken over.
    browser.until_text("[data-testid=files]", "1").await;
    browser.click("[data-testid=confirm]").await;
    browser.until_text("[data-testid=stage]", "done").await;
    browser.go("/admin/logs").await;
    browser.until_count("[data-testid=request]", 2).await;
    browser.until_text("[data-testid=request]", "gemini-2.5-pro").await;

    browser.go("/admin/setup/data").await;
    upload(&browser, "#by-file", Path::new("/proc/self/exe")).await;
    browser.until_text("[role=alert]", "file: ").await;
    browser.examine("a file that is refused").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_pasted_and_a_sample_of_them_is_checked() {
    let script = Script::new()
        .key(key("far"), KeyPlan::LocationUnsupported)
        .key(key("near"), KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/setup/check").await;
    browser.click("#check button").await;
    browser.until_text("[role=alert]", "no keys").await;
    browser.go("/admin/setup/data").await;
    browser.fill("#text", &format!("mine: {}, and {}", key("far"), key("near"))).await;
    browser.click("#by-text button").await;
    browser.until_text("[data-testid=summary]", "2 new, 0 duplicate").await;
    browser.click("[data-testid=confirm]").await;
    browser.until_text("[data-testid=stage]", "done").await;
    browser.click("#delivery a.btn").await;
    browser.until_path("/admin/setup/check").await;
    browser.click("#check button").await;
    browser.until_text("[data-testid=job-state]", "finished").await;
    browser.until_text("[data-testid=job-ok]", "1 ok").await;
    browser.until_text("[data-testid=region]", "does not serve").await;
    browser.examine("a country that is refused").await;
    browser.fill("#proxies", "not a proxy").await;
    browser.click("[data-testid=region] button").await;
    browser.until_text("[role=alert]", "PROXIES").await;
    browser.fill("#proxies", "http://proxy.example.org:3128").await;
    browser.click("[data-testid=region] button").await;
    browser.until_text("[role=status]:not(#live)", "Saved").await;
    let proxies = gateway.json(&["config", "get", "PROXIES"]).await;
    assert_ne!(proxies["source"], "default", "{proxies}");
    browser.close().await;
}

/// The file that the page System gives away.
async fn backup(administrator: &Client, passphrase: &str) -> Vec<u8> {
    let ask = administrator.request("POST", "/admin/system/backup");
    let form = format!("passphrase={}", passphrase.replace(' ', "+"));
    let ask = ask.header("content-type", "application/x-www-form-urlencoded").body(form);
    let answer = ask.send().await;
    assert!(answer.status == 200 && !answer.body.is_empty());
    answer.body.to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_backs_up_and_moves_to_another_machine() {
    let script = Script::new().key(key("kept"), KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let old = setup().google(&google).keys([key("kept")]).start().await;
    let passphrase = "a passphrase of some length";
    let administrator = old.client_with(PASSWORD);
    let setting = administrator.request("PATCH", "/api/admin/settings");
    let setting = setting.header("content-type", "application/json");
    assert_eq!(setting.body(r#"{"MAX_RETRIES":"7"}"#).send().await.status, 200);
    let audit = administrator.get("/api/admin/audit").send().await.json();
    let backup = backup(&administrator, passphrase).await;

    let elsewhere = Setup::new(env!("CARGO_BIN_EXE_gemini-balance"))
        .google(&google)
        .without("ALLOWED_TOKENS")
        .with("MASTER_KEY", "another master key, of another machine");
    let (new, code) = unclaimed(elsewhere).await;
    let file = new.setup().directory().join("moved.backup");
    std::fs::write(&file, backup).unwrap();
    let Some(browser) = Browser::open(&new).await else { return };
    browser.go(&format!("/admin/setup#code={code}")).await;
    browser.click("#claim button").await;
    browser.fill("#password", PASSWORD).await;
    browser.click("#claim button").await;
    browser.until_path("/admin/setup/data").await;
    browser.fill("#passphrase", "not the right passphrase").await;
    upload(&browser, "#by-backup", &file).await;
    browser.until_text("[role=alert]", "not the passphrase").await;
    browser.examine("a backup that is sealed").await;
    assert_eq!(new.json(&["keys", "list"]).await, serde_json::json!([]));
    browser.fill("#passphrase", passphrase).await;
    browser.click("#unlock button").await;
    for (what, count) in [("keys", "1"), ("tokens", "1"), ("settings", "1")] {
        browser.until_text(&format!("[data-testid=held-{what}]"), count).await;
    }
    browser.examine("a backup").await;
    browser.click("[data-testid=confirm]").await;
    browser.until_text("[data-testid=stage]", "done").await;
    assert_eq!(new.json(&["config", "get", "MAX_RETRIES"]).await["value"], "7");
    let client = new.client();
    eventually("the old token lets in", || async { client.chat("hi").send().await.status == 200 })
        .await;
    browser.click("#delivery a.btn").await;
    browser.until_path("/admin/login").await;
    browser.sign_in(PASSWORD).await;
    browser.until_path("/admin").await;
    let now = browser
        .driver
        .execute_async(
            "const done = arguments[0]; fetch('/api/admin/audit').then((a) => a.json()).then(done)",
            vec![],
        )
        .await
        .unwrap();
    let now = now.json().as_array().unwrap().clone();
    assert!(!audit.as_array().unwrap().is_empty());
    for entry in audit.as_array().unwrap() {
        assert!(now.contains(entry), "{entry} is not in the audit log");
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_speaks_chinese_to_those_who_do() {
    let gateway = setup().without("ALLOWED_TOKENS").start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/setup/data").await;
    browser.click("button[name=language]").await;
    eventually("the page is in Chinese", || async {
        browser.run("return document.documentElement.lang").await == "zh-CN"
    })
    .await;
    let file = gateway.setup().directory().join("old.env");
    let lines = format!(
        "API_KEYS=[\"{}\", \"two words\"]\nALLOWED_TOKENS=[\"sk-123456\"]\nLISTEN=0.0.0.0:1\n\
         HEALTH_CHECK_MODEL=gemini-x\n",
        key("one")
    );
    std::fs::write(&file, lines).unwrap();
    browser.go("/admin/setup/data").await;
    upload(&browser, "#by-file", &file).await;
    browser.until_text("[data-testid=its-LISTEN]", "仅在启动时从环境变量读取").await;
    browser.until_text("[data-testid=its-HEALTH_CHECK_MODEL]", "此处名为 TEST_MODEL").await;
    browser.until_text("main", "第 2 个密钥：第 4 个字符").await;
    browser.until_text("main", "有一个令牌来自示例文件").await;
    browser.examine("a preview in Chinese").await;

    std::fs::write(&file, [0xff, 0xfe, 0]).unwrap();
    browser.go("/admin/setup/data").await;
    upload(&browser, "#by-file", &file).await;
    browser.until_text("[role=alert]", "没有可导入的内容").await;
    browser.close().await;
}

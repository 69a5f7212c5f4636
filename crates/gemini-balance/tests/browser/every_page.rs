//! Every page, in both languages, in light and dark, on a desk and on a phone.

use testkit::eventually;

use crate::browser::Browser;
use crate::house::{PASSWORD, small};

/// The pages that are there without anything being done first.
pub(crate) const PAGES: [&str; 23] = [
    "/admin",
    "/admin/keys",
    "/admin/tokens",
    "/admin/setup/data",
    "/admin/setup/check",
    "/admin/setup/client",
    "/admin/logs",
    "/admin/logs?live=1",
    "/admin/errors",
    "/admin/models",
    "/admin/models/gemini-2.5-flash",
    "/admin/proxies",
    "/admin/proxies/0000000000000000",
    "/admin/files",
    "/admin/play",
    "/admin/jobs",
    "/admin/settings",
    "/admin/settings/history",
    "/admin/audit",
    "/admin/api",
    "/admin/people",
    "/admin/system",
    "/admin/system/diagnostics",
];

#[tokio::test(flavor = "multi_thread")]
async fn is_clean_in_every_light_language_and_size() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    let administrator = gateway.client_with(PASSWORD);
    eventually("the request is in the log", || async {
        let requests = administrator.get("/api/admin/requests").send().await.json();
        requests["requests"].as_array().unwrap().len() == 1
    })
    .await;
    for (theme, language) in
        [("light", "en"), ("dark", "en"), ("light", "zh-CN"), ("dark", "zh-CN")]
    {
        browser
            .run(&format!(
                "document.cookie = 'gb_theme={theme}; Path=/admin'; \
                 document.cookie = 'gb_language={language}; Path=/admin'"
            ))
            .await;
        for (width, height) in [(1440, 1000), (390, 844)] {
            browser.resize(width, height).await;
            for page in PAGES {
                browser.go(page).await;
                browser.examine(&format!("{page} {theme} {language} {width}")).await;
            }
        }
    }
    browser.close().await;
}

use crate::browser::Browser;
use crate::house::small;

#[tokio::test(flavor = "multi_thread")]
async fn it_speaks_chinese_and_keeps_the_dark() {
    let (_google, gateway) = small().await;
    let arguments = ["--lang=zh-CN", "--accept-lang=zh-CN"];
    let Some(browser) = Browser::open_with(&gateway, &arguments).await else { return };
    browser.go("/admin/login").await;
    assert_eq!(browser.run("return document.documentElement.lang").await, "zh-CN");
    browser.sign_in(crate::house::PASSWORD).await;
    browser.until_path("/admin").await;
    browser.until_text("h1", "概览").await;

    browser.click("#theme").await;
    let is_dark = "return document.documentElement.classList.contains('dark')";
    let chosen = browser.run(is_dark).await;
    browser.go("/admin/keys").await;
    assert_eq!(browser.run(is_dark).await, chosen);
    browser.until_text("h1", "密钥").await;

    browser.click("button[name=language]").await;
    browser.until_text("h1", "Keys").await;
    browser.until_path("/admin/keys").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_go_places() {
    let (_google, gateway) = small().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    let body = browser.find("body").await;
    body.send_keys("gk").await.unwrap();
    browser.until_path("/admin/keys").await;
    let body = browser.find("body").await;
    body.send_keys("/").await.unwrap();
    assert_eq!(browser.run("return document.activeElement.name").await, "q");

    browser.click("#palette-open").await;
    let input = browser.find("#palette input").await;
    input.send_keys("audit").await.unwrap();
    browser.examine("palette").await;
    input.send_keys("\u{e007}").await.unwrap();
    browser.until_path("/admin/audit").await;
    browser.close().await;
}

use std::collections::HashSet;

use crate::browser::Browser;
use crate::every_page::PAGES;
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
    // The server says it, so that nothing is painted in the wrong light first.
    let said = "return fetch(location).then((page) => page.text()) \
                    .then((page) => /<html[^>]* class=\"(\\w+)\"/.exec(page)[1])";
    let light = if chosen == true { "dark" } else { "light" };
    assert_eq!(browser.run(said).await, light);

    browser.click("button[name=language]").await;
    browser.until_text("h1", "Keys").await;
    browser.until_path("/admin/keys").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_in_chinese_has_an_english_word_of_the_catalogue() {
    let (_google, gateway) = small().await;
    let arguments = ["--lang=zh-CN", "--accept-lang=zh-CN"];
    let Some(browser) = Browser::open_with(&gateway, &arguments).await else { return };
    browser.sign_in(crate::house::PASSWORD).await;
    browser.until_path("/admin").await;
    // Some words, such as "Token", are the same in Chinese somewhere.
    let chinese: HashSet<&str> = console::catalogue().map(|(_, chinese)| chinese).collect();
    let english: HashSet<&str> = console::catalogue()
        .map(|(english, _)| english)
        .filter(|english| !chinese.contains(english) && !english.contains("{}"))
        .collect();
    assert!(english.len() > 300, "{}", english.len());
    let texts = "const texts = []; \
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); \
        while (walk.nextNode()) \
            if (walk.currentNode.parentElement.closest('[lang]').lang === 'zh-CN' \
                && !walk.currentNode.parentElement.closest('code')) \
                texts.push(walk.currentNode.data.trim()); \
        for (const one of document.querySelectorAll('[aria-label], [placeholder], [title]')) \
            texts.push(one.ariaLabel, one.placeholder, one.title); \
        return texts.filter(Boolean)";
    for page in PAGES {
        browser.go(page).await;
        for text in browser.run(texts).await.as_array().unwrap() {
            let text = text.as_str().unwrap();
            assert!(!english.contains(text), "{page}: {text:?}");
        }
    }
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

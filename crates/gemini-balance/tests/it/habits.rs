//! Habits of HTTP clients that are not the tests' own.

use fake_gemini::{FakeGemini, KeyPlan, Script};
use testkit::{MODEL, Surface, TOKEN, key};

use crate::house::{house, setup};

const BODY: &str = r#"{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"hello"}]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_head_request_has_no_body() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for path in ["/healthz", "/readyz", "/v1beta/models"] {
        let mut raw = gateway.client().raw().await;
        raw.send(format!("HEAD {path} HTTP/1.1\r\nHost: a\r\nx-goog-api-key: {TOKEN}\r\nConnection: close\r\n\r\n")).await;
        let answer = raw.until_closed().await;
        assert!(answer.starts_with("HTTP/1.1 "), "{path}: {answer}");
        assert!(
            answer.ends_with("\r\n\r\n") && answer.matches("\r\n\r\n").count() == 1,
            "{path}: {answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_expects_a_word_before_a_large_body_gets_it() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let head = |length: usize| {
        format!(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    let mut raw = gateway.client().raw().await;
    raw.send(head(BODY.len())).await;
    assert!(raw.answer().await.starts_with("HTTP/1.1 100 "));
    raw.send(BODY).await;
    assert!(raw.answer().await.starts_with("HTTP/1.1 200 "));
    // Who would be refused is told so in place of it.
    for (length, token, status) in [(200_000_000, TOKEN, "413"), (10, "wrong", "401")] {
        let mut raw = gateway.client().raw().await;
        raw.send(head(length).replace(TOKEN, token)).await;
        let answer = raw.answer().await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    assert_eq!(google.received().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_client_is_answered_without_chunks() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for stream in ["true", "false"] {
        let body = BODY.replace("{\"model\"", &format!("{{\"stream\":{stream},\"model\""));
        let mut raw = gateway.client().raw().await;
        raw.send(format!(
            "POST /v1/chat/completions HTTP/1.0\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await;
        let answer = raw.until_closed().await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 ") && !head.to_lowercase().contains("chunked"), "{head}");
        assert!(body.contains("hello"), "{body}");
        assert_eq!(body.ends_with("data: [DONE]\n\n"), stream == "true", "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shared_path_of_models_is_told_apart_by_its_callers() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let google_style = client.anonymous("GET", "/v1/models").header("x-goog-api-key", TOKEN);
    assert!(google_style.send().await.json()["models"].is_array());
    let query = client.anonymous("GET", &format!("/v1/models?key={TOKEN}")).send().await;
    assert!(query.json()["models"].is_array());
    assert_eq!(client.get("/v1/models").send().await.json()["object"], "list");
    let anthropic = client.get("/v1/models").header("anthropic-version", "2023-06-01").send().await;
    assert_eq!(anthropic.json()["data"][0]["type"], "model", "{}", anthropic.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_google_that_was_away_is_found_again() {
    let script = || Script::new().key(key("one"), KeyPlan::Valid);
    let google = FakeGemini::start(script()).await.unwrap();
    let address = google.address();
    let setup = setup().google(&google).keys([key("one")]).with("WORKERS", "1");
    let gateway = setup.start().await;
    for surface in Surface::ALL {
        assert_eq!(gateway.client().ask(surface, MODEL, "hello", true).send().await.status, 200);
    }
    // Connections that were kept for the next request die with it.
    google.stop().await;
    let google = FakeGemini::start_on(script(), address).await.unwrap();
    for surface in Surface::ALL {
        let answer = gateway.client().ask(surface, MODEL, "hello", false).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(google.received().len(), 2);
    assert_eq!(gateway.keys("ready").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_ends_no_stream_that_runs() {
    let paced =
        fake_gemini::Fault::Paced { chunks: 40, delay: std::time::Duration::from_millis(50) };
    let (_google, gateway) = house([("one", crate::house::fault(paced))]).await;
    let token = gateway.run(&["tokens", "create", "laptop"]).await.ok();
    let client = gateway.client_with(token.trim());
    testkit::eventually("the token is known", || async {
        client.get("/v1/models").send().await.status == 200
    })
    .await;
    let mut live = client.chat_stream("hello").open().await;
    live.next_event().await.unwrap();
    gateway.run(&["tokens", "revoke", "laptop"]).await.ok();
    testkit::eventually("the token is revoked", || async {
        client.get("/v1/models").send().await.status == 401
    })
    .await;
    assert_eq!(live.rest().await.last().unwrap(), "[DONE]");
}

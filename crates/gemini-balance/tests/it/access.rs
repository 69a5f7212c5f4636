//! Who gets in, and where a request can lead.

use std::io::ErrorKind;
use std::net::TcpListener;

use fake_gemini::{Fault, KeyPlan};
use testkit::{Ask, Client, MODEL, Surface, TOKEN, key};

use crate::house::{fault, google, house, setup};

const GENERATE: &str = "/v1beta/models/gemini-2.5-flash:generateContent";
const BODY: &str = r#"{"contents":[{"parts":[{"text":"hello"}]}]}"#;

fn generate(client: &Client, path: &str) -> Ask {
    client.anonymous("POST", path).header("content-type", "application/json").body(BODY)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_token_nobody_gets_in_and_everybody_is_told_what_to_do() {
    let google = google([("one", KeyPlan::Valid)]).await;
    for tokens in [None, Some(r#"[""]"#), Some(","), Some("[]"), Some("  ")] {
        let setup = setup().google(&google).keys([key("one")]).without("ALLOWED_TOKENS");
        let setup = match tokens {
            Some(tokens) => setup.with("ALLOWED_TOKENS", tokens),
            None => setup,
        };
        let gateway = setup.start().await;
        assert!(gateway.stderr().text().contains("tokens create"), "{tokens:?}");
        let client = gateway.client();
        for surface in Surface::ALL {
            let answer = client.ask(surface, MODEL, "hello", false).send().await;
            let error = surface.error(&answer);
            assert_eq!(error.status, 401, "{tokens:?} {surface:?}");
            assert!(error.message.contains("gemini-balance tokens create"), "{}", error.message);
        }
        for empty in ["", " ", "\"\"", "[\"\"]", "null", "undefined", ","] {
            let answer = generate(&client, GENERATE).header("x-goog-api-key", empty).send().await;
            assert_eq!(answer.status, 401, "{tokens:?} {empty:?}");
        }
    }
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_or_wrong_credential_of_any_form_is_a_401() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let longer = format!("{TOKEN}x");
    let shorter = &TOKEN[..TOKEN.len() - 1];
    let upper = TOKEN.to_uppercase();
    for wrong in ["", " ", "x", shorter, longer.as_str(), upper.as_str()] {
        let bearer = format!("Bearer {wrong}");
        let query = format!("{GENERATE}?key={}", wrong.replace(' ', "%20"));
        let mut asks = vec![
            generate(&client, GENERATE).header("authorization", &bearer),
            generate(&client, GENERATE).header("authorization", &format!("bearer{wrong}")),
            generate(&client, GENERATE).header("authorization", &format!("Basic {wrong}")),
            generate(&client, GENERATE).header("x-goog-api-key", wrong),
            generate(&client, &query),
        ];
        asks.extend([
            client.chat("hello").without("authorization").header("authorization", &bearer),
            client.chat("hello").without("authorization").header("cookie", "auth_token="),
            client.chat("hello").without("authorization").header("x-goog-api-key", TOKEN),
        ]);
        for ask in asks {
            let shown = format!("{ask:?}");
            let answer = ask.send().await;
            assert_eq!(answer.status, 401, "{shown}");
            assert!(answer.json()["error"]["message"].is_string());
        }
    }
    assert_eq!(generate(&client, GENERATE).send().await.status, 401);
    let list = client.anonymous("GET", "/v1/models").send().await;
    assert_eq!(Surface::OpenAi.error(&list).code, "invalid_api_key");
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_different_credentials_in_one_request_are_a_401() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let bearer = format!("Bearer {TOKEN}");
    let key_path = |key: &str| format!("{GENERATE}?key={key}");
    let refused = [
        generate(&client, GENERATE).header("authorization", &bearer).header("x-goog-api-key", "b"),
        generate(&client, &key_path("b")).header("x-goog-api-key", TOKEN),
        generate(&client, &format!("{}&key=b", key_path(TOKEN))),
        generate(&client, GENERATE).header("x-goog-api-key", TOKEN).header("x-goog-api-key", "b"),
    ];
    for ask in refused {
        let shown = format!("{ask:?}");
        assert_eq!(ask.send().await.status, 401, "{shown}");
    }
    let twice = client.chat("hello").header("authorization", "Bearer b").send().await;
    assert!([400, 401].contains(&twice.status), "{}", twice.text());
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_read_from_header_query_or_bearer_and_never_travels_on() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let query = format!("{GENERATE}?key={TOKEN}&fields=candidates");
    for ask in [
        generate(&client, GENERATE).header("x-goog-api-key", TOKEN),
        generate(&client, GENERATE).header("authorization", &format!("Bearer {TOKEN}")),
        generate(&client, GENERATE).header("authorization", &format!("bearer  {TOKEN}")),
        generate(&client, &query),
        generate(&client, &query).header("x-goog-api-key", TOKEN),
        generate(&client, &format!("{GENERATE}?fields=candidates&key={TOKEN}")),
    ] {
        let shown = format!("{ask:?}");
        let answer = ask.send().await;
        assert_eq!(answer.status, 200, "{shown}: {}", answer.text());
        let seen = google.received().pop().unwrap();
        assert_eq!(seen.headers.get("x-goog-api-key").unwrap(), key("one").as_str());
        let everything = format!("{} {:?} {:?}", seen.path, seen.query, seen.headers);
        assert!(!everything.contains(TOKEN), "{everything}");
        let query = seen.query.unwrap_or_default();
        assert!(!query.contains("key="), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tricks_with_the_path_reach_neither_google_nor_anybody_else() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let stranger = stranger();
    let port = stranger.local_addr().unwrap().port();
    for target in [
        format!("/v1beta/models/..%2f..%2f@127.0.0.1:{port}/x:generateContent"),
        format!("/v1beta//127.0.0.1:{port}/models/m:generateContent"),
        format!("//127.0.0.1:{port}/v1beta/models/m:generateContent"),
        format!("/v1beta/models/@127.0.0.1:{port}:generateContent"),
        "/v1beta/models/x%3Fkey=1:generateContent".to_owned(),
        "/v1beta/models/x%23:generateContent".to_owned(),
        "/v1beta/models/..%2ffiles:generateContent".to_owned(),
        "/v1beta/models/../files:generateContent".to_owned(),
        "/v1beta/models/./m:generateContent".to_owned(),
        "/v1beta/models/m;x=1:generateContent".to_owned(),
        "/v1beta/models/m%00:generateContent".to_owned(),
        "/v1beta/models/m%5c..%5cx:generateContent".to_owned(),
        "/v1beta/models/m\\..\\x:generateContent".to_owned(),
        "/v1beta/models/m:generateContent/../../files".to_owned(),
        "/v1beta/models/m:generate%43ontent".to_owned(),
        "/healthz/..;/v1beta/models/m:generateContent".to_owned(),
        "/gemini/v1beta/reset-all-fail-counts".to_owned(),
        "/v1/../api/keys".to_owned(),
        "/v1/api/keys".to_owned(),
        "/gemini/v1beta/../../api/admin/keys".to_owned(),
    ] {
        let mut raw = gateway.client().raw().await;
        raw.send(format!(
            "POST {target} HTTP/1.1\r\nHost: a\r\nx-goog-api-key: {TOKEN}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{BODY}",
            BODY.len()
        ))
        .await;
        let answer = raw.until_closed().await;
        let refused = ["HTTP/1.1 400", "HTTP/1.1 401", "HTTP/1.1 404", "HTTP/1.1 501"];
        assert!(refused.iter().any(|start| answer.starts_with(start)), "{target}: {answer}");
        assert_eq!(google.received().len(), 0, "{target}");
    }
    assert_nobody_came(&stranger);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_that_a_client_names_is_never_called() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let stranger = stranger();
    let address = stranger.local_addr().unwrap();
    let mut raw = gateway.client().raw().await;
    raw.send(format!(
        "POST http://{address}{GENERATE} HTTP/1.1\r\nHost: {address}\r\nx-goog-api-key: {TOKEN}\r\nx-portkey-custom-host: http://{address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{BODY}",
        BODY.len()
    ))
    .await;
    raw.until_closed().await;
    let body = format!(
        r#"{{"model":"{MODEL}","messages":[{{"role":"user","content":"hello"}}],"api_base":"http://{address}","base_url":"http://{address}"}}"#
    );
    gateway.client().post("/v1/chat/completions", body).send().await;
    assert_nobody_came(&stranger);
    let host = google.address().to_string();
    assert!(google.received().iter().all(|seen| seen.headers["host"] == host.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_are_never_followed() {
    let stranger = stranger();
    let target = format!("http://{}/v1beta/models", stranger.local_addr().unwrap());
    let (google, gateway) = house([("one", fault(Fault::Redirect(target)))]).await;
    for surface in Surface::ALL {
        for stream in [false, true] {
            let answer = gateway.client().ask(surface, MODEL, "hello", stream).send().await;
            assert_ne!(answer.status, 200, "{}", answer.text());
        }
    }
    assert_nobody_came(&stranger);
    assert!(!google.received().is_empty());
    assert_eq!(gateway.keys("dead").await, 0);
}

/// A listener that must never be called.
fn stranger() -> TcpListener {
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    stranger.set_nonblocking(true).unwrap();
    stranger
}

/// The kernel queues connections at once, so whoever came is there by now.
#[track_caller]
fn assert_nobody_came(stranger: &TcpListener) {
    let came = stranger.accept();
    assert_eq!(came.unwrap_err().kind(), ErrorKind::WouldBlock);
}

//! Requests that make no sense: a clear error in the dialect of the surface, and no call to Google.

use fake_gemini::{FakeGemini, KeyPlan};
use serde_json::{Value, json};
use testkit::{Answer, Gateway, MODEL, OTHER_MODEL, Surface, TOKEN, key};

use crate::house::{google, house, setup};

async fn small(limit: &str) -> (FakeGemini, Gateway) {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("MAX_BODY_SIZE", limit);
    (google, setup.start().await)
}

async fn chat(gateway: &Gateway, body: &Value) -> Answer {
    gateway.client().post("/v1/chat/completions", body.to_string()).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_json_is_a_400() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let deep = "[".repeat(1_000_000);
    let digits =
        format!("{{\"model\":\"{MODEL}\",\"messages\":[],\"seed\":{}}}", "9".repeat(1_000_000));
    let deep_field = format!("{{\"model\":\"{MODEL}\",\"messages\":{deep}");
    let broken = [
        "",
        "{",
        "nonsense",
        "[]",
        "null",
        "\"text\"",
        "{\"model\":\"m\",\"messages\":[}",
        "{\"model\":\"m\u{0}\"}",
        deep.as_str(),
        digits.as_str(),
        deep_field.as_str(),
    ];
    for body in broken {
        let start: String = body.chars().take(40).collect();
        let answer = gateway.client().post("/v1/chat/completions", body.to_owned()).send().await;
        let error = Surface::OpenAi.error(&answer);
        assert_eq!(error.status, 400, "{start}: {}", answer.text());
        assert!(!error.message.is_empty() && error.message.len() < 1000, "{start}");
    }
    let invalid = b"{\"model\":\"\xff\xfe\"}".to_vec();
    let answer = gateway.client().post("/v1/chat/completions", invalid).send().await;
    assert_eq!(Surface::OpenAi.error(&answer).status, 400);
    assert_eq!(google.received().len(), 0);
    assert_eq!(gateway.client().chat("hello").send().await.status, 200);

    let path = format!("/v1beta/models/{MODEL}:generateContent");
    let answer = gateway.client().post(&path, "{\"contents\":[}").send().await;
    assert_eq!(Surface::Gemini.error(&answer).code, "INVALID_ARGUMENT", "Google's own judgement");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_type_is_named_by_its_path() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let user = json!([{"role": "user", "content": "hi"}]);
    for (body, param) in [
        (
            json!({"model": MODEL, "messages": [{"role": "user", "content": 5}]}),
            "messages[0].content",
        ),
        (json!({"model": MODEL, "messages": "hi"}), "messages"),
        (json!({"model": 7, "messages": user}), "model"),
        (json!({"model": MODEL, "messages": user, "temperature": "hot"}), "temperature"),
        (json!({"model": MODEL, "messages": user, "stream": "yes"}), "stream"),
        (json!({"model": MODEL, "messages": user, "tools": [{"type": "function"}]}), "tools[0]"),
        (json!({"messages": user}), "model"),
        (json!({"model": MODEL}), "messages"),
        (json!({"model": MODEL, "messages": []}), "messages"),
        (
            json!({"model": MODEL, "messages": [{"role": "wizard", "content": "hi"}]}),
            "messages[0].role",
        ),
        (json!({"model": "../files", "messages": user}), "model"),
        (json!({"model": "m?key=1", "messages": user}), "model"),
    ] {
        let answer = chat(&gateway, &body).await;
        assert_eq!(Surface::OpenAi.error(&answer).status, 400, "{body}: {}", answer.text());
        let json = answer.json();
        let named = json["error"]["param"].as_str().unwrap_or_else(|| panic!("{body}: {json}"));
        assert!(named.starts_with(param), "{body}: {named}");
        assert_eq!(json["error"]["type"], "invalid_request_error");
    }
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_announced_too_large_is_refused_before_it_is_sent() {
    let (google, gateway) = small("64KB").await;
    for (path, surface) in paths() {
        for length in ["65537", "3000000000", "18446744073709551615"] {
            let mut raw = gateway.client().raw().await;
            raw.send(head(&path, &format!("Content-Length: {length}"))).await;
            let answer = raw.answer().await;
            // The largest of all is no length to hyper.
            let refused = answer.starts_with("HTTP/1.1 413") || length.starts_with("184");
            assert!(refused, "{surface:?} {length}: {answer}");
        }
    }
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_grows_too_large_is_refused_while_it_is_sent() {
    let (google, gateway) = small("64KB").await;
    for (path, surface) in paths() {
        let mut raw = gateway.client().raw().await;
        raw.send(head(&path, "Transfer-Encoding: chunked")).await;
        let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
        for _ in 0..17 {
            raw.send(&chunk).await;
        }
        let answer = raw.answer().await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{surface:?}: {answer}");
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let json = crate::house::parse(body);
        assert!(surface.event_error(&json).is_some(), "{json}");
        assert!(json["error"]["message"].as_str().unwrap().contains("MAX_BODY_SIZE"));
    }
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_within_the_limit_arrives_whole() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let text = "0123456789".repeat(500_000);
    for surface in Surface::ALL {
        // The model's context is smaller: that Google says so shows that all of it arrived.
        let answer = gateway.client().ask(surface, MODEL, &text, false).send().await;
        assert!([200, 400].contains(&answer.status), "{}", answer.status);
        let body = &google.received().pop().unwrap().body;
        assert!(String::from_utf8_lossy(body).contains(&text));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stands_still_is_given_up() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("BODY_IDLE_TIMEOUT", "1");
    let gateway = setup.start().await;
    for (path, surface) in paths() {
        let mut raw = gateway.client().raw().await;
        raw.send(head(&path, "Content-Length: 1000")).await;
        raw.send("{").await;
        let answer = raw.answer().await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{surface:?}: {answer}");
    }
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_chat_is_a_415() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for coding in ["gzip", "br", "gzip, gzip"] {
        let answer = gateway.client().chat("hello").header("content-encoding", coding).send().await;
        assert_eq!(Surface::OpenAi.error(&answer).status, 415);
    }
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_lead_nowhere_say_so_in_their_dialect() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    for (method, path, status, surface) in [
        ("GET", "/v1/nonsense", 404, Surface::OpenAi),
        ("POST", "/openai/v1/nonsense", 404, Surface::OpenAi),
        ("GET", "/nonsense", 404, Surface::OpenAi),
        ("GET", "/v1beta/Nonsense", 404, Surface::Gemini),
        ("POST", "/gemini/v1beta/non-sense/x", 404, Surface::Gemini),
        ("POST", "/v1/embeddings", 400, Surface::OpenAi),
        ("POST", "/v1/images/generations", 400, Surface::OpenAi),
        ("POST", "/v1/audio/speech", 400, Surface::OpenAi),
        ("GET", "/v1/audio/transcriptions", 405, Surface::OpenAi),
        ("POST", "/v1/audio/voices", 404, Surface::OpenAi),
        ("POST", "/v1/responses/resp_1/cancel", 404, Surface::OpenAi),
        ("POST", "/v1/completions", 400, Surface::OpenAi),
        ("GET", "/v1/completions", 405, Surface::OpenAi),
        ("GET", "/v1beta/files/unheard-of", 404, Surface::Gemini),
        ("GET", "/v1beta/cachedContents/unheard-of", 404, Surface::Gemini),
        ("POST", "/upload/v1beta/files", 400, Surface::Gemini),
        ("POST", "/upload/v1beta/files?upload_id=x", 404, Surface::Gemini),
        ("POST", "/upload/v1beta/models", 404, Surface::Gemini),
        ("GET", "/v1/chat/completions", 405, Surface::OpenAi),
        ("DELETE", "/v1/chat/completions", 405, Surface::OpenAi),
        ("GET", "/v1/responses", 405, Surface::OpenAi),
        ("PUT", "/v1/responses/resp_1", 405, Surface::OpenAi),
        ("POST", "/v1/responses/resp_1/input_items", 405, Surface::OpenAi),
        ("GET", "/v1/responses/resp_1/cancel", 405, Surface::OpenAi),
        ("GET", "/v1/responses/compact", 405, Surface::OpenAi),
        ("POST", "/v1/models", 405, Surface::OpenAi),
        ("PUT", "/v1/models/gemini-2.5-flash", 405, Surface::OpenAi),
    ] {
        let answer = client.request(method, path).send().await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        surface.error(&answer);
        assert_eq!(answer.header("allow").is_some(), status == 405, "{method} {path}");
        assert!(answer.header("x-request-id").is_some());
    }
    for (path, status) in
        [("/v1/messages", 400), ("/v1/messages/batches", 501), ("/anthropic/v2", 404)]
    {
        let anthropic = client.post(path, "{}").send().await;
        assert_eq!(anthropic.status, status, "{path}: {}", anthropic.text());
        assert_eq!(anthropic.json()["type"], "error", "{}", anthropic.text());
    }
    assert_eq!(google.received().len(), 0);
    // These may be collections that Google has added since, so it is asked.
    for (method, path) in [("GET", "/v1beta/nonsense"), ("POST", "/gemini/v1beta/nonsense/x")] {
        let answer = client.request(method, path).send().await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
        Surface::Gemini.error(&answer);
    }
    assert_ne!(google.received().len(), 0);
    // Whoever has no token does not learn what there is.
    for path in ["/v1/nonsense", "/v1beta/files", "/v1/embeddings"] {
        assert_eq!(client.anonymous("GET", path).send().await.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_listed_and_found_and_unknown_ones_are_not() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let list = client.get("/v1/models").send().await.json();
    let has = |id: &str| list["data"].as_array().unwrap().iter().any(|one| one["id"] == id);
    assert!(has(MODEL) && has(OTHER_MODEL), "{list}");
    let one = client.get(&format!("/v1/models/{MODEL}")).send().await.json();
    assert_eq!(one["id"], MODEL);
    let none = client.get("/v1/models/gemini-0-nonsense").send().await;
    assert_eq!(Surface::OpenAi.error(&none).status, 404, "{}", none.text());
}

fn paths() -> [(String, Surface); 2] {
    [
        ("/v1/chat/completions".to_owned(), Surface::OpenAi),
        (format!("/v1beta/models/{MODEL}:generateContent"), Surface::Gemini),
    ]
}

fn head(path: &str, length: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\n{length}\r\n\r\n")
}

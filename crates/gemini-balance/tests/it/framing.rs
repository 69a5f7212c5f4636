//! Bytes that two readers could understand differently, and clients that take their time.

use fake_gemini::KeyPlan;
use testkit::{Client, TOKEN, key};

use crate::house::{google, house, setup};

const BODY: &str = r#"{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"hello"}]}"#;

/// A chat request with these lines among its headers, and these bytes behind its head.
fn chat(lines: &str, body: &str) -> String {
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\n{lines}\r\n{body}"
    )
}

/// Everything that is answered until the gateway closes; the client stays open for that long.
async fn answers(client: &Client, bytes: &str) -> String {
    let mut raw = client.raw().await;
    raw.send(bytes).await;
    raw.until_closed().await
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_doubtful_length_are_refused_and_the_connection_closed() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let chunked = format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", BODY.len());
    let length = BODY.len();
    for lines in [
        format!("Content-Length: {length}\r\nContent-Length: {}\r\n", length + 1),
        format!("Content-Length: {length}, {length}\r\nContent-Length: 3\r\n"),
        "Content-Length: +5\r\n".to_owned(),
        "Content-Length: 0x5\r\n".to_owned(),
        "Content-Length: \r\n".to_owned(),
        "Content-Length: 99999999999999999999999\r\n".to_owned(),
        "Content-Length : 5\r\n".to_owned(),
        "X-Fold: a\r\n b\r\nContent-Length: 5\r\n".to_owned(),
        " X-Space: a\r\nContent-Length: 5\r\n".to_owned(),
        "X-Nul: a\0b\r\nContent-Length: 5\r\n".to_owned(),
        "X-Cr: a\rb\r\nContent-Length: 5\r\n".to_owned(),
        "Transfer-Encoding: ,chunked\r\n".to_owned(),
        "Transfer-Encoding: gzip, chunked\r\n".to_owned(),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n".to_owned(),
        "Transfer-Encoding: chunked, identity\r\n".to_owned(),
        "Transfer-Encoding: xchunked\r\n".to_owned(),
        "Host: b\r\nContent-Length: 5\r\nConnection: close\r\n".to_owned(),
    ] {
        let body = if lines.contains("Transfer") { chunked.as_str() } else { BODY };
        let answer = answers(&client, &chat(&lines, body)).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{lines:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lines:?}: {answer}");
    }
    for bytes in [
        format!(
            "POST /v1/chat/completions HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
        ),
        format!(
            "POST /v1/chat/completions HTTP/1.0\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}"
        ),
        "GET /healthz HTTP/1.1x\r\nHost: a\r\n\r\n".to_owned(),
        "nonsense\r\n\r\n".to_owned(),
    ] {
        let answer = answers(&client, &bytes).await;
        assert!(
            answer.starts_with("HTTP/1.1 400 ") || answer.starts_with("HTTP/1.0 400 "),
            "{bytes:?}: {answer}"
        );
    }
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_chunks_reach_nobody() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for body in [
        "zz\r\n{}\r\n0\r\n\r\n",
        "5\r\n{}\r\n0\r\n\r\n",
        "-2\r\n{}\r\n0\r\n\r\n",
        "2;\u{0}\r\n{}\r\n0\r\n\r\n",
    ] {
        let mut raw = gateway.client().raw().await;
        raw.send(chat("Transfer-Encoding: chunked\r\nConnection: close\r\n", body)).await;
        let answer = raw.until_closed().await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{body:?}: {answer}");
    }
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_two_lengths_has_one_answer_at_most() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    // What one reader takes for a body is a second request to another.
    let smuggled = "GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n";
    let body = format!("0\r\n\r\n{smuggled}");
    let lines = format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", body.len());
    let answer = answers(&gateway.client(), &chat(&lines, &body)).await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_that_make_tunnels_or_echoes_are_not_served() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for line in ["CONNECT 127.0.0.1:9 HTTP/1.1", "TRACE / HTTP/1.1", "TRACE /v1/models HTTP/1.1"] {
        let bytes = format!(
            "{line}\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
        );
        let answer = answers(&gateway.client(), &bytes).await;
        assert!(answer.starts_with("HTTP/1.1 405 "), "{line}: {answer}");
    }
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_beyond_all_measure_are_refused() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let many = (0..150).map(|number| format!("X-{number}: 1\r\n")).collect::<Vec<_>>().concat();
    let long = format!("X-Long: {}\r\n", "a".repeat(100_000));
    let longest = format!("X-Long: {}\r\n", "a".repeat(1_000_000));
    for lines in [many, long, longest] {
        let answer = answers(&gateway.client(), &chat(&lines, "")).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{}", &answer[..answer.len().min(200)]);
    }
    let target = format!("GET /v1/models?{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(80_000));
    let answer = answers(&gateway.client(), &target).await;
    let start = &answer[..answer.len().min(200)];
    assert!(start.starts_with("HTTP/1.1 414 ") || start.starts_with("HTTP/1.1 431 "), "{start}");
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_in_a_row_are_answered_in_their_order() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let mut raw = gateway.client().raw().await;
    let request = chat(&format!("Content-Length: {}\r\n", BODY.len()), BODY);
    raw.send(format!("{request}GET /api/version HTTP/1.1\r\nHost: a\r\n\r\n{request}")).await;
    assert!(raw.answer().await.contains("chat.completion"));
    assert!(raw.answer().await.contains("\"version\""));
    assert!(raw.answer().await.contains("chat.completion"));
    assert_eq!(google.received().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_head_is_cut_off_and_an_idle_connection_is_not() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("HEADER_TIMEOUT", "1");
    let gateway = setup.start().await;
    let version = "GET /api/version HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut idle = gateway.client().raw().await;
    idle.send(version).await;
    assert!(idle.answer().await.contains("\"version\""));
    let mut silent = gateway.client().raw().await;
    let mut slow = gateway.client().raw().await;
    slow.send("POST /v1/chat/completions HTTP/1.1\r\nX: ").await;
    let mut slow_second = gateway.client().raw().await;
    slow_second.send(version).await;
    assert!(slow_second.answer().await.contains("\"version\""));
    slow_second.send("GET /api/ver").await;

    for connection in [&mut slow, &mut slow_second] {
        let rest = connection.until_closed().await;
        assert!(!rest.contains("200 OK"), "{rest}");
    }
    // These two have been waiting longer than a head may take.
    for connection in [&mut idle, &mut silent] {
        connection.send(version).await;
        assert!(connection.answer().await.contains("\"version\""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_writes_forges_no_log_line() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("LOG_LEVEL", "debug");
    let gateway = setup.start().await;
    let name = "x\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}\u{1b}]0;pwn\u{7}";
    let body = serde_json::json!({"model": name, "messages": [{"role": "user", "content": "hi"}]});
    gateway.client().post("/v1/chat/completions", body.to_string()).send().await;
    let escaped = "/v1beta/models/x%0d%0a%7B%22level%22:%22ERROR%22%7D:generateContent";
    gateway.client().post(escaped, "{}").send().await;
    let key_like = "/v1beta/models/gemini-0-nonsense:generateContent";
    gateway.client().post(key_like, "{}").header("user-agent", &"u".repeat(20_000)).send().await;
    let text = gateway.stderr().text();
    assert!(text.lines().count() > 2);
    for line in text.lines() {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_ne!(json["message"], "forged");
        assert!(line.len() <= 8 * 1024 && !line.contains('\u{1b}'));
    }
}

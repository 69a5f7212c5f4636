//! Google's own tokens of sessions, made through the gateway.

use std::time::{Duration, SystemTime};

use testkit::Answer;

use super::*;

const CONSTRAINED: &str =
    "/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained";

const KEYS: [&str; 4] = ["a", "b", "c", "d"];

/// A gateway with several keys, so that no session meets the right one by chance.
async fn several() -> (FakeGemini, Gateway) {
    house(KEYS.map(|name| (name, KeyPlan::Valid))).await
}

async fn made(client: &Client, terms: Value) -> String {
    let answer: Answer = client.post("/v1alpha/auth_tokens", terms.to_string()).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["name"].as_str().unwrap().to_owned()
}

fn in_seconds(seconds: u64) -> String {
    let at = SystemTime::now() + Duration::from_secs(seconds);
    jiff::Timestamp::try_from(at).unwrap().to_string()
}

/// Opens a session as Google's SDKs do.
async fn open(
    gateway: &Gateway,
    token: &str,
) -> Result<Talk, tokio_tungstenite::tungstenite::Error> {
    Talk::open(gateway, CONSTRAINED, &[("authorization", &format!("Token {token}"))]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_sessions_of_the_key_that_made_it() {
    let (google, gateway) = several().await;
    let client = stranger(&gateway, &[]).await;
    let token = made(&client, json!({"uses": 0})).await;
    assert!(token.starts_with("auth_tokens/"));
    let in_query = format!("{CONSTRAINED}?access_token={token}");
    let in_both = [("x-goog-api-key", token.as_str())];
    for number in 0..6 {
        let talk = match number % 3 {
            0 => open(&gateway, &token).await,
            1 => Talk::open(&gateway, &in_query, &[]).await,
            _ => Talk::open(&gateway, &in_query, &in_both).await,
        };
        let mut talk = talk.unwrap();
        talk.begin(setup_of(LIVE_MODEL)).await;
        assert_eq!(talk.turn("hello").await, "You said: hello");
        talk.leave().await;
    }
    // The key was shown when the token was made, the token ever since.
    assert_eq!((google.calls_by_key().len(), all_calls(&google)), (1, 1));
    let sessions: Vec<_> =
        google.received().into_iter().filter(|seen| seen.operation == "live").collect();
    assert_eq!(sessions.len(), 6);
    for seen in &sessions {
        assert!(seen.path.ends_with(".BidiGenerateContentConstrained"), "{}", seen.path);
        assert_eq!(seen.query, None);
        assert_eq!(seen.headers["authorization"], format!("Token {token}"));
        assert!(!seen.headers.contains_key("x-goog-api-key"));
    }
    let rows = rows(&gateway, 6).await;
    let keys: std::collections::BTreeSet<_> = rows.iter().map(|row| row.key_id.clone()).collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    assert!(rows.iter().all(|row| row.token_name.as_deref() == Some("stranger")));
    assert!(rows.iter().all(|row| row.outcome == "served" && row.usage.total > 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unknown_or_over_is_refused_like_a_wrong_credential() {
    let (google, gateway) = several().await;
    let client = gateway.client();
    let over = made(&client, json!({"expireTime": in_seconds(0)})).await;
    let (wrong, _) = refusal(open(&gateway, "wrong").await);
    for token in ["auth_tokens/none", &over] {
        let (status, body) = refusal(open(&gateway, token).await);
        assert_eq!(
            (status, &body["error"]["status"]),
            (wrong, &json!("UNAUTHENTICATED")),
            "{token}"
        );
        assert!(!body.to_string().contains(token), "{body}");
    }
    // It opens this one method, and nothing else.
    let token = made(&client, json!({})).await;
    let header = [("x-goog-api-key", token.as_str())];
    assert_eq!(refusal(Talk::open(&gateway, PATH, &header).await).0, 401);
    let rest = gateway.client_with(&token).generate("hello").send().await;
    assert_eq!(rest.status, 401);
    assert_eq!(sessions(&google), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn uses_and_the_time_to_begin_are_limited_as_google_says() {
    let (_google, gateway) = several().await;
    let client = gateway.client();
    let token = made(&client, json!({})).await;
    let mut first = open(&gateway, &token).await.unwrap();
    first.begin(resumable(None)).await;
    let handle = first.handle().await;
    let mut second = open(&gateway, &token).await.unwrap();
    second.say(&setup_of(LIVE_MODEL)).await;
    let close = second.closed().await;
    assert_eq!(close.0, 1008);
    assert!(close.1.contains("too many times"), "{close:?}");
    // To go on is no second use, and it was no key's fault.
    let mut again = open(&gateway, &token).await.unwrap();
    again.begin(resumable(Some(&handle))).await;
    assert_eq!(again.turn("more").await, "You said: more (the session goes on)");
    assert_eq!((gateway.keys("dead").await, gateway.keys("ready").await), (0, KEYS.len() as u64));

    let late = made(&client, json!({"uses": 0, "newSessionExpireTime": in_seconds(0)})).await;
    let mut talk = open(&gateway, &late).await.unwrap();
    talk.say(&setup_of(LIVE_MODEL)).await;
    let close = talk.closed().await;
    assert_eq!(close.0, 1008);
    assert!(close.1.contains("newSessionExpireTime"), "{close:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_acts_within_the_limits_of_whoever_made_it() {
    let (google, gateway) = several().await;
    let client = stranger(&gateway, &["--model", LIVE_MODEL]).await;
    let terms = |model: &str| json!({"uses": 0, "bidiGenerateContentSetup": {"model": format!("models/{model}")}});
    // The model of the token counts, whatever the setup says.
    let token = made(&client, terms(MODEL)).await;
    let mut talk = open(&gateway, &token).await.unwrap();
    talk.say(&setup_of(LIVE_MODEL)).await;
    let close = talk.closed().await;
    assert_eq!(close.0, 1008);
    assert!(close.1.contains("client token"), "{close:?}");
    assert_eq!(sessions(&google), 0);
    let token = made(&client, terms(LIVE_MODEL)).await;
    let mut talk = open(&gateway, &token).await.unwrap();
    let nameless = json!({"setup": {"generationConfig": {"responseModalities": ["TEXT"]}}});
    assert_eq!(talk.begin(nameless).await, json!({"setupComplete": {}}));
    assert_eq!(talk.turn("hello").await, "You said: hello");
    // With its client token a session ends too.
    gateway.run(&["tokens", "revoke", "stranger"]).await.ok();
    assert_eq!(talk.closed().await.0, 1008);
    assert_eq!(refusal(open(&gateway, &token).await).0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_nowhere_in_clear() {
    let (_google, mut gateway) = several().await;
    let token = made(&gateway.client(), json!({"uses": 0})).await;
    gateway.stop().await;
    gateway.start_again().await;
    let mut talk = open(&gateway, &token).await.unwrap();
    talk.begin(setup_of(LIVE_MODEL)).await;
    assert_eq!(talk.turn("hello").await, "You said: hello");
    talk.leave().await;
    gateway.stop().await;
    for file in std::fs::read_dir(gateway.setup().directory().join("data")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()));
    }
    assert!(!gateway.stderr().text().contains(&token));
}

fn resumable(handle: Option<&str>) -> Value {
    let mut setup = setup_of(LIVE_MODEL);
    setup["setup"]["sessionResumption"] = json!({"handle": handle});
    setup
}

//! Whatever comes in, valid JSON or a clean error comes out.

use std::sync::LazyLock;

use bytes::BytesMut;
use dialect::anthropic::{
    Aliases, count_tokens, error,
    messages::{self, MessagesStream, Options},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{assemble, context, events, stamp};
use crate::robust::{apply, bodies, changes};

static REQUESTS: LazyLock<Vec<String>> =
    LazyLock::new(|| bodies("anthropic-", &["client_request"]));
static ANSWERS: LazyLock<Vec<String>> = LazyLock::new(|| bodies("", &["upstream_response"]));

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requests(number in any::<prop::sample::Index>(), changes in changes()) {
        let body = apply(&REQUESTS[number.index(REQUESTS.len())], &changes);
        let aliases = Aliases::default();
        match messages::request(&body, &Options::new(&aliases)) {
            Ok((_, upstream)) => {
                let upstream: Value = serde_json::from_slice(&upstream).unwrap();
                prop_assert!(!upstream["contents"].as_array().unwrap().is_empty());
            }
            Err(mistake) => prop_assert_eq!(mistake.status, 400),
        }
        if let Ok((_, counted)) = count_tokens::request(&body, &Options::new(&aliases)) {
            let counted: Value = serde_json::from_slice(&counted).unwrap();
            prop_assert!(counted["generateContentRequest"]["contents"].is_array());
        }
    }

    #[test]
    fn answers(number in any::<prop::sample::Index>(), changes in changes()) {
        let body = apply(&ANSWERS[number.index(ANSWERS.len())], &changes);
        let context = context(&json!({"thinking": {"type": "adaptive"}}));
        if let Ok(translated) = messages::response(&context, &body, &mut stamp()) {
            let message: Value = serde_json::from_slice(&translated.body).unwrap();
            prop_assert!(message["stop_reason"].is_string());
        }
        let mut stream = MessagesStream::new(context, stamp());
        let mut out = BytesMut::new();
        if stream.event(&body, &mut out).and_then(|_| stream.finish(&mut out)).is_ok() {
            assemble(&events(&out));
        }
        let _ = count_tokens::response(&body);
        let told = error::from_gemini(500, &body, None);
        prop_assert!(serde_json::from_slice::<Value>(&told.body).is_ok());
    }

    #[test]
    fn bytes_of_any_kind(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let aliases = Aliases::default();
        prop_assert!(messages::request(&body, &Options::new(&aliases)).is_err());
        let _ = messages::response(&context(&json!({})), &body, &mut stamp());
        let mut stream = MessagesStream::new(context(&json!({})), stamp());
        let _ = stream.event(&body, &mut BytesMut::new());
    }
}

//! Whatever comes in, valid JSON or a clean error comes out.

use bytes::BytesMut;
use dialect::{
    gemini,
    openai::responses::{
        self, Earlier, ResponseError, ResponsesStream, StoredResponse, ThoughtSignatures,
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{context, events, stream::check_accumulates};
use crate::{
    robust::{apply, bodies, changes},
    stamp,
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requests(number in any::<prop::sample::Index>(), changes in changes()) {
        let bodies = bodies("responses-", &["client_request"]);
        let body = apply(&bodies[number.index(bodies.len())], &changes);
        match responses::request(&body, Earlier::default()) {
            Ok((context, upstream)) => {
                let upstream: Value = serde_json::from_slice(&upstream).unwrap();
                prop_assert!(!upstream["contents"].as_array().unwrap().is_empty());
                let object = responses::queued(&context);
                let none = ThoughtSignatures::default();
                let kept = StoredResponse::new(&body, &object, &none, Earlier::default()).unwrap();
                serde_json::from_slice::<Value>(&object).unwrap();
                serde_json::to_string(&kept).unwrap();
            }
            Err(mistake) => prop_assert_eq!(mistake.status, 400),
        }
    }

    #[test]
    fn answers(number in any::<prop::sample::Index>(), changes in changes()) {
        let bodies = bodies("", &["upstream_response"]);
        let body = apply(&bodies[number.index(bodies.len())], &changes);
        let context = context(&json!({"store": false}));
        let observed = gemini::observe(&body);
        match responses::response(&context, &body, &mut stamp(), 0) {
            Ok(translated) => {
                let client: Value = serde_json::from_slice(&translated.body).unwrap();
                prop_assert!(client["output"].is_array() && !observed.malformed);
            }
            Err(ResponseError::Malformed(_)) => prop_assert!(observed.malformed),
            Err(_) => {}
        }
        let mut stream = ResponsesStream::new(context, stamp());
        let mut out = BytesMut::new();
        let ended = stream.event(&body, &mut out).and_then(|_| stream.finish(0, &mut out));
        match ended {
            Ok(()) => check_accumulates(&events(&out)),
            Err(error) => {
                stream.fail(&error, &mut out);
                let told = events(&out).pop().unwrap();
                prop_assert_eq!(&told["type"], "response.failed");
            }
        }
    }
}

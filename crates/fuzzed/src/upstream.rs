//! What may be sent to Google, and what is told to a client who is wrong.

use dialect::DialectError;
use serde_json::Value;

/// A request for Gemini is valid JSON that Google would not refuse for its order, and is not much
/// larger than what it was made of.
pub(crate) fn check_request(body: &[u8], upstream: &[u8]) {
    let request: Value = serde_json::from_slice(upstream).unwrap();
    let contents = request["contents"].as_array().unwrap();
    assert_eq!(contents.first().unwrap()["role"], "user");
    for pair in contents.windows(2) {
        assert_ne!(pair[0]["role"], pair[1]["role"]);
    }
    for content in contents {
        assert!(!content["parts"].as_array().unwrap().is_empty());
    }
    assert!(upstream.len() <= 64 * (body.len() + 128), "{} of {}", upstream.len(), body.len());
}

/// A mistake is the client's, is told in a sentence of bounded length, and makes a valid body.
pub(crate) fn check_mistake(mistake: &DialectError) {
    assert!((400..500).contains(&mistake.status));
    assert!(!mistake.message.is_empty() && mistake.message.chars().count() <= 401);
    let openai = dialect::openai::error::from_mistake(mistake);
    assert!(serde_json::from_slice::<Value>(&openai).unwrap()["error"]["message"].is_string());
    let anthropic = dialect::anthropic::error::from_mistake(mistake, Some("req_1"));
    assert!(serde_json::from_slice::<Value>(&anthropic).unwrap()["error"]["message"].is_string());
}

//! Google's own tokens of sessions, which a client makes for those who shall not see its own
//! (`POST /v1alpha/auth_tokens`).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp as Moment;
use keypool::{Bond, KeyId, Timestamp};
use secret::PoolKey;
use serde::Deserialize;
use serde_json::{Map, Value};
use store::Resource;

/// What such tokens begin with.
const BEGINNING: &str = "auth_tokens/";

/// For so long a token is good where nobody has said otherwise.
const USUAL: Duration = Duration::from_mins(30);

/// For so long it begins sessions.
const USUALLY_BEGINS: Duration = Duration::from_mins(1);

/// A token that opens a session in place of a client's own.
#[derive(Debug)]
pub(crate) struct SessionToken {
    /// What Google wants to see in place of a key.
    pub(crate) secret: Arc<PoolKey>,
    /// The key that made it.
    pub(crate) bond: Bond,
    /// The client token that made it.
    pub(crate) owner: Arc<str>,
    /// The only model that it is for, if it is for one only.
    pub(crate) model: Option<String>,
    begins_until: Option<Timestamp>,
}

/// What was agreed when a token was made.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Terms {
    new_session_expire_time: Option<String>,
    bidi_generate_content_setup: Setup,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Setup {
    model: Option<String>,
    setup: Option<Box<Setup>>,
}

impl SessionToken {
    /// Whether this text is one.
    pub(crate) fn is_meant(text: &str) -> bool {
        text.starts_with(BEGINNING)
    }

    /// The token that was kept, unless it has expired.
    pub(crate) fn of(text: &str, kept: &Resource, now: Timestamp) -> Option<Self> {
        let secret = PoolKey::parse(text).ok()?;
        if kept.expires_at.is_none_or(|end| end <= now) {
            return None;
        }
        let terms: Terms = serde_json::from_str(&kept.body).unwrap_or_default();
        let setup = terms.bidi_generate_content_setup;
        let model = setup.model.or_else(|| setup.setup?.model);
        Some(Self {
            secret: Arc::new(secret),
            bond: Bond {
                key: KeyId::from(kept.key_id.as_str()),
                project: kept.project.as_deref().map(Into::into),
            },
            owner: kept.token_id.as_str().into(),
            model: model.map(|model| model.strip_prefix("models/").unwrap_or(&model).to_owned()),
            begins_until: terms.new_session_expire_time.as_deref().and_then(moment),
        })
    }

    /// Whether it begins new sessions still. Sessions that go on need not be begun.
    pub(crate) fn begins(&self, now: Timestamp) -> bool {
        self.begins_until.is_none_or(|end| now < end)
    }
}

/// What is to be kept of a token that Google has just made: its name, and what was asked for, with
/// Google's times where nothing was.
pub(crate) fn agreed(request: &[u8], answer: &[u8], now: Timestamp) -> Option<Bytes> {
    let read = |bytes| serde_json::from_slice::<Map<String, Value>>(bytes).ok();
    let mut terms = read(request).unwrap_or_default();
    let answer = read(answer)?;
    terms.extend(answer);
    for (field, lasts) in [("expireTime", USUAL), ("newSessionExpireTime", USUALLY_BEGINS)] {
        let said = terms.get(field).and_then(Value::as_str).and_then(moment);
        let end = said.unwrap_or(now + lasts);
        terms.insert(field.to_owned(), Value::from(end.to_string()));
    }
    Some(Value::Object(terms).to_string().into())
}

fn moment(text: &str) -> Option<Timestamp> {
    Some(Timestamp::from_millis(text.parse::<Moment>().ok()?.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    fn kept(request: &str) -> Resource {
        let answer = br#"{"name": "auth_tokens/a"}"#;
        let body = agreed(request.as_bytes(), answer, NOW).unwrap();
        let terms: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(terms["name"], "auth_tokens/a");
        Resource {
            name: "auth_tokens/a".to_owned(),
            kind: "auth_tokens".to_owned(),
            key_id: "k".to_owned(),
            project: None,
            token_id: "t".to_owned(),
            state: String::new(),
            display_name: None,
            mime: None,
            size: None,
            created_at: NOW,
            expires_at: moment(terms["expireTime"].as_str().unwrap()),
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    #[test]
    fn a_token_lasts_as_long_as_google_says() {
        let usual = kept("{}");
        let token = |kept: &Resource, now| SessionToken::of("auth_tokens/a", kept, now);
        let fresh = token(&usual, NOW).unwrap();
        assert_eq!((&*fresh.owner, fresh.bond.key.as_str(), fresh.model), ("t", "k", None));
        assert!(token(&usual, NOW + Duration::from_mins(29)).is_some());
        assert!(token(&usual, NOW + Duration::from_mins(30)).is_none());
        let fresh = token(&usual, NOW).unwrap();
        assert!(fresh.begins(NOW + Duration::from_secs(59)));
        assert!(!fresh.begins(NOW + Duration::from_secs(60)));
    }

    #[test]
    fn what_was_asked_for_counts() {
        let end = NOW + Duration::from_hours(2);
        let request = format!(
            r#"{{"expireTime": "{end}", "newSessionExpireTime": "{end}", "uses": 3,
                "bidiGenerateContentSetup": {{"model": "models/m"}}}}"#
        );
        let kept = kept(&request);
        let token = SessionToken::of("auth_tokens/a", &kept, NOW + Duration::from_hours(1));
        let token = token.unwrap();
        assert!(token.begins(NOW + Duration::from_hours(1)));
        assert_eq!(token.model.as_deref(), Some("m"));
        assert!(SessionToken::of("auth_tokens/a", &kept, end).is_none());
    }
}

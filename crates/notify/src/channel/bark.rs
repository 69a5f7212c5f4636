//! Bark, for iPhones.

use serde_json::json;
use settings::{Hidden, Notifications};

use super::cut;
use crate::message::{Message, State};
use crate::post::{DeliveryError, Post};

/// Apple's notifications hold 4 KB in all.
const LONGEST: usize = 1000;

#[derive(Debug, Clone)]
pub(super) struct Bark {
    url: Hidden,
}

impl Bark {
    pub(super) fn configured(settings: &Notifications) -> Option<Self> {
        Some(Self { url: settings.bark_url.clone()? })
    }

    pub(super) fn post(&self, message: &Message) -> Result<Post, DeliveryError> {
        let is_urgent = message.is_urgent() && message.state == State::Problem;
        let body = json!({
            "title": message.title,
            "body": cut(&message.text, LONGEST),
            "group": "gemini-balance",
            "level": if is_urgent { "timeSensitive" } else { "active" },
        });
        let url = self.url.expose().trim_end_matches('/');
        let key = url.rsplit('/').next().unwrap_or_default();
        Ok(Post::json(url, &body)?.succeeding_with("code", 200).hiding(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::fixture::{json, message, settings};

    #[test]
    fn the_device_gets_title_and_body() {
        let settings = settings(&[("NOTIFY_BARK_URL", "https://api.day.app/device-key/")]);
        let post = Bark::configured(&settings).unwrap().post(&message()).unwrap();
        assert_eq!(post.uri.to_string(), "https://api.day.app/device-key");
        let body = json(&post);
        assert_eq!((&body["title"], &body["level"]), (&"This is a test".into(), &"active".into()));
        let unknown = br#"{"code":400,"message":"no device token for [device-key]"}"#;
        let error = post.judge(400, unknown).unwrap_err();
        assert_eq!(error.to_string(), "it was refused with status 400: no device token for […]");
        assert!(post.judge(200, br#"{"code":200,"message":"success"}"#).is_ok());
    }
}

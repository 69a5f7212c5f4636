//! A server of the owner's own: the message as JSON, signed.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use bytes::Bytes;
use http::HeaderValue;
use settings::{Hidden, Notifications};
use uuid::Uuid;

use crate::message::Message;
use crate::post::{DeliveryError, Post};

#[derive(Debug, Clone)]
pub(super) struct Webhook {
    url: Hidden,
    secret: Option<Hidden>,
}

impl Webhook {
    pub(super) fn configured(settings: &Notifications) -> Option<Self> {
        let Notifications { webhook_url, webhook_secret, .. } = settings;
        Some(Self { url: webhook_url.clone()?, secret: webhook_secret.clone() })
    }

    pub(super) fn post(&self, message: &Message) -> Result<Post, DeliveryError> {
        let mut fields = message.fields();
        fields["id"] = Uuid::now_v7().to_string().into();
        let body = Bytes::from(fields.to_string());
        let mut post = Post::new(self.url.expose(), "application/json", body)?;
        // What was kept through quiet hours is old, its delivery is not.
        let timestamp = jiff::Timestamp::now().as_second().to_string();
        if let Some(secret) = &self.secret {
            let signature = signature(secret, &timestamp, &post.body);
            post.header("x-gemini-balance-signature", HeaderValue::try_from(signature).ok());
        }
        post.header("x-gemini-balance-timestamp", HeaderValue::try_from(timestamp).ok());
        Ok(post)
    }
}

/// `sha256=` and the HMAC-SHA256 of the timestamp, a dot and the body, in hexadecimal digits.
fn signature(secret: &Hidden, timestamp: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(timestamp.as_bytes());
    context.update(b".");
    context.update(body);
    let mut text = "sha256=".to_owned();
    for byte in context.sign().as_ref() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::fixture::{json, message, settings};

    #[test]
    fn the_message_is_json_and_signed() {
        let settings = settings(&[
            ("NOTIFY_WEBHOOK_URL", "https://example.com/hook?token=1"),
            ("NOTIFY_WEBHOOK_SECRET", "a shared secret"),
        ]);
        let post = Webhook::configured(&settings).unwrap().post(&message()).unwrap();
        assert_eq!(post.uri.to_string(), "https://example.com/hook?token=1");
        let body = json(&post);
        assert_eq!((&body["event"], &body["state"]), (&"test".into(), &"notice".into()));
        assert_eq!(body["at"], "2023-11-14T22:13:20Z");
        assert!(body["id"].as_str().unwrap().parse::<Uuid>().is_ok());
        let timestamp = post.headers["x-gemini-balance-timestamp"].to_str().unwrap();
        let signed = post.headers["x-gemini-balance-signature"].to_str().unwrap();
        assert_eq!(signed, signature(&Hidden::new("a shared secret"), timestamp, &post.body));
    }

    #[test]
    fn the_signature_is_what_others_compute() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac secret
        assert_eq!(
            signature(&Hidden::new("secret"), "1700000000", b"{}"),
            "sha256=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
        );
    }
}

//! A bot of Telegram's.

use serde_json::json;
use settings::{Hidden, Notifications};

use super::cut;
use crate::message::Message;
use crate::post::{DeliveryError, Post};

/// Longer texts are refused by Telegram.
const LONGEST: usize = 4096;

#[derive(Debug, Clone)]
pub(super) struct Telegram {
    base: String,
    token: Hidden,
    chat: String,
}

impl Telegram {
    pub(super) fn configured(settings: &Notifications) -> Option<Self> {
        Some(Self {
            base: settings.telegram_url.clone(),
            token: settings.telegram_token.clone()?,
            chat: settings.telegram_chat.clone()?,
        })
    }

    pub(super) fn post(&self, message: &Message) -> Result<Post, DeliveryError> {
        let address = format!("{}/bot{}/sendMessage", self.base, self.token.expose());
        let text = cut(&format!("{}\n\n{}", message.title, message.text), LONGEST);
        let body = json!({
            "chat_id": self.chat,
            "text": text,
            "link_preview_options": {"is_disabled": true},
        });
        Ok(Post::json(&address, &body)?.hiding(self.token.expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::fixture::{json, message, settings};

    #[test]
    fn the_bot_writes_to_the_chat() {
        let settings = settings(&[
            ("NOTIFY_TELEGRAM_TOKEN", "123:secret"),
            ("NOTIFY_TELEGRAM_CHAT", "-100200"),
        ]);
        let telegram = Telegram::configured(&settings).unwrap();
        let post = telegram.post(&message()).unwrap();
        assert_eq!(post.uri.to_string(), "https://api.telegram.org/bot123:secret/sendMessage");
        let body = json(&post);
        assert_eq!(body["chat_id"], "-100200");
        assert_eq!(body["text"], "This is a test\n\nNotifications of this gateway arrive here.");
        assert!(!format!("{telegram:?}").contains("secret"));
        let long = Message { text: "é".repeat(5000), ..message() };
        let body = json(&telegram.post(&long).unwrap());
        assert_eq!(body["text"].as_str().unwrap().chars().count(), LONGEST);
    }
}

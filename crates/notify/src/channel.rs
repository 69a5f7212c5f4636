//! The ways to the owner, one a file.

mod bark;
mod email;
mod serverchan;
mod telegram;
mod webhook;

use settings::Notifications;

use crate::message::Message;
use crate::post::{DeliveryError, Post, Poster};

use self::bark::Bark;
use self::email::Email;
use self::serverchan::ServerChan;
use self::telegram::Telegram;
use self::webhook::Webhook;

/// A way to the owner, as the settings describe it.
#[derive(Debug, Clone)]
pub struct Channel(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Webhook(Webhook),
    Telegram(Telegram),
    Bark(Bark),
    ServerChan(ServerChan),
    Email(Email),
}

impl Channel {
    /// All channels that are configured, in the order of the settings. One that lacks a part is not.
    pub fn configured(settings: &Notifications) -> Vec<Self> {
        let channels = [
            Webhook::configured(settings).map(Kind::Webhook),
            Telegram::configured(settings).map(Kind::Telegram),
            Bark::configured(settings).map(Kind::Bark),
            ServerChan::configured(settings).map(Kind::ServerChan),
            Email::configured(settings).map(Kind::Email),
        ];
        channels.into_iter().flatten().map(Self).collect()
    }

    /// Its name: `telegram`.
    pub fn name(&self) -> &'static str {
        match self.0 {
            Kind::Webhook(_) => "webhook",
            Kind::Telegram(_) => "telegram",
            Kind::Bark(_) => "bark",
            Kind::ServerChan(_) => "serverchan",
            Kind::Email(_) => "email",
        }
    }

    /// A message on its way, ready to be sent as often as it takes.
    pub(crate) fn letter(&self, message: &Message) -> Result<Letter, DeliveryError> {
        match &self.0 {
            Kind::Webhook(webhook) => webhook.post(message).map(Box::new).map(Letter::Post),
            Kind::Telegram(telegram) => telegram.post(message).map(Box::new).map(Letter::Post),
            Kind::Bark(bark) => bark.post(message).map(Box::new).map(Letter::Post),
            Kind::ServerChan(serverchan) => {
                serverchan.post(message).map(Box::new).map(Letter::Post)
            }
            Kind::Email(email) => email.mail(message).map(Box::new).map(Letter::Mail),
        }
    }
}

/// A message as a channel wants it.
pub(crate) enum Letter {
    Post(Box<Post>),
    Mail(Box<email::Mail>),
}

impl Letter {
    pub(crate) async fn send(&self, poster: &Poster) -> Result<(), DeliveryError> {
        match self {
            Self::Post(post) => poster.send(post).await,
            Self::Mail(mail) => mail.send().await,
        }
    }
}

/// A text of at most so many characters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod fixture;

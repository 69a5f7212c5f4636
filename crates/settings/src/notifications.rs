//! What the owner of the gateway is told, and how: typed.

use std::fmt;
use std::time::Duration;

use crate::hidden::Hidden;
use crate::layers::Values;

/// What the owner is told, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notifications {
    /// Where messages are posted as JSON (`NOTIFY_WEBHOOK_URL`).
    pub webhook_url: Option<Hidden>,
    /// What they are signed with there (`NOTIFY_WEBHOOK_SECRET`).
    pub webhook_secret: Option<Hidden>,
    /// The bot's token (`NOTIFY_TELEGRAM_TOKEN`).
    pub telegram_token: Option<Hidden>,
    /// The chat that it writes to (`NOTIFY_TELEGRAM_CHAT`).
    pub telegram_chat: Option<String>,
    /// Where the Bot API is, without a slash at the end (`NOTIFY_TELEGRAM_URL`).
    pub telegram_url: String,
    /// The address of a device at Bark (`NOTIFY_BARK_URL`).
    pub bark_url: Option<Hidden>,
    /// The `SendKey` at `ServerChan` (`NOTIFY_SERVERCHAN_KEY`).
    pub serverchan_key: Option<Hidden>,
    /// Where `ServerChan` is, if not where the key says (`NOTIFY_SERVERCHAN_URL`).
    pub serverchan_url: Option<String>,
    /// The mail server (`NOTIFY_SMTP_URL`); may hold a password.
    pub smtp_url: Option<Hidden>,
    /// The sender of e-mails (`NOTIFY_EMAIL_FROM`).
    pub email_from: Option<String>,
    /// Who gets them (`NOTIFY_EMAIL_TO`).
    pub email_to: Vec<String>,
    /// What is told (`NOTIFY_EVENTS`).
    pub events: Vec<NotifiedEvent>,
    /// Keys that die within this time are told of together (`NOTIFY_GROUP_TIME`).
    pub group_time: Duration,
    /// The pool is low below this share of usable keys (`NOTIFY_POOL_LOW_PERCENT`); 0: never.
    pub pool_low_percent: u32,
    /// So long a quota must not last before that is told (`NOTIFY_FORECAST_TIME`).
    pub forecast_time: Duration,
    /// So many failed requests of a hundred are a burst (`NOTIFY_ERROR_PERCENT`); 0: never.
    pub error_percent: u32,
    /// Fewer requests are no burst (`NOTIFY_ERROR_REQUESTS`).
    pub error_requests: u32,
    /// How often everything is looked at (`NOTIFY_LOOK_INTERVAL`).
    pub look_interval: Duration,
    /// The hour of the digest (`NOTIFY_DIGEST_HOUR`); none: no digest.
    pub digest_hour: Option<u8>,
    /// When nothing but an empty pool is told (`NOTIFY_QUIET_HOURS`).
    pub quiet_hours: Option<DailyHours>,
}

/// Something that the owner can be told of, and that can be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotifiedEvent {
    /// Google refused keys for good.
    KeyDead,
    /// Few keys are usable.
    PoolLow,
    /// No key is usable.
    PoolEmpty,
    /// Today's quota of a model will not last.
    Forecast,
    /// Many requests fail.
    ErrorBurst,
}

impl NotifiedEvent {
    /// All, in the order of [`Self::NAMES`].
    pub const ALL: [Self; 5] =
        [Self::KeyDead, Self::PoolLow, Self::PoolEmpty, Self::Forecast, Self::ErrorBurst];

    /// Their names.
    pub const NAMES: [&'static str; 5] =
        ["key_dead", "pool_low", "pool_empty", "forecast", "error_burst"];

    /// The name in settings and messages.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// From a minute of every day to another, past midnight if that is the earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyHours {
    /// The first minute of the day, from 0.
    pub from: u16,
    /// The minute after the last.
    pub to: u16,
}

impl DailyHours {
    /// Whether a minute of the day lies within.
    pub fn contains(self, minute: u16) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

impl fmt::Display for DailyHours {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(formatter, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl Notifications {
    pub(crate) fn read(values: &Values) -> Self {
        let text = |name| values.text(name).map(str::to_owned);
        let chosen = values.list("NOTIFY_EVENTS");
        let is_chosen = |event: &NotifiedEvent| chosen.iter().any(|name| name == event.name());
        let quiet = values.text("NOTIFY_QUIET_HOURS");
        Self {
            webhook_url: values.secret("NOTIFY_WEBHOOK_URL"),
            webhook_secret: values.secret("NOTIFY_WEBHOOK_SECRET"),
            telegram_token: values.secret("NOTIFY_TELEGRAM_TOKEN"),
            telegram_chat: text("NOTIFY_TELEGRAM_CHAT"),
            telegram_url: text("NOTIFY_TELEGRAM_URL").unwrap_or_default(),
            bark_url: values.secret("NOTIFY_BARK_URL"),
            serverchan_key: values.secret("NOTIFY_SERVERCHAN_KEY"),
            serverchan_url: text("NOTIFY_SERVERCHAN_URL"),
            smtp_url: values.secret("NOTIFY_SMTP_URL"),
            email_from: text("NOTIFY_EMAIL_FROM"),
            email_to: values.list("NOTIFY_EMAIL_TO"),
            events: NotifiedEvent::ALL.into_iter().filter(is_chosen).collect(),
            group_time: values.duration("NOTIFY_GROUP_TIME"),
            pool_low_percent: values.count("NOTIFY_POOL_LOW_PERCENT"),
            forecast_time: values.duration("NOTIFY_FORECAST_TIME"),
            error_percent: values.count("NOTIFY_ERROR_PERCENT"),
            error_requests: values.count("NOTIFY_ERROR_REQUESTS"),
            look_interval: values.duration("NOTIFY_LOOK_INTERVAL"),
            digest_hour: values
                .has("NOTIFY_DIGEST_HOUR")
                .then(|| u8::try_from(values.number("NOTIFY_DIGEST_HOUR")).unwrap_or_default()),
            quiet_hours: quiet.and_then(|text| crate::parse::daily_hours(text).ok()),
        }
    }

    /// Whether an event is told of.
    pub fn tells(&self, event: NotifiedEvent) -> bool {
        self.events.contains(&event)
    }

    /// What must not be shown of these settings, wherever it turns up.
    pub fn secrets(&self) -> impl Iterator<Item = &Hidden> {
        [
            &self.webhook_url,
            &self.webhook_secret,
            &self.telegram_token,
            &self.bark_url,
            &self.serverchan_key,
            &self.smtp_url,
        ]
        .into_iter()
        .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_go_past_midnight() {
        let night = DailyHours { from: 23 * 60, to: 7 * 60 };
        let inside = [23 * 60, 24 * 60 - 1, 0, 7 * 60 - 1];
        assert!(inside.iter().all(|minute| night.contains(*minute)));
        assert!(!night.contains(7 * 60) && !night.contains(23 * 60 - 1));
        let noon = DailyHours { from: 720, to: 780 };
        assert!(noon.contains(720) && !noon.contains(780) && !noon.contains(0));
    }
}

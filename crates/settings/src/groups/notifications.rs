//! What the owner is told, and how.

use crate::definition::Definition;
use crate::kind::Kind;
use crate::notifications::NotifiedEvent;

/// Settings of notifications.
pub(super) const TABLE: &[Definition] = &[
    Definition::new(
        "NOTIFY_WEBHOOK_URL",
        Kind::SecretUrl,
        "",
        "Where notifications are posted as JSON; docs/notifications.md has the fields.",
    ),
    Definition::new(
        "NOTIFY_WEBHOOK_SECRET",
        Kind::Secret,
        "",
        "What those posts are signed with (HMAC-SHA256), so that the receiver can tell that they are \
         genuine.",
    ),
    Definition::new(
        "NOTIFY_TELEGRAM_TOKEN",
        Kind::Secret,
        "",
        "Token of a Telegram bot that writes notifications to NOTIFY_TELEGRAM_CHAT.",
    ),
    Definition::new(
        "NOTIFY_TELEGRAM_CHAT",
        Kind::Text,
        "",
        "Id of the chat that the bot writes to, or @name of a channel.",
    ),
    Definition::new(
        "NOTIFY_TELEGRAM_URL",
        Kind::Url,
        "https://api.telegram.org",
        "Where Telegram's Bot API is reached, if not directly.",
    ),
    Definition::new(
        "NOTIFY_BARK_URL",
        Kind::SecretUrl,
        "",
        "Address of a device at Bark, with its key, as the app shows it: https://api.day.app/KEY.",
    ),
    Definition::new(
        "NOTIFY_SERVERCHAN_KEY",
        Kind::Secret,
        "",
        "SendKey at ServerChan (Turbo, or version 3).",
    ),
    Definition::new(
        "NOTIFY_SERVERCHAN_URL",
        Kind::Url,
        "",
        "Where ServerChan is reached; without it, where the key belongs.",
    ),
    Definition::new(
        "NOTIFY_SMTP_URL",
        Kind::ServiceUrl(&["smtp", "smtps"]),
        "",
        "Mail server for notifications: smtps://user:password@host, or \
         smtp://user:password@host:587?tls=required for STARTTLS. Needs NOTIFY_EMAIL_FROM and \
         NOTIFY_EMAIL_TO.",
    ),
    Definition::new("NOTIFY_EMAIL_FROM", Kind::Text, "", "Sender of e-mails."),
    Definition::new("NOTIFY_EMAIL_TO", Kind::TextList, "", "Who gets e-mails."),
    Definition::new(
        "NOTIFY_EVENTS",
        Kind::ChoiceList(&NotifiedEvent::NAMES),
        "key_dead,pool_low,pool_empty,forecast,error_burst",
        "What is told: keys that Google refused for good, few usable keys, none at all, a quota that \
         will not last the day, many failed requests. [] for nothing.",
    ),
    Definition::new(
        "NOTIFY_GROUP_TIME",
        Kind::Seconds { min: 0, max: 3600 },
        "60s",
        "Keys that die within this time are told of in one message. It is also how long something \
         must be over before that is told.",
    ),
    Definition::new(
        "NOTIFY_POOL_LOW_PERCENT",
        Kind::Integer { min: 0, max: 100 },
        "20",
        "The pool is low when less than this share of its enabled keys is usable; 0 never.",
    ),
    Definition::new(
        "NOTIFY_FORECAST_TIME",
        Kind::Seconds { min: 0, max: 86_400 },
        "180s",
        "So long a quota must be expected not to last the day before that is told.",
    ),
    Definition::new(
        "NOTIFY_ERROR_PERCENT",
        Kind::Integer { min: 0, max: 100 },
        "30",
        "So many failed requests of a hundred, within five minutes, are told of; 0 never.",
    ),
    Definition::new(
        "NOTIFY_ERROR_REQUESTS",
        Kind::Integer { min: 1, max: 1_000_000 },
        "20",
        "With fewer requests in those five minutes, failures are not told of.",
    ),
    Definition::new(
        "NOTIFY_LOOK_INTERVAL",
        Kind::Seconds { min: 1, max: 3600 },
        "30s",
        "How often it is looked at what costs more than a glance at the pool: quotas that will not \
         last, failed requests, whether the digest is due.",
    ),
    Definition::new(
        "NOTIFY_DIGEST_HOUR",
        Kind::Integer { min: 0, max: 23 },
        "",
        "Hour, in TIMEZONE, at which yesterday's numbers are told; without one they are not.",
    ),
    Definition::new(
        "NOTIFY_QUIET_HOURS",
        Kind::DailyHours,
        "",
        "Hours, in TIMEZONE, in which only an empty pool is told of. The rest is told together \
         afterwards.",
    ),
];

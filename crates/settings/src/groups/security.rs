//! Passwords and permissions.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings about who may do what.
pub(super) const TABLE: &[Definition] = &[
    Definition::new(
        "AUTH_TOKEN",
        Kind::Secret,
        "",
        "The administrator's password. Without one, the first start prints a setup link that \
         works once.",
    ),
    Definition::new(
        "ALLOWED_TOKENS",
        Kind::SecretList,
        "",
        "Client tokens to take over at start: whoever has one may use the API. Without any \
         token nobody gets in.",
    )
    .imported("gemini-balance tokens create"),
    Definition::new(
        "METRICS_TOKEN",
        Kind::Secret,
        "",
        "Bearer token with which a Prometheus server may read /metrics. The administrator \
         always may.",
    ),
    Definition::new(
        "CRON_SECRET",
        Kind::Secret,
        "",
        "Bearer token for /api/cron/health-check, for schedulers outside of the program.",
    ),
    Definition::new(
        "SETTINGS_READONLY",
        Kind::Bool,
        "false",
        "Makes the environment final: what an administrator saved is ignored, and nothing \
         can be saved.",
    )
    .boot(),
    Definition::new(
        "URL_FETCH",
        Kind::Choice(&["off", "public", "allowlist"]),
        "public",
        "May the gateway fetch addresses that clients name, such as images? Either none, \
         public ones, or only those of URL_FETCH_ALLOW.",
    ),
    Definition::new(
        "URL_FETCH_ALLOW",
        Kind::NetworkList,
        "",
        "Hosts and networks (127.0.0.1/32) that may be fetched in addition to what URL_FETCH \
         says.",
    ),
    Definition::new(
        "TRUSTED_PROXIES",
        Kind::AddressList,
        "",
        "Addresses and networks of reverse proxies in front of the gateway. What they say in \
         X-Forwarded-For is believed: failed sign-ins are counted by the client's address, and \
         a client token shows it.",
    ),
    Definition::new(
        "ADMIN_SESSION_EXPIRE",
        Kind::Seconds { min: 300, max: 86_400 },
        "3600s",
        "How long an administrator stays signed in at the console.",
    )
    .idle(),
];

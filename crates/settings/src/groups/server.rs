//! The listening side.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings of the listening side.
pub(super) const TABLE: &[Definition] = &[
    Definition::new(
        "LISTEN",
        Kind::SocketAddress,
        "0.0.0.0:8000",
        "Address and port to listen on. Behind a reverse proxy on the same machine, \
         127.0.0.1:8000 keeps others out.",
    )
    .boot(),
    Definition::new(
        "HOST",
        Kind::Host,
        "",
        "The address of LISTEN alone; read when LISTEN is not set.",
    )
    .boot()
    .part_of("LISTEN"),
    Definition::new(
        "PORT",
        Kind::Integer { min: 0, max: 65_535 },
        "",
        "The port of LISTEN alone; read when LISTEN is not set. Container platforms set it.",
    )
    .boot()
    .part_of("LISTEN"),
    Definition::new(
        "PUBLIC_URL",
        Kind::Url,
        "",
        "Address that clients reach this gateway at, like https://ai.example.org. Answers that name \
         an address of the gateway, as for uploads and pictures, begin with it; without, with what \
         the request says (X-Forwarded-Proto, X-Forwarded-Host, Host).",
    ),
    Definition::new(
        "WORKERS",
        Kind::Integer { min: 0, max: 1024 },
        "0",
        "Threads that serve requests. 0 takes one per processor core.",
    )
    .boot(),
    Definition::new(
        "MAX_BODY_SIZE",
        Kind::Bytes { min: 1 << 10, max: 4 << 30 },
        "100MB",
        "Largest request body that is accepted; a larger one is answered with 413.",
    ),
    Definition::new(
        "HEADER_TIMEOUT",
        Kind::Seconds { min: 1, max: 600 },
        "10s",
        "How long a client may take to send a request's head. Ends connections that only \
         hold a place.",
    ),
    Definition::new(
        "BODY_IDLE_TIMEOUT",
        Kind::Seconds { min: 1, max: 3600 },
        "30s",
        "Longest pause while a request's body arrives.",
    ),
    Definition::new(
        "KEEP_ALIVE_TIMEOUT",
        Kind::Seconds { min: 1, max: 3600 },
        "75s",
        "How long a client's idle connection is kept. Keep it longer than the reverse proxy \
         in front does.",
    ),
    Definition::new(
        "MAX_CONNECTIONS",
        Kind::Integer { min: 1, max: 1_000_000 },
        "20000",
        "Client connections that may be open at the same time; the next one waits.",
    )
    .restart(),
    Definition::new(
        "BACKGROUND_RESPONSES_MAX",
        Kind::Integer { min: 1, max: 100_000 },
        "100",
        "Background responses of the Responses API that may be worked on at the same time; the \
         next one is refused with 429.",
    ),
    Definition::new(
        "SHUTDOWN_GRACE",
        Kind::Seconds { min: 0, max: 3600 },
        "120s",
        "How long running requests and streams may go on after SIGTERM before they are cut.",
    ),
];

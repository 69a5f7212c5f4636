//! The connection to Google.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings of the connection to Google.
pub(super) const TABLE: &[Definition] = &[
    Definition::new(
        "BASE_URL",
        Kind::Url,
        "https://generativelanguage.googleapis.com/v1beta",
        "Address of the Gemini API, with the version that is used where a client names none.",
    )
    .aliases(&["GOOGLE_API_HOST"]),
    Definition::new(
        "VERTEX_EXPRESS_BASE_URL",
        Kind::Url,
        "https://aiplatform.googleapis.com/v1beta1/publishers/google",
        "Address of Vertex AI in express mode, with the version and Google as the publisher. Calls \
         below /vertex-express go there.",
    ),
    Definition::new(
        "CUSTOM_HEADERS",
        Kind::Headers,
        "",
        "Headers added to every call to Google. The values are kept like secrets.",
    ),
    Definition::new(
        "MODEL_HEADERS",
        Kind::ModelHeaders,
        "",
        "Headers added to calls of some models, in place of those of CUSTOM_HEADERS with the same \
         names. A model's name may end with *; the first that fits counts. The values are kept like \
         secrets.",
    ),
    Definition::new(
        "PROXIES",
        Kind::ProxyList,
        "",
        "Outbound proxies to reach Google through: http, https, socks5 or socks5h (which \
         lets the proxy resolve names), with user:password@ if needed.",
    )
    .aliases(&["PROXY_URL"]),
    Definition::new(
        "PROXIES_USE_CONSISTENCY_HASH_BY_API_KEY",
        Kind::Bool,
        "true",
        "Each key always takes the same proxy, as long as the list stays the same; otherwise \
         a random one per attempt.",
    ),
    Definition::new(
        "PROXY_STATES",
        Kind::ChoiceMap(&["drain", "off"]),
        "{}",
        "Proxies of PROXIES that take nothing new, by their ids (as in the address of their page): \
         drain lets what runs there end and brings its keys back later, off is for those that are \
         to stay out.",
    ),
    Definition::new(
        "PROXY_WEIGHTS",
        Kind::NumberMap { min: 1.0, max: 10_000.0 },
        "{}",
        "How many keys a proxy takes beside the others, by its id; those that are not named have \
         100. Rebalancing writes it. It counts only where each key keeps its proxy.",
    ),
    Definition::new(
        "EXIT_IP_URL",
        Kind::Url,
        "",
        "Address of a service of your choice that answers with the address it was called from, as \
         text or as JSON with ip and country. It is asked through a proxy whenever that is tested; \
         without it, nobody is asked.",
    ),
    Definition::new(
        "CONNECT_TIMEOUT",
        Kind::Seconds { min: 1, max: 600 },
        "5s",
        "Longest time to connect to Google, TLS included.",
    ),
    Definition::new(
        "FIRST_BYTE_TIMEOUT",
        Kind::Seconds { min: 1, max: 3600 },
        "120s",
        "Longest wait for an answer to begin. Thinking models may be silent for minutes when \
         not streamed.",
    ),
    Definition::new(
        "IDLE_TIMEOUT",
        Kind::Seconds { min: 1, max: 3600 },
        "120s",
        "Longest pause inside an answer.",
    ),
    Definition::new(
        "TOTAL_TIMEOUT",
        Kind::Seconds { min: 1, max: 86_400 },
        "900s",
        "Longest time for a request with all its attempts, until its answer has ended.",
    ),
    Definition::new(
        "TIME_OUT",
        Kind::Seconds { min: 1, max: 3600 },
        "",
        "The Python project's one limit: sets FIRST_BYTE_TIMEOUT and IDLE_TIMEOUT where they \
         are not set.",
    ),
    Definition::new(
        "POOL_IDLE_TIMEOUT",
        Kind::Seconds { min: 1, max: 3600 },
        "20s",
        "How long an idle connection to Google is kept for the next request.",
    ),
    Definition::new(
        "MAX_EVENT_SIZE",
        Kind::Bytes { min: 64 << 10, max: 1 << 30 },
        "64MB",
        "Largest single event of a stream from Google. Images arrive as one event.",
    ),
];

//! Keys and retries.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings of the key pool.
pub(super) const TABLE: &[Definition] = &[
    Definition::new(
        "API_KEYS",
        Kind::SecretList,
        "",
        "Gemini API keys to take over into the pool at start. A key that an administrator \
         removed is not added again.",
    )
    .imported("gemini-balance keys add"),
    Definition::new(
        "MAX_RETRIES",
        Kind::Integer { min: 0, max: 10 },
        "3",
        "Attempts per request in all, the first one included, each with another key. 0 is \
         taken as 1.",
    ),
    Definition::new(
        "MAX_FAILURES",
        Kind::Integer { min: 1, max: 100 },
        "3",
        "Broken connections in a row after which a key is avoided for a while. What Google \
         says about a key or its quota counts at once and is not meant here.",
    ),
    Definition::new(
        "RETRY_BUDGET_PERCENT",
        Kind::Integer { min: 0, max: 1000 },
        "20",
        "Retries after overload or broken connections, as a share of all requests. Keeps an \
         outage at Google from multiplying the load.",
    ),
    Definition::new(
        "RETRY_BUDGET_FLOOR",
        Kind::Integer { min: 0, max: 100_000 },
        "10",
        "Such retries per second that are allowed in any case, so that a quiet gateway may \
         retry too.",
    ),
    Definition::new(
        "HEDGE_PERCENT",
        Kind::Integer { min: 0, max: 100 },
        "0",
        "Share of the requests that may be sent a second time, with a key of another project that \
         has quota to spare, when the first attempt takes longer to begin its answer than 95 of \
         100 did lately. The first that answers is taken, the other cancelled. 0 switches it off.",
    ),
    Definition::new(
        "EMPTY_RETRIES",
        Kind::Integer { min: 0, max: 5 },
        "1",
        "How often an empty answer of Google (nothing but thoughts, a malformed function call …) \
         is asked for anew before the client is given one. Counts as an attempt (MAX_RETRIES).",
    ),
    Definition::new(
        "POOL_WAIT",
        Kind::Seconds { min: 0, max: 60 },
        "5s",
        "How long a request waits for a key when all are out of quota for a moment. 0 \
         answers 429 at once.",
    ),
    Definition::new(
        "POOL_STRATEGY",
        Kind::Choice(&["balanced", "round_robin", "fill_first", "least_latency"]),
        "balanced",
        "In which order projects are used: balanced lets them take turns and the one with more \
         headroom go first; round_robin lets keys take turns whatever their projects; fill_first \
         uses one up before the next; least_latency takes the fastest of the next few.",
    ),
    Definition::new(
        "QUOTA_LIMITS",
        Kind::QuotaLimits,
        "[]",
        "Limits of Google's quotas that are known beforehand, so that the pool keeps to them \
         without having to hear a refusal. Each entry may name a project, a tier and a model (* at \
         the end stands for anything); what it leaves out holds for all, and of several entries \
         the one that names more decides. An entry is about the Gemini API unless it has the \
         platform vertex.",
    ),
    Definition::new(
        "VERTEX_API_KEYS",
        Kind::SecretList,
        "",
        "Keys of Vertex AI in express mode that join a pool of their own at start, unless an \
         administrator has removed them.",
    )
    .imported("gemini-balance keys add --vertex"),
    Definition::new(
        "PAID_KEY",
        Kind::Secret,
        "",
        "Key of a project with billing. At start it joins the pool with the tag paid and the tier 1. \
         Models without a free tier (pictures, films, music, Pro) go to keys with that tag where \
         there are any.",
    )
    .restart(),
];

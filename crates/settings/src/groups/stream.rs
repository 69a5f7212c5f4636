//! How streams are delivered.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings of streams.
pub(super) const TABLE: &[Definition] = &[
    Definition::new(
        "STREAM_KEEP_ALIVE_INTERVAL",
        Kind::Seconds { min: 0, max: 3600 },
        "10s",
        "Longest silence within a stream of the OpenAI and Anthropic APIs, before it gives a sign of \
         life; 0: none.",
    ),
    Definition::new(
        "STREAM_OPTIMIZER_ENABLED",
        Kind::Bool,
        "false",
        "Cut long pieces of a stream into small ones, so that text seems to be typed. Slows \
         answers down.",
    ),
    Definition::new(
        "STREAM_MIN_DELAY",
        Kind::Decimal { min: 0.0, max: 1.0 },
        "0.016",
        "Shortest pause in seconds between such pieces.",
    ),
    Definition::new(
        "STREAM_MAX_DELAY",
        Kind::Decimal { min: 0.0, max: 1.0 },
        "0.024",
        "Longest pause in seconds between such pieces.",
    ),
    Definition::new(
        "STREAM_SHORT_TEXT_THRESHOLD",
        Kind::Integer { min: 1, max: 100 },
        "10",
        "Characters up to which a piece counts as short and gets the longest pause.",
    ),
    Definition::new(
        "STREAM_LONG_TEXT_THRESHOLD",
        Kind::Integer { min: 1, max: 1000 },
        "50",
        "Characters from which a piece counts as long, is cut, and gets the shortest pause.",
    ),
    Definition::new(
        "STREAM_CHUNK_SIZE",
        Kind::Integer { min: 1, max: 100 },
        "5",
        "Characters of a piece when a long text is cut.",
    ),
    Definition::new(
        "FAKE_STREAM_ENABLED",
        Kind::Bool,
        "false",
        "Answer streams from a call that is not streamed, with signs of life until it is there.",
    ),
    Definition::new(
        "FAKE_STREAM_MODELS",
        Kind::TextList,
        "",
        "Models that FAKE_STREAM_ENABLED is about; none: all.",
    ),
    Definition::new(
        "FAKE_STREAM_EMPTY_DATA_INTERVAL_SECONDS",
        Kind::Integer { min: 1, max: 60 },
        "5",
        "Seconds between those signs of life. A failure before the first of them has a status of its \
         own, later ones are told within the stream.",
    ),
];

//! What must hold of any bytes: one property for each place where bytes of others come in.
//!
//! The fuzzer in `fuzz/` looks for inputs that break a property; `tests/corpus.rs` holds those it
//! has kept against it again. A property panics where it does not hold.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a property that does not hold panics"
)]

mod answers;
mod chat;
mod delivery;
mod messages;
mod responses;
mod splitter;
mod upstream;

use dialect::Stamp;

/// Panics where it does not hold for these bytes.
pub type Property = fn(&[u8]);

/// Every property, by its name: that of the fuzz target, and of the folder with its inputs.
pub const PROPERTIES: [(&str, Property); 9] = [
    ("sse", splitter::events),
    ("array", splitter::elements),
    ("chat_request", chat::request),
    ("chat_stream", chat::stream),
    ("messages_request", messages::request),
    ("messages_stream", messages::stream),
    ("responses_request", responses::request),
    ("responses_stream", responses::stream),
    ("answers", answers::answers),
];

/// Holds the named property against these bytes.
pub fn check(name: &str, input: &[u8]) {
    let found = PROPERTIES.iter().find(|(known, _)| *known == name);
    found.map(|(_, property)| property(input)).unwrap();
}

/// Time and ids as they never are, but always the same.
fn stamp() -> Stamp {
    let mut number = 0;
    Stamp {
        created: 1_790_000_000,
        fallback_id: "fallback".into(),
        call_ids: Box::new(move || {
            number += 1;
            format!("call_{number}")
        }),
    }
}

//! What Google's messages tell of a session, beside what they are for its client.

use dialect::Usage;
use dialect::gemini::observe_live;
use keypool::Bond;
use tokio_tungstenite::tungstenite::Message;

use crate::exchange::Exchange;
use crate::lease::Held;
use crate::stream::pool_usage;

/// Adds up what a session uses.
pub(super) struct Tally {
    usage: Usage,
    bond: Bond,
}

impl Tally {
    /// For a session of this key and project.
    pub(super) fn new(bond: Bond) -> Self {
        Self { usage: Usage::default(), bond }
    }

    /// Notes what a message says.
    pub(super) fn hear(&mut self, message: &Message, exchange: &mut Exchange, held: &mut Held) {
        let observed = observe_live(message_bytes(message));
        if let Some(usage) = &observed.usage {
            self.usage = self.usage.plus(usage);
            held.usage = pool_usage(self.usage);
            exchange.entry.usage(held.usage);
        }
        if let Some(handle) = observed.handle {
            let owner = exchange.entry.token_id();
            exchange.gateway.live.remember(&handle, self.bond.clone(), owner);
        }
    }
}

/// What a message holds: JSON, whichever kind of frame it came in.
pub(crate) fn message_bytes(message: &Message) -> &[u8] {
    match message {
        Message::Text(text) => text.as_bytes(),
        Message::Binary(bytes) => bytes,
        _ => &[],
    }
}

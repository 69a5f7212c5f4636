//! Time and ids for translated answers.

use dialect::Stamp;
use rand::RngExt;

use crate::clock;

/// The stamp of an answer whose calls get ids with this prefix.
pub(crate) fn stamp(prefix: &'static str, request_id: &str) -> Stamp {
    Stamp {
        created: clock::now().millis() / 1000,
        fallback_id: request_id.replace('-', ""),
        call_ids: Box::new(move || {
            let letters = rand::rng().sample_iter(rand::distr::Alphanumeric);
            std::iter::once(prefix.to_owned())
                .chain(letters.take(24).map(|letter| char::from(letter).to_string()))
                .collect()
        }),
    }
}

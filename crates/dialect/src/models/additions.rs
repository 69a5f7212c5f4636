//! What the administrator adds to requests, whatever dialect they came in.

use super::{Changes, Complete, Offers, Resolved, Rules};
use crate::{DialectError, Written, gemini::SafetySetting, json};

/// Room to keep behind a client's request for what is mostly added to it: a picture of megabytes
/// would have to move for a few words more.
pub(crate) const ROOM: usize = 1024;

/// Names that only the gateway knows, and what goes with them. The default adds nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Additions<'o> {
    /// Names of models; without, names are Google's.
    pub offers: Option<&'o Offers>,
    /// For requests that bring no safety settings (`SAFETY_SETTINGS`), where there are none for
    /// their model; empty leaves it to Google.
    pub safety_settings: &'o [SafetySetting],
    /// Which model is asked of those that may answer: 0 is the one that the client names, the
    /// others are its fallbacks (`MODEL_FALLBACKS`).
    pub turn: usize,
}

impl<'o> Additions<'o> {
    /// What is meant by a model's name, given without `models/`.
    pub(crate) fn resolve(&self, asked: &str) -> Resolved {
        match self.offers {
            Some(offers) => offers.resolve(asked, self.turn),
            None => Resolved { model: asked.to_owned(), ..Resolved::default() },
        }
    }

    /// Puts everything into a request to Gemini's `model` that has no safety settings of its own;
    /// `client` is the client's body.
    pub(crate) fn add(
        &self,
        model: &str,
        changes: &Changes,
        rules: &Rules,
        body: Written,
        client: &[u8],
    ) -> Result<Complete, DialectError> {
        let mut complete = changes.applied(rules, body, client)?;
        push_safety(&mut complete.body.text, self.safety(model));
        Ok(complete)
    }

    /// The safety settings of a request that brings none.
    pub(crate) fn safety(&self, model: &str) -> &'o [SafetySetting] {
        let of_model = self.offers.and_then(|offers| offers.safety_settings.get(model));
        of_model.map_or(self.safety_settings, Vec::as_slice)
    }
}

/// Appends safety settings to an object that has none.
pub(super) fn push_safety(body: &mut Vec<u8>, settings: &[SafetySetting]) {
    if settings.is_empty() || body.pop_if(|last| *last == b'}').is_none() {
        return;
    }
    body.extend_from_slice(if body == b"{" {
        br#""safetySettings":"#.as_slice()
    } else {
        br#","safetySettings":"#
    });
    json::push(body, settings);
    body.push(b'}');
}

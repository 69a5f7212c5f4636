//! What the administrator adds to requests, whatever dialect they came in.

use super::{Changed, Changes, Offers, Resolved, Rules};
use crate::{DialectError, gemini::SafetySetting, json};

/// Names that only the gateway knows, and what goes with them. The default adds nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Additions<'o> {
    /// Names of models; without, names are Google's.
    pub offers: Option<&'o Offers>,
    /// For requests that bring no safety settings (`SAFETY_SETTINGS`); empty leaves it to Google.
    pub safety_settings: &'o [SafetySetting],
}

impl Additions<'_> {
    /// What is meant by a model's name, given without `models/`.
    pub(crate) fn resolve(&self, asked: &str) -> Resolved {
        match self.offers {
            Some(offers) => offers.resolve(asked),
            None => Resolved { model: asked.to_owned(), changes: Changes::default() },
        }
    }

    /// Puts everything into a request for Gemini that has no safety settings of its own.
    pub(crate) fn add(
        &self,
        changes: &Changes,
        rules: &Rules,
        body: Vec<u8>,
    ) -> Result<Changed, DialectError> {
        let mut complete = if changes.is_empty() {
            Changed { body, search_dropped: false }
        } else {
            changes.apply(rules, &body)?
        };
        if !self.safety_settings.is_empty() && complete.body.pop() == Some(b'}') {
            complete.body.extend_from_slice(br#","safetySettings":"#);
            json::push(&mut complete.body, self.safety_settings);
            complete.body.push(b'}');
        }
        Ok(complete)
    }
}

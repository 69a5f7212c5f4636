//! Second tries with a request that Google did not take as it was.

use dialect::gemini;

use super::Attempts;

/// What of a request may be changed. Only what the gateway itself wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repair {
    /// Nothing.
    No,
    /// Thought signatures.
    Signatures,
    /// Settings may be left out too; the client is told which.
    Everything,
}

impl Attempts<'_> {
    /// Whether there is now another request to send than the one that Google refused with `refusal`.
    /// There is one second try.
    pub(super) fn repair(&mut self, refusal: &[u8]) -> bool {
        if self.is_repaired || self.plan.repair == Repair::No {
            return false;
        }
        let Some(error) = gemini::error::parse(refusal) else { return false };
        let Some(amended) = gemini::amended(&self.body, &error) else { return false };
        if !amended.dropped.is_empty() && self.plan.repair != Repair::Everything {
            return false;
        }
        self.is_repaired = true;
        self.body = amended.body.into();
        self.exchange.dropped.extend(amended.dropped);
        true
    }
}

//! A model may answer with nothing at all. It is asked anew as often as `EMPTY_RETRIES` allows; after
//! that the client is given what came.

use dialect::gemini::Observed;
use keypool::Usage;
use settings::PoolSettings;

use crate::attempts::{Beginning, Unusable};
use crate::stream::pool_usage;

/// How many empty answers of a request are not accepted yet.
#[derive(Debug)]
pub(crate) struct Patience(pub(crate) u32);

impl Patience {
    pub(crate) fn new(settings: &PoolSettings) -> Self {
        // The last attempt's answer is given out, whatever it is.
        Self(settings.empty_retries.min(settings.max_attempts.saturating_sub(1)))
    }

    /// Judges a whole answer, by whether there is anything in it.
    pub(crate) fn check(&mut self, is_empty: bool, usage: Usage) -> Result<(), Unusable> {
        if self.0 > 0 && is_empty {
            self.0 -= 1;
            return Err(Unusable::Empty(usage));
        }
        Ok(())
    }

    /// Judges a whole answer that is not translated.
    pub(crate) fn check_observed(&mut self, answer: &Observed<'_>) -> Result<(), Unusable> {
        let is_empty = !answer.malformed && answer.is_empty();
        self.check(is_empty, answer.usage.map(pool_usage).unwrap_or_default())
    }

    /// Judges an event of a stream that has not begun. An empty one may be followed by more; only
    /// one that also ends the answer makes it an empty answer.
    pub(crate) fn check_event(&mut self, event: &Observed<'_>) -> Result<Beginning, Unusable> {
        if event.finish_reason.is_some() {
            return self.check_observed(event).map(|()| Beginning::Now);
        }
        let waits = self.0 > 0 && !event.has_content && !event.has_thoughts && !event.blocked;
        Ok(if waits { Beginning::NotYet } else { Beginning::Now })
    }
}

#[cfg(test)]
mod tests {
    use dialect::gemini::observe;

    use super::*;

    const EMPTY: &[u8] = br#"{"candidates":[{"content":{"parts":[{"text":""}]}}]}"#;
    const STOP: &[u8] = br#"{"candidates":[{"finishReason":"STOP"}]}"#;
    const TEXT: &[u8] = br#"{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#;
    const THOUGHT: &[u8] =
        br#"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true}]}}]}"#;

    #[test]
    fn empty_answers_are_refused_as_often_as_allowed() {
        let mut patience = Patience(2);
        assert!(patience.check_observed(&observe(TEXT)).is_ok());
        assert!(matches!(patience.check_observed(&observe(STOP)), Err(Unusable::Empty(_))));
        assert!(matches!(patience.check_observed(&observe(STOP)), Err(Unusable::Empty(_))));
        assert!(patience.check_observed(&observe(STOP)).is_ok());
    }

    #[test]
    fn a_stream_begins_with_the_first_event_that_shows_anything() {
        let mut patience = Patience(1);
        assert_eq!(patience.check_event(&observe(EMPTY)).ok(), Some(Beginning::NotYet));
        assert_eq!(patience.check_event(&observe(TEXT)).ok(), Some(Beginning::Now));
        assert_eq!(patience.check_event(&observe(THOUGHT)).ok(), Some(Beginning::Now));
        assert!(matches!(patience.check_event(&observe(STOP)), Err(Unusable::Empty(_))));
        assert_eq!(patience.check_event(&observe(EMPTY)).ok(), Some(Beginning::Now));
        assert_eq!(patience.check_event(&observe(STOP)).ok(), Some(Beginning::Now));
    }
}

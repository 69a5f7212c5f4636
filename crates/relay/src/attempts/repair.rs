//! Second tries with a request that Google did not take as it was.

use dialect::{Usage, gemini};
use memchr::memmem;

use super::{Attempts, Unusable};
use crate::stream::pool_usage;

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

    /// Whether Google's answer says nothing but that thought signatures are missing, and there is now
    /// another request to send. What there is to give out of such an answer is given out.
    pub(super) fn mend(&mut self, answer: &[u8]) -> Option<Unusable> {
        if self.is_repaired || self.plan.repair == Repair::No {
            return None;
        }
        let usage = lacks_signatures(answer)?;
        self.body = gemini::with_placeholders(&self.body)?.into();
        self.is_repaired = true;
        Some(Unusable::Mended(pool_usage(usage)))
    }
}

/// What an answer has cost that ended for want of signatures before it said anything; a whole one or
/// the events of one.
fn lacks_signatures(answer: &[u8]) -> Option<Usage> {
    memmem::find(answer, b"MISSING_THOUGHT_SIGNATURE")?;
    let observed = gemini::observe(answer);
    if !observed.malformed {
        return observed.wants_signatures().then(|| observed.usage.unwrap_or_default());
    }
    let mut usage = Usage::default();
    let mut is_missing = false;
    for line in answer.split(|byte| *byte == b'\n') {
        let Some(data) = line.strip_prefix(b"data:") else { continue };
        let observed = gemini::observe(data);
        if observed.malformed || observed.has_content || observed.error.is_some() {
            return None;
        }
        is_missing |= observed.wants_signatures();
        if let Some(counted) = &observed.usage {
            usage.merge(counted);
        }
    }
    is_missing.then_some(usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_without_content_is_mended() {
        let missing = r#"{"candidates":[{"finishReason":"MISSING_THOUGHT_SIGNATURE"}],"usageMetadata":{"promptTokenCount":3}}"#;
        let text = r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"MISSING_THOUGHT_SIGNATURE"}]}"#;
        let said = r#"{"candidates":[{"content":{"parts":[{"text":"MISSING_THOUGHT_SIGNATURE"}]},"finishReason":"STOP"}]}"#;
        let prompt = |answer: &str| lacks_signatures(answer.as_bytes()).map(|usage| usage.prompt);
        assert_eq!(prompt(missing), Some(3));
        assert_eq!(prompt(text), None);
        assert_eq!(prompt(said), None);
        assert_eq!(prompt(&format!("data: {{\"candidates\":[]}}\n\ndata: {missing}\n\n")), Some(3));
        assert_eq!(prompt(&format!("data: {text}\n\ndata: {missing}\n\n")), None);
        assert_eq!(prompt("<html>MISSING_THOUGHT_SIGNATURE"), None);
    }
}

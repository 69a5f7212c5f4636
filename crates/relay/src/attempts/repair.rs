//! Second tries with a request that Google did not take as it was.

use bytes::Bytes;
use dialect::{Usage, gemini};
use memchr::memmem;

use super::{Attempts, Unusable};
use crate::stream::pool_usage;

/// What of a request may be changed. Only what the gateway itself wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repair<'a> {
    /// Nothing.
    No,
    /// Thought signatures.
    Signatures,
    /// Settings may be left out too; the client is told which.
    Everything,
    /// A text that was to be spoken and was answered is sent in these words.
    Urge(&'a Bytes),
}

impl Attempts<'_> {
    /// Whether there is now another request to send than the one that Google refused with `refusal`.
    /// There is one second try.
    pub(super) fn repair(&mut self, refusal: &[u8]) -> bool {
        if self.is_repaired || self.plan.repair == Repair::No {
            return false;
        }
        let Some(error) = gemini::error::parse(refusal) else { return false };
        if let Repair::Urge(urged) = self.plan.repair {
            self.is_repaired = error.wants_to_write();
            if self.is_repaired {
                self.body = urged.clone().into();
            }
            return self.is_repaired;
        }
        let Some(amended) = gemini::amended(&self.body.whole(), &error) else { return false };
        if !amended.dropped.is_empty() && self.plan.repair != Repair::Everything {
            return false;
        }
        self.is_repaired = true;
        self.body = amended.body.into();
        self.exchange.dropped.extend(amended.dropped);
        true
    }

    /// Whether Google's answer says nothing but that thought signatures are missing, or writes what
    /// was to be spoken, and there is now another request to send. What there is to give out of such
    /// an answer is given out.
    pub(super) fn mend(&mut self, answer: &[u8]) -> Option<Unusable> {
        if self.is_repaired || self.plan.repair == Repair::No {
            return None;
        }
        let (usage, why) = if let Repair::Urge(urged) = self.plan.repair {
            let usage = writes(answer)?;
            self.body = urged.clone().into();
            (usage, "The model did not speak.")
        } else {
            let usage = lacks_signatures(answer)?;
            self.body = gemini::with_placeholders(&self.body.whole())?.into();
            (usage, "Thought signatures were missing.")
        };
        self.is_repaired = true;
        Some(Unusable::Mended { usage: pool_usage(usage), why })
    }
}

/// What an answer has cost that is written and not spoken, or that a filter has kept back which takes
/// texts for questions that are none.
fn writes(answer: &[u8]) -> Option<Usage> {
    let observed = gemini::observe(answer);
    let is_taken_amiss =
        observed.blocked || observed.finish_reason.as_deref() == Some("PROHIBITED_CONTENT");
    let writes = !observed.has_data && (observed.has_content || is_taken_amiss);
    (writes && observed.error.is_none()).then(|| observed.usage.unwrap_or_default())
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
    fn only_an_answer_without_sound_is_urged() {
        let text = br#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}],"usageMetadata":{"promptTokenCount":3}}"#;
        assert_eq!(writes(text).map(|usage| usage.prompt), Some(3));
        let sound = br#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"audio/L16","data":"AAA="}}]}}]}"#;
        assert_eq!(writes(sound), None);
        let amiss = br#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}"#;
        assert!(writes(amiss).is_some());
        for other in [
            br#"{"candidates":[{"finishReason":"OTHER"}]}"#.as_slice(),
            br#"{"error":{"code":500,"message":"m"}}"#,
            b"<html>",
        ] {
            assert_eq!(writes(other), None);
        }
    }

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

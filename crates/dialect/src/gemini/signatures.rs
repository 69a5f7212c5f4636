//! Thought signatures of calls in the history.
//!
//! Gemini 3 and later refuse a history in which the first call of a step has lost the signature
//! that came with it. Most clients lose it, hence the placeholder that Google documents for this.

use super::content::{Content, Part, Role};
use crate::json::Text;

/// Accepted by Google in place of a lost signature, at some loss of quality.
const PLACEHOLDER: &str = "skip_thought_signature_validator";

/// Gives the first call of every step a signature.
pub(super) fn fill_in(contents: &mut [Content<'_>]) {
    for content in contents.iter_mut().filter(|content| content.role == Role::Model) {
        let first = content.parts.iter_mut().find_map(|part| match part {
            Part::Call(call) => Some(call),
            _ => None,
        });
        if let Some(call) = first {
            call.signature.get_or_insert(Text::Verbatim(PLACEHOLDER));
        }
    }
}

//! Thought signatures of calls in the history.
//!
//! Gemini 3 and later refuse a history in which the first call of a step has lost the signature
//! that came with it. Most clients lose it, hence the placeholder that Google documents for this.

use std::borrow::Cow;

use crate::{
    gemini::content::{Content, Part, Role},
    json::Text,
};

/// Accepted by Google in place of a lost signature, at some loss of quality.
const PLACEHOLDER: &str = "skip_thought_signature_validator";

/// Some gateways put the signature behind this mark into the call's id.
const ID_MARK: &str = "__thought__";

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

/// The id of a call without a signature hidden in it, and that signature.
pub(super) fn split_id(id: Cow<'_, str>) -> (Cow<'_, str>, Option<Text<'_>>) {
    let Some(at) = id.find(ID_MARK) else {
        return (id, None);
    };
    match id {
        Cow::Borrowed(id) => (id[..at].into(), Some(id[at + ID_MARK.len()..].into())),
        Cow::Owned(id) => {
            let signature = id[at + ID_MARK.len()..].to_owned();
            (id[..at].to_owned().into(), Some(signature.into()))
        }
    }
}

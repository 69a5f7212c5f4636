//! Thought signatures of calls in the history.
//!
//! Gemini 3 and later refuse a history in which the first call of a step has lost the signature
//! that came with it. Most clients keep only the id of a call, so the signature travels in it too;
//! where it is lost nevertheless, the placeholder stands that Google documents for this.

use std::borrow::Cow;

use super::content::{Call, Content, Part, Role};
use crate::json::Text;

/// Accepted by Google in place of a lost signature, at some loss of quality.
pub(crate) const PLACEHOLDER: &str = "skip_thought_signature_validator";

/// Stands between the id of a call and its signature, as with other gateways.
const ID_MARK: &str = "__thought__";

/// Gives the first call of every step a signature.
pub(crate) fn fill_in(contents: &mut [Content<'_>]) {
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

/// Puts the signed call of a step first, where it was before the client changed the order: a
/// signature must stand at the first call, and may not move to another one.
pub(crate) fn put_first(calls: &mut [Call<'_>]) {
    if let Some(signed) = calls.iter().position(|call| call.signature.is_some())
        && let Some(until_there) = calls.get_mut(..=signed)
    {
        until_there.rotate_right(1);
    }
}

/// The id with the signature in it, of letters, digits, `_` and `-` only; `None` if the signature
/// is no plain base64.
pub(crate) fn in_id(id: &str, signature: &str) -> Option<String> {
    let plain = signature.trim_end_matches('=');
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let canonical = !plain.is_empty() && signature.len().is_multiple_of(4);
    if !canonical || signature.len() - plain.len() > 2 || !plain.bytes().all(base64) {
        return None;
    }
    let mut carrier = String::with_capacity(id.len() + ID_MARK.len() + plain.len());
    carrier.push_str(id);
    carrier.push_str(ID_MARK);
    carrier.extend(plain.chars().map(|character| match character {
        '+' => '-',
        '/' => '_',
        other => other,
    }));
    Some(carrier)
}

/// The id of a call without a signature hidden in it, and that signature.
pub(crate) fn split_id(id: Cow<'_, str>) -> (Cow<'_, str>, Option<Text<'_>>) {
    let Some(at) = id.find(ID_MARK) else {
        return (id, None);
    };
    let signature = out_of_id(&id[at + ID_MARK.len()..]).map(Text::from);
    let id = match id {
        Cow::Borrowed(id) => Cow::Borrowed(&id[..at]),
        Cow::Owned(mut id) => {
            id.truncate(at);
            Cow::Owned(id)
        }
    };
    (id, signature)
}

/// `None` if a client cut the id.
fn out_of_id(carried: &str) -> Option<String> {
    let mut signature: String = carried
        .chars()
        .map(|character| match character {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    match signature.len() % 4 {
        1 => return None,
        2 => signature.push_str("=="),
        3 => signature.push('='),
        _ => {}
    }
    (!signature.is_empty()).then_some(signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_carry_signatures_there_and_back() {
        for signature in ["EmcK", "CiIBVKhc7vB+vaaq6rA/KA==", "++//abc="] {
            let carrier = in_id("call_1", signature).unwrap();
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            assert!(carrier.bytes().all(allowed), "{carrier}");
            let (id, found) = split_id(Cow::Owned(carrier));
            assert_eq!(id, "call_1");
            assert_eq!(found.unwrap().decode(), signature);
        }
        for other in ["", "=", "abc", "a b=", "skip_thought_signature_validator", "ab=c", "a==="] {
            assert_eq!(in_id("call_1", other), None, "{other}");
        }
    }

    #[test]
    fn ids_of_other_gateways_are_read_and_broken_ones_ignored() {
        let read = |id| split_id(Cow::Borrowed(id)).1.map(|text| text.decode().into_owned());
        assert_eq!(read("call_1__thought__AB+/").as_deref(), Some("AB+/"));
        assert_eq!(read("call_1__thought__ABCDE"), None);
        assert_eq!(read("call_1__thought__"), None);
        assert_eq!(read("call_1"), None);
    }
}

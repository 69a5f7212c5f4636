//! Where the documents are wrong, older than the API they describe, or stricter than its servers
//! and clients: the one list of exceptions.

use serde_json::Value;

/// One exception.
pub(crate) struct Amendment {
    /// The place in the document, below `/components/schemas/`.
    at: &'static str,
    /// What stands there in truth, as JSON.
    truth: &'static str,
    /// Why.
    #[expect(dead_code, reason = "for whoever reads the list")]
    reason: &'static str,
}

/// Exceptions of OpenAI's document.
pub(crate) const OPENAI: &[Amendment] = &[];

/// Exceptions of Anthropic's document.
pub(crate) const ANTHROPIC: &[Amendment] = &[];

/// Puts them in. A place that is not there fails: the list is not to outlive its reasons.
pub(crate) fn apply(root: &mut Value, amendments: &[Amendment]) {
    for Amendment { at, truth, .. } in amendments {
        let pointer = format!("/components/schemas/{at}");
        let place = root.pointer_mut(&pointer).unwrap_or_else(|| panic!("no {at}"));
        let truth: Value = serde_json::from_str(truth).unwrap();
        assert_ne!(*place, truth, "{at} is right already");
        *place = truth;
    }
}

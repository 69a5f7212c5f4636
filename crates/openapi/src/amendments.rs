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
pub(crate) const OPENAI: &[Amendment] = &[
    Amendment {
        at: "Response/allOf/2/properties/usage",
        truth: r##"{"anyOf": [{"$ref": "#/components/schemas/ResponseUsage"}, {"type": "null"}]}"##,
        reason: "null until the response is complete, as the document's own examples have it",
    },
    Amendment {
        at: "CreateCompletionResponse/properties/choices/items/properties/finish_reason",
        truth: r#"{"enum": ["stop", "length", "content_filter", null]}"#,
        reason: "the same component stands for chunks, where null means that more follows",
    },
];

/// Exceptions of Anthropic's document.
pub(crate) const ANTHROPIC: &[Amendment] = &[Amendment {
    at: "InvalidRequestError/properties/type",
    truth: r#"{"enum": ["invalid_request_error", "request_too_large"]}"#,
    reason: "status 413 has a type of its own, which the document leaves out of its errors",
}];

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

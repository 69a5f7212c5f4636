//! Thought signatures inside `reasoning.encrypted_content`, the one opaque member that clients send
//! back verbatim.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{json, models::Family};

const MARK: &str = "gw1.";

/// Signatures of calls, and the generation of models that understands them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Signatures {
    #[serde(rename = "f")]
    pub(super) family: String,
    #[serde(rename = "s")]
    pub(super) list: Vec<Signature>,
}

/// The signature of one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Signature {
    #[serde(rename = "c")]
    pub(super) call_id: String,
    #[serde(rename = "sig")]
    pub(super) signature: String,
}

impl Signatures {
    /// The member's value.
    pub(super) fn encode(&self) -> String {
        let mut text = MARK.to_owned();
        URL_SAFE_NO_PAD.encode_string(json::to_vec(self), &mut text);
        text
    }

    /// Reads the member; `None` if it is not ours.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(MARK)?).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

/// The generation in whose models a signature is valid.
pub(super) fn family(family: Family) -> &'static str {
    match family {
        Family::Gemma | Family::Gemini25 => "gemini-2.5",
        Family::Gemini3 | Family::Gemini36 => "gemini-3",
        Family::Gemini4 => "gemini-4",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_comes_back() {
        let list = vec![Signature { call_id: "x".into(), signature: "s+/=".into() }];
        let ours = Signatures { family: "gemini-3".into(), list };
        assert_eq!(Signatures::decode(&ours.encode()), Some(ours));
        assert_eq!(Signatures::decode("gAAAAABo"), None);
        assert_eq!(Signatures::decode("gw1.e30"), None);
        assert_eq!(Signatures::decode("gw1.%"), None);
    }
}

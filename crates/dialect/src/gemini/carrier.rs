//! Thought signatures on their way through a client.
//!
//! Some dialects have one opaque text that clients send back unchanged. It then carries the
//! signatures of the calls that follow it: `gw1.` and, in base64url, the generation that made them
//! and a list of call ids with their signatures.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::models::Family;

const MARK: &str = "gw1.";

/// A signature that came with a call, for whoever can remember it until the call comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSignature {
    /// The call's id, as the client got it.
    pub call_id: String,
    /// The generation of models that understands the signature, as in `gemini-3`.
    pub generation: &'static str,
    /// Opaque.
    pub signature: String,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    #[serde(rename = "f")]
    generation: String,
    #[serde(rename = "s")]
    signatures: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    #[serde(rename = "c")]
    call_id: String,
    #[serde(rename = "sig")]
    signature: String,
}

/// The generation whose models understand each other's signatures.
pub(crate) fn generation(family: Family) -> &'static str {
    match family {
        Family::Gemma => "gemma",
        Family::Gemini25 => "gemini-2.5",
        Family::Gemini3 | Family::Gemini36 => "gemini-3",
        Family::Gemini4 => "gemini-4",
    }
}

/// The text that carries the signatures; none of them makes a text, too, that is never empty.
pub(crate) fn write(generation: &str, signatures: &[&CallSignature]) -> String {
    let entry = |signed: &&CallSignature| Entry {
        call_id: signed.call_id.clone(),
        signature: signed.signature.clone(),
    };
    let payload = Payload {
        generation: generation.to_owned(),
        signatures: signatures.iter().map(entry).collect(),
    };
    format!("{MARK}{}", URL_SAFE_NO_PAD.encode(crate::json::to_vec(&payload)))
}

/// Call ids and their signatures; nothing where the text is not ours or of another generation.
pub(crate) fn read(text: &str, generation: &str) -> Vec<(String, String)> {
    let payload = text
        .strip_prefix(MARK)
        .and_then(|rest| URL_SAFE_NO_PAD.decode(rest.trim_end_matches('=')).ok())
        .and_then(|bytes| serde_json::from_slice::<Payload>(&bytes).ok())
        .filter(|payload| payload.generation == generation);
    let entries = payload.map(|payload| payload.signatures).unwrap_or_default();
    entries
        .into_iter()
        .filter(|entry| !entry.signature.is_empty())
        .map(|entry| (entry.call_id, entry.signature))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_by_the_same_generation_only() {
        let generation = generation(Family::Gemini36);
        let signed =
            CallSignature { call_id: "toolu_1".into(), generation, signature: "a+/=".into() };
        let text = write(generation, &[&signed]);
        assert_eq!(read(&text, "gemini-3"), [("toolu_1".to_owned(), "a+/=".to_owned())]);
        assert!(read(&text, "gemini-4").is_empty());
        assert!(text.len() > MARK.len() && !text.ends_with('='));
        assert!(read(&write(generation, &[]), generation).is_empty());
    }

    #[test]
    fn foreign_texts_carry_nothing() {
        for text in ["", "gw1.", "gw1.!!", "gw1.e30", "EqQBCkYIARgCKkA", "gw1.bnVsbA"] {
            assert!(read(text, "gemini-3").is_empty(), "{text}");
        }
    }
}

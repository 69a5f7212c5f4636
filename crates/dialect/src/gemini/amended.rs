//! A request that Google refused for something that it can do without.

use serde_json::value::{RawValue, to_raw_value};

use super::{GeminiError, signatures::PLACEHOLDER};
use crate::json::Object;

/// What to send in place of a request that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Amended {
    /// The request.
    pub body: Vec<u8>,
    /// Settings of the answer that are not in it any more, as OpenAI names them.
    pub dropped: Vec<&'static str>,
}

/// `body`, which Google refused with `error`, without thought signatures that may not fit, or
/// without penalties that the model does not take. `None` if that is not what Google complained of,
/// or if nothing of it is there.
pub fn amended(body: &[u8], error: &GeminiError) -> Option<Amended> {
    let mut request = Object::read(std::str::from_utf8(body).ok()?)?;
    let dropped = if error.wants_signatures() {
        renew(&mut request)?;
        Vec::new()
    } else if error.refuses_penalties() {
        without_penalties(&mut request)?
    } else {
        return None;
    };
    Some(Amended { body: request.to_vec(), dropped })
}

/// `body`, whose thought signatures Google's answer complained of, with placeholders in their place.
/// `None` if there is nothing to replace.
pub fn with_placeholders(body: &[u8]) -> Option<Vec<u8>> {
    let mut request = Object::read(std::str::from_utf8(body).ok()?)?;
    renew(&mut request)?;
    Some(request.to_vec())
}

fn without_penalties(request: &mut Object<'_>) -> Option<Vec<&'static str>> {
    let mut config: Object<'_> = serde_json::from_str(request.get("generationConfig")?).ok()?;
    let mut dropped = Vec::new();
    for (name, told) in
        [("presencePenalty", "presence_penalty"), ("frequencyPenalty", "frequency_penalty")]
    {
        if config.get(name).is_some() {
            config.remove(name);
            dropped.push(told);
        }
    }
    let config = to_raw_value(&config).ok()?;
    request.put("generationConfig", &config);
    (!dropped.is_empty()).then_some(dropped)
}

/// Puts the placeholder at the first call of every step, and no signature anywhere else.
fn renew(request: &mut Object<'_>) -> Option<()> {
    let contents: Vec<&RawValue> = serde_json::from_str(request.get("contents")?).ok()?;
    let mut has_changed = false;
    let mut renewed: Vec<Box<RawValue>> = Vec::with_capacity(contents.len());
    for content in contents {
        let other = renewed_content(content);
        has_changed |= other.is_some();
        renewed.push(other.unwrap_or_else(|| content.to_owned()));
    }
    let renewed = to_raw_value(&renewed).ok().filter(|_| has_changed)?;
    request.put("contents", &renewed);
    Some(())
}

/// The content with other signatures; `None` if it stays as it is.
fn renewed_content(content: &RawValue) -> Option<Box<RawValue>> {
    let mut content = Object::read(content.get())?;
    let role: String = serde_json::from_str(content.get("role")?).ok()?;
    if role != "model" {
        return None;
    }
    let mut parts: Vec<Object<'_>> = serde_json::from_str(content.get("parts")?).ok()?;
    let quoted = format!("\"{PLACEHOLDER}\"");
    let first_call = parts.iter().position(|part| part.get("functionCall").is_some());
    let mut has_changed = false;
    for (at, part) in parts.iter_mut().enumerate() {
        let wanted = (Some(at) == first_call).then_some(&*quoted);
        if part.get("thoughtSignature") == wanted {
            continue;
        }
        has_changed = true;
        part.remove("thoughtSignature");
        if wanted.is_some() {
            part.put("thoughtSignature", PLACEHOLDER);
        }
    }
    // A text without words was there for its signature only, and Google takes no empty parts.
    parts.retain(|part| part.get("text") != Some(r#""""#));
    let parts = to_raw_value(&parts).ok().filter(|_| has_changed)?;
    content.put("parts", &parts);
    to_raw_value(&content).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(message: &str) -> GeminiError {
        let error = serde_json::json!({"error": {"code": 400, "message": message}});
        crate::gemini::error::parse(error.to_string().as_bytes()).unwrap()
    }

    fn told(body: &str, message: &str) -> Option<(String, Vec<&'static str>)> {
        let amended = amended(body.as_bytes(), &refused(message))?;
        Some((String::from_utf8(amended.body).unwrap(), amended.dropped))
    }

    #[test]
    fn signatures_become_placeholders_where_they_must_stand() {
        let body = r#"{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b","thoughtSignature":"QQ=="},{"text":"","thoughtSignature":"QQ=="},{"functionCall":{"name":"f"}},{"functionCall":{"name":"g"},"thoughtSignature":"QQ=="}]}]}"#;
        let (amended, dropped) = told(body, "Corrupted thought signature.").unwrap();
        insta::assert_snapshot!(amended, @r#"{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b"},{"functionCall":{"name":"f"},"thoughtSignature":"skip_thought_signature_validator"},{"functionCall":{"name":"g"}}]}]}"#);
        assert!(dropped.is_empty());
        assert_eq!(told(&amended, "missing a thought_signature"), None, "nothing is left to mend");
        assert_eq!(with_placeholders(body.as_bytes()), Some(amended.clone().into_bytes()));
        assert_eq!(with_placeholders(amended.as_bytes()), None);
    }

    #[test]
    fn penalties_are_left_out_and_named() {
        let body = r#"{"generationConfig":{"presencePenalty":1.0,"seed":1}}"#;
        let message = "Penalty is not enabled for models/gemini-9";
        let (amended, dropped) = told(body, message).unwrap();
        assert_eq!(amended, r#"{"generationConfig":{"seed":1}}"#);
        assert_eq!(dropped, ["presence_penalty"]);
        assert_eq!(told(&amended, message), None);
    }

    #[test]
    fn other_complaints_change_nothing() {
        assert_eq!(told(r#"{"contents":[]}"#, "The model is overloaded."), None);
        assert_eq!(told("<html>", "thought_signature"), None);
    }
}

//! Probabilities of tokens.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::json;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogprobsResult {
    chosen_candidates: Option<Vec<Candidate>>,
    top_candidates: Option<Vec<Alternatives>>,
}

#[derive(Deserialize)]
struct Alternatives {
    candidates: Option<Vec<Candidate>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    token: Option<String>,
    log_probability: Option<f64>,
}

#[derive(Serialize)]
struct Logprobs {
    content: Vec<TokenLogprob>,
    refusal: Option<()>,
}

/// A token of the answer, and what else it might have been.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TokenLogprob {
    #[serde(flatten)]
    token: Token,
    top_logprobs: Vec<Token>,
}

#[derive(Debug, Clone, Serialize)]
struct Token {
    #[serde(rename = "token")]
    text: String,
    logprob: f64,
    bytes: Vec<u8>,
}

/// The value of chat's `logprobs`; `null` where there is none.
pub(crate) fn translate(result: Option<&RawValue>) -> Vec<u8> {
    json::to_vec(&read(result).map(|content| Logprobs { content, refusal: None }))
}

/// The tokens; `None` where Gemini tells none.
pub(crate) fn read(result: Option<&RawValue>) -> Option<Vec<TokenLogprob>> {
    let result = serde_json::from_str::<LogprobsResult>(result?.get()).ok()?;
    let mut alternatives = result.top_candidates.unwrap_or_default().into_iter();
    let content = result.chosen_candidates.unwrap_or_default().into_iter().map(|chosen| {
        let others = alternatives.next().and_then(|others| others.candidates);
        TokenLogprob {
            token: chosen.into(),
            top_logprobs: others.unwrap_or_default().into_iter().map(Token::from).collect(),
        }
    });
    Some(content.collect())
}

impl From<Candidate> for Token {
    fn from(candidate: Candidate) -> Self {
        let text = candidate.token.unwrap_or_default();
        let bytes = text.clone().into_bytes();
        Self { text, logprob: candidate.log_probability.unwrap_or(0.0), bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_with_their_alternatives() {
        let raw: Box<RawValue> = serde_json::from_str(
            r#"{"chosenCandidates":[{"token":"é","tokenId":1,"logProbability":-0.5}],
                "topCandidates":[{"candidates":[{"token":"é","logProbability":-0.5},{"token":"e","logProbability":-1}]}]}"#,
        )
        .unwrap();
        insta::assert_snapshot!(
            String::from_utf8(translate(Some(&raw))).unwrap(),
            @r#"{"content":[{"token":"é","logprob":-0.5,"bytes":[195,169],"top_logprobs":[{"token":"é","logprob":-0.5,"bytes":[195,169]},{"token":"e","logprob":-1.0,"bytes":[101]}]}],"refusal":null}"#
        );
        assert_eq!(translate(None), b"null");
    }
}

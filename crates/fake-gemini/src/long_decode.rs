//! Long answers of Gemini 4 and later: a call gives a part of them, and a token to ask for the next.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::errors::invalid_argument;
use crate::reply::Reply;
use crate::tokens;

/// What a token says before it is base64.
const MARK: &str = "the simulated Google goes on with part ";

/// Leaves of an answer what this call gives, where it takes so many `calls`.
pub(crate) fn part(mut answer: Answer, ask: &Ask<'_>, calls: usize) -> Result<Answer, Reply> {
    let part = match ask.continuation_token() {
        None => 0,
        Some(token) => read(token)
            .filter(|part| *part < calls)
            .ok_or_else(|| invalid_argument("The continuation token is invalid."))?,
    };
    let words: Vec<&str> = answer.text.split_inclusive(' ').collect();
    let each = words.len().div_ceil(calls).max(1);
    let parts: Vec<String> = words.chunks(each).map(<[&str]>::concat).collect();
    let before: u64 = parts.iter().take(part).map(|part| tokens::of_text(part)).sum();
    answer.usage.prompt += before;
    if part > 0 {
        answer.thoughts.clear();
        answer.usage.thoughts = 0;
    }
    if part + 1 < calls {
        answer.calls.clear();
        answer.signature = None;
        // The budget counts over all calls; without one there is only the first.
        if ask.config("maxOutputTokens").is_u64() {
            answer.finish = "CONTINUATION";
            answer.continuation = Some(STANDARD.encode(format!("{MARK}{}", part + 1)));
        } else {
            answer.finish = "MAX_TOKENS";
        }
    }
    answer.text = parts.into_iter().nth(part).unwrap_or_default();
    Ok(answer)
}

fn read(token: &str) -> Option<usize> {
    let text = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
    text.strip_prefix(MARK)?.parse().ok()
}

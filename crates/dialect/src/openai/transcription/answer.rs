//! A whole answer.

use super::{context::TranscriptionContext, heard::Hearing, told};
use crate::outcome::{ResponseError, StreamError, Translated};

/// Translates a whole answer. One without words is an answer too: nobody has spoken.
pub fn response(
    context: &TranscriptionContext,
    gemini_body: &[u8],
) -> Result<Translated, ResponseError> {
    let mut hearing = Hearing::default();
    hearing.read(gemini_body).map_err(failed)?;
    let (counts, usage) = (hearing.counts.clone(), hearing.counts.usage());
    if let Some(message) = hearing.refusal.take() {
        return Err(ResponseError::Withheld { message, usage });
    }
    if !hearing.has_ended {
        return Err(ResponseError::Empty { usage });
    }
    let transcript = hearing.finish(context).map_err(failed)?;
    let body = told::body(context, &transcript, &counts);
    // Where nobody spoke, nothing is what there is to say.
    Ok(Translated { body, usage, is_empty: false })
}

fn failed(error: StreamError) -> ResponseError {
    match error {
        StreamError::Upstream(error) => ResponseError::Upstream(error),
        StreamError::Malformed(why) => ResponseError::Malformed(why),
        other => ResponseError::Malformed(other.to_string()),
    }
}

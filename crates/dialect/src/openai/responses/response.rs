//! A whole answer, translated.

use super::{
    ResponsesContext,
    assembly::Assembly,
    context::Known,
    events::Events,
    object::{self, Identity},
    output::OutputItem,
    stored::ThoughtSignatures,
};
use crate::{
    Usage,
    gemini::{answer::Answer, content::write_list, counts::Counts, error, observe},
    json::Text,
    openai::finish::{self, NothingThere},
    outcome::ResponseError,
    stamp::{Ids, Stamp},
};

/// A response object, ready to send.
#[derive(Debug, Clone)]
pub struct TranslatedResponse {
    /// The response object.
    pub body: Vec<u8>,
    /// What the answer cost.
    pub usage: Usage,
    /// There is nothing in it that a client could use, and another try may bring more.
    pub is_empty: bool,
    /// To keep beside the response.
    pub signatures: ThoughtSignatures,
}

/// Translates a whole answer of `generateContent` that was complete at `completed` (Unix seconds).
pub fn response(
    context: &ResponsesContext,
    gemini_body: &[u8],
    stamp: &mut Stamp,
    completed: i64,
) -> Result<TranslatedResponse, ResponseError> {
    let answer = read_answer(gemini_body)?;
    let mut counts = Counts::default();
    if let Some(metadata) = &answer.usage_metadata {
        counts.merge(metadata);
    }
    let usage = counts.usage();
    let identity = identity(&answer, context, stamp);
    let mut assembly = Assembly::new(identity.id.clone());
    let mut events = Events { out: None, sequence: &mut 0 };
    match answer.candidates().first() {
        None => assembly.blocked = blocked(&answer),
        Some(candidate) => {
            let mut ids = Ids::new(&context.call_ids, stamp);
            assembly.take(candidate, context, &mut ids, &mut events);
            ids.give_back(stamp);
        }
    }
    let ending = assembly.ending().map_err(|NothingThere| ResponseError::Empty { usage })?;
    let state = assembly.end(ending, completed, context, &mut events);
    let mut body = Vec::with_capacity(gemini_body.len() + context.echo.len() + 512);
    object::write(context, &identity, state, &list(&assembly.items), Some(&counts), &mut body);
    let is_empty = observe::is_empty(&answer);
    Ok(TranslatedResponse { body, usage, is_empty, signatures: assembly.signatures })
}

pub(super) fn read_answer(gemini_body: &[u8]) -> Result<Answer<'_>, ResponseError> {
    let answer = match Answer::read(gemini_body) {
        Ok(answer) => answer,
        Err(why) => {
            let error = error::parse(gemini_body);
            return Err(error.map_or(ResponseError::Malformed(why), ResponseError::Upstream));
        }
    };
    if let Some(error) = answer.error {
        return Err(ResponseError::Upstream(error::read(error)));
    }
    Ok(answer)
}

/// Items as a JSON list.
pub(super) fn list(items: &[OutputItem]) -> Vec<u8> {
    let mut output = Vec::new();
    write_list(items, &mut output, OutputItem::write);
    output
}

/// What an answer says of itself.
pub(super) fn identity(answer: &Answer<'_>, context: &ResponsesContext, stamp: &Stamp) -> Identity {
    let told = |text: &Option<Text<'_>>| {
        text.as_ref().filter(|text| !text.is_empty()).map(|text| text.decode().into_owned())
    };
    let Known { id, created } = context.known.clone().unwrap_or_else(|| Known {
        id: told(&answer.response_id).unwrap_or_else(|| stamp.fallback_id.clone()),
        created: stamp.created,
    });
    let tier = answer.usage_metadata.as_ref().and_then(|metadata| told(&metadata.service_tier));
    Identity {
        id,
        created,
        model: told(&answer.model_version).unwrap_or_else(|| context.model.clone()),
        tier: tier
            .filter(|tier| !tier.eq_ignore_ascii_case("standard"))
            .unwrap_or_else(|| "default".to_owned()),
    }
}

/// What is told where the prompt was blocked.
pub(super) fn blocked(answer: &Answer<'_>) -> Option<String> {
    let reason = answer.block_reason()?.decode();
    let feedback = answer.prompt_feedback.as_ref();
    let message = feedback.and_then(|feedback| feedback.block_reason_message.as_ref());
    Some(finish::blocked_prompt(&reason, message.map(Text::decode).as_deref()))
}

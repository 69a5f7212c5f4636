//! A whole answer, translated.

use bytes::BufMut;

use super::{
    ChatContext,
    choice::Choice,
    finish::{self, NothingThere},
    usage,
};
use crate::{
    gemini::{answer::Answer, counts::Counts, error, observe},
    json::{self, Text},
    outcome::{ResponseError, Translated},
    stamp::{Ids, Stamp},
};

/// Translates a whole answer of `generateContent`.
pub fn response(
    context: &ChatContext,
    gemini_body: &[u8],
    stamp: &mut Stamp,
) -> Result<Translated, ResponseError> {
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
    let mut counts = Counts::default();
    if let Some(metadata) = &answer.usage_metadata {
        counts.merge(metadata);
    }
    let usage = counts.usage();
    let mut body = Vec::with_capacity(gemini_body.len() + 512);
    write_head(&answer, context, stamp, &mut body);
    let mut ids = Ids::new(&context.call_ids, stamp);
    let written = write_choices(&answer, context, &mut ids, stamp.created, &mut body);
    ids.give_back(stamp);
    written.map_err(|NothingThere| ResponseError::Empty { usage })?;
    body.put_slice(br#"],"usage":"#);
    usage::write(&counts, &mut body);
    if context.text.is_none() {
        body.put_slice(br#","service_tier":"#);
        write_tier(&answer, &mut body);
    }
    body.put_u8(b'}');
    Ok(Translated { body, usage, is_empty: observe::is_empty(&answer) })
}

fn write_head(answer: &Answer<'_>, context: &ChatContext, stamp: &Stamp, out: &mut Vec<u8>) {
    let object = if context.text.is_some() { "text_completion" } else { "chat.completion" };
    write_identity(answer, context, stamp, object, out);
    out.put_slice(br#","choices":["#);
}

/// Appends what every object of one answer shares, from the opening brace on.
pub(super) fn write_identity(
    answer: &Answer<'_>,
    context: &ChatContext,
    stamp: &Stamp,
    object: &str,
    out: &mut Vec<u8>,
) {
    let id =
        if context.text.is_some() { br#"{"id":"cmpl-"#.as_slice() } else { br#"{"id":"chatcmpl-"# };
    out.put_slice(id);
    match answer.response_id.as_ref().filter(|id| !id.is_empty()) {
        Some(id) => id.write_inner(out),
        None => Text::from(stamp.fallback_id.as_str()).write_inner(out),
    }
    out.put_slice(br#"","object":""#);
    out.put_slice(object.as_bytes());
    out.put_slice(br#"","created":"#);
    json::push(out, &stamp.created);
    out.put_slice(br#","model":"#);
    match answer.model_version.as_ref().filter(|name| !name.is_empty()) {
        Some(name) => name.write(out),
        None => json::push(out, &context.model),
    }
}

fn write_choices(
    answer: &Answer<'_>,
    context: &ChatContext,
    ids: &mut Ids,
    created: i64,
    out: &mut Vec<u8>,
) -> Result<(), NothingThere> {
    let candidates = answer.candidates();
    if candidates.is_empty() {
        let reason = answer.block_reason().ok_or(NothingThere)?.decode();
        let feedback = answer.prompt_feedback.as_ref();
        let message = feedback.and_then(|feedback| feedback.block_reason_message.as_ref());
        let message = message.map(Text::decode);
        let choice = Choice::refused(finish::blocked_prompt(&reason, message.as_deref()));
        choice.write(0, created, context, out);
        return Ok(());
    }
    for (position, candidate) in candidates.iter().enumerate() {
        let choice = Choice::read(candidate, context, ids)?;
        if position > 0 {
            out.put_u8(b',');
        }
        let index = candidate.index.map_or(position as u64, |index| index.0.max(0) as u64);
        choice.write(index, created, context, out);
    }
    Ok(())
}

fn write_tier(answer: &Answer<'_>, out: &mut Vec<u8>) {
    let tier = answer.usage_metadata.as_ref().and_then(|metadata| metadata.service_tier.as_ref());
    match tier {
        None | Some(Text::Verbatim("" | "standard" | "STANDARD")) => out.put_slice(br#""default""#),
        Some(tier) => tier.write(out),
    }
}

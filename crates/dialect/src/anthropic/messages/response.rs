//! A whole answer, translated.

use bytes::BufMut;

use super::{
    MessagesContext,
    composer::{Composer, Kind, Piece, Sink},
    search::Searches,
    stop::{self, Ending, NothingThere},
    usage,
};
use crate::{
    Usage,
    gemini::{
        CallSignature,
        answer::{Answer, Candidate},
        counts::Counts,
        error, observe,
    },
    json::{self, Text},
    outcome::ResponseError,
    stamp::{Ids, Stamp},
};

/// A message, ready to send.
#[derive(Debug, Clone)]
pub struct Translated {
    /// The message object.
    pub body: Vec<u8>,
    /// What the answer cost.
    pub usage: Usage,
    /// There is nothing in it that a client could use, and another try may bring more.
    pub is_empty: bool,
    /// Signatures of the calls in it, to be remembered until the calls come back (see
    /// [`Options::recall`](super::Options::recall)).
    pub signatures: Vec<CallSignature>,
}

/// Translates a whole answer of `generateContent`.
pub fn response(
    context: &MessagesContext,
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
    write_head(&answer, context, &stamp.fallback_id, &mut body);
    let mut composer = Composer::new(Ids::new(&context.call_ids, stamp));
    let written = write_content(&answer, context, &mut composer, &mut body);
    let signatures = composer.take_signatures();
    composer.into_ids().give_back(stamp);
    let Written { ending, searches } =
        written.map_err(|NothingThere| ResponseError::Empty { usage })?;
    body.put_slice(b"],");
    ending.write(&mut body);
    body.put_slice(br#","container":null,"diagnostics":null,"usage":"#);
    usage::write(&counts, searches, &tier(&answer), &mut body);
    body.put_u8(b'}');
    Ok(Translated { body, usage, is_empty: observe::is_empty(&answer), signatures })
}

/// Appends the message object up to its content, whose list it opens.
pub(super) fn write_head(
    answer: &Answer<'_>,
    context: &MessagesContext,
    fallback_id: &str,
    out: &mut Vec<u8>,
) {
    out.put_slice(br#"{"id":"msg_"#);
    match answer.response_id.as_ref().filter(|id| !id.is_empty()) {
        Some(id) => id.write_inner(out),
        None => Text::from(fallback_id).write_inner(out),
    }
    out.put_slice(br#"","type":"message","role":"assistant","model":"#);
    json::push(out, &context.asked);
    out.put_slice(br#","content":["#);
}

/// The tier that served the answer; empty where Google does not say.
pub(super) fn tier(answer: &Answer<'_>) -> String {
    let tier = answer.usage_metadata.as_ref().and_then(|metadata| metadata.service_tier.as_ref());
    tier.map(|tier| tier.decode().into_owned()).unwrap_or_default()
}

/// The end of a prompt that was blocked.
pub(super) fn blocked(answer: &Answer<'_>) -> Option<Ending> {
    let reason = answer.block_reason()?.decode();
    let feedback = answer.prompt_feedback.as_ref();
    let message = feedback.and_then(|feedback| feedback.block_reason_message.as_ref());
    Some(stop::refused(&reason, message.map(Text::decode).as_deref()))
}

/// What is said besides the content.
struct Written {
    ending: Ending,
    /// How many searches there were.
    searches: u64,
}

fn write_content(
    answer: &Answer<'_>,
    context: &MessagesContext,
    composer: &mut Composer,
    out: &mut Vec<u8>,
) -> Result<Written, NothingThere> {
    let Some(candidate) = answer.candidates().first() else {
        return Ok(Written { ending: blocked(answer).ok_or(NothingThere)?, searches: 0 });
    };
    let mut list = List { out, empty: true };
    let found = searches(candidate, context);
    let searches = found.as_ref().map_or(0, Searches::count);
    composer.searched(found);
    composer.take(candidate, context, &mut list);
    let reason = candidate.reason().map(Text::decode).unwrap_or_default();
    let message = candidate.finish_message.as_ref().map(|text| text.decode().into_owned());
    // An answer that just ends, without saying why, ended well if it said something.
    let ending = composer.ending(&reason, message)?;
    composer.end(&ending, context, &mut list);
    Ok(Written { ending, searches })
}

fn searches(candidate: &Candidate<'_>, context: &MessagesContext) -> Option<Searches> {
    let grounding = candidate.grounding_metadata.filter(|_| context.searches)?;
    Searches::read(grounding.get())
}

/// Writes blocks one after the other into a list.
struct List<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl List<'_> {
    fn separate(&mut self) {
        if !std::mem::replace(&mut self.empty, false) {
            self.out.put_u8(b',');
        }
    }
}

impl Sink for List<'_> {
    fn put(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Open(Kind::Text) => {
                self.separate();
                self.out.put_slice(br#"{"type":"text","text":""#);
            }
            Piece::Open(Kind::Thinking) => {
                self.separate();
                self.out.put_slice(br#"{"type":"thinking","thinking":""#);
            }
            Piece::More(_, text) => text.write_inner(self.out),
            Piece::Close(Kind::Text, _) => self.out.put_slice(br#"","citations":null}"#),
            Piece::Close(Kind::Thinking, signature) => {
                self.out.put_slice(br#"","signature":"#);
                json::push(self.out, signature);
                self.out.put_u8(b'}');
            }
            Piece::ToolUse { id, name, input } => {
                self.separate();
                write_tool_use(id, name, input, self.out);
            }
            Piece::Whole(block) => {
                self.separate();
                self.out.put_slice(block);
            }
        }
    }
}

/// Appends a `tool_use` block.
pub(super) fn write_tool_use(id: &str, name: &str, input: &str, out: &mut impl BufMut) {
    out.put_slice(br#"{"type":"tool_use","id":"#);
    json::push(out, id);
    out.put_slice(br#","name":"#);
    json::push(out, name);
    out.put_slice(br#","input":"#);
    out.put_slice(input.as_bytes());
    out.put_u8(b'}');
}

//! `POST /v1/responses/compact`: of a conversation stays what its user said, and a summary of all of
//! it, which only the gateway reads.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::BufMut;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    ResponsesContext, object,
    request::{self, Options},
    response::{TranslatedResponse, read_answer},
    stored::{self, Earlier, StoredResponse, ThoughtSignatures},
};
use crate::{
    DialectError,
    gemini::{answer::Candidate, content::write_list, counts::Counts},
    json::{self, Text},
    media::Translation,
    outcome::ResponseError,
};

/// Marks a summary that was made here.
const MARK: &str = "gwc1.";

/// What the user says last, for the model to sum up.
const ASK: &str = "\
This conversation will be replaced by what you write now. For the assistant who goes on with it, \
write down all that it needs: what is wanted and why, what was decided, what was done and found out \
(files, names, numbers, commands and the results of tools, exact where that matters), what went \
wrong, what is still open, and the next step. What the user wrote is kept word for word, so do not \
repeat it. Answer with the summary alone.";

/// What is needed of a request to translate the answer to it.
#[derive(Debug, Clone)]
pub struct Compaction {
    context: ResponsesContext,
    kept: Vec<Box<RawValue>>,
}

/// Translates the body of a request into that of `generateContent`. After [`Translation::Ready`] see
/// [`Compaction::new`].
pub fn compaction<'a>(
    body: &'a [u8],
    earlier: Earlier<'a>,
    options: &Options<'a>,
) -> Result<Translation<ResponsesContext>, DialectError> {
    request::read(body)?.followed_by(ASK).translate(earlier, options)
}

impl Compaction {
    /// For a request with this body. Its context must be [known](ResponsesContext::known_as).
    pub fn new(
        context: ResponsesContext,
        request_body: &[u8],
        earlier: Earlier<'_>,
    ) -> Result<Self, DialectError> {
        let id = context.known.as_ref().map(|known| known.id.as_str()).unwrap_or_default();
        let input = stored::input(request_body, id, earlier)?;
        let before = earlier.chain.iter().flat_map(StoredResponse::input_items);
        let items = before.chain(input.iter().map(AsRef::as_ref));
        let kept =
            items.filter(|item| is_said_to_the_model(item)).map(RawValue::to_owned).collect();
        Ok(Self { context, kept })
    }

    /// What is left of the request.
    pub fn context(&self) -> &ResponsesContext {
        &self.context
    }

    /// Translates a whole answer of `generateContent`, which is the summary.
    pub fn answer(&self, gemini_body: &[u8]) -> Result<TranslatedResponse, ResponseError> {
        let answer = read_answer(gemini_body)?;
        let mut counts = Counts::default();
        if let Some(metadata) = &answer.usage_metadata {
            counts.merge(metadata);
        }
        let usage = counts.usage();
        let summary = answer.candidates().first().map(text).unwrap_or_default();
        if summary.trim().is_empty() {
            return Err(ResponseError::Empty { usage });
        }
        let body = self.object(&summary, &counts);
        let signatures = ThoughtSignatures::default();
        Ok(TranslatedResponse { body, usage, is_empty: false, signatures })
    }

    fn object(&self, summary: &str, counts: &Counts) -> Vec<u8> {
        let known = self.context.known.clone().unwrap_or_default();
        let mut items: Vec<&[u8]> = self.kept.iter().map(|item| item.get().as_bytes()).collect();
        let compacted = json::to_vec(&serde_json::json!({
            "type": "compaction",
            "id": format!("cmp_{}_{}", known.id, items.len()),
            "encrypted_content": encode(summary),
        }));
        items.push(&compacted);
        let mut out = br#"{"id":"#.to_vec();
        json::push(&mut out, &format!("resp_{}", known.id));
        out.put_slice(br#","object":"response.compaction","created_at":"#);
        json::push(&mut out, &known.created);
        out.put_slice(br#","output":"#);
        write_list(&items, &mut out, |item, out| out.put_slice(item));
        out.put_slice(br#","usage":"#);
        json::push(&mut out, &object::usage(counts));
        out.put_u8(b'}');
        out
    }
}

/// It is a message that the client wrote.
fn is_said_to_the_model(item: &RawValue) -> bool {
    #[derive(Deserialize)]
    #[serde(bound(deserialize = "'de: 'a"))]
    struct Said<'a> {
        role: Option<Text<'a>>,
    }
    let read: Option<Said<'_>> = serde_json::from_str(item.get()).ok();
    let role = read.and_then(|said| said.role);
    role.is_some_and(|role| matches!(&*role.decode(), "user" | "system" | "developer"))
}

fn text(candidate: &Candidate<'_>) -> String {
    let said = candidate.parts().iter().filter(|part| !part.is_thought());
    said.filter_map(|part| part.text.as_ref()).map(|text| text.decode().into_owned()).collect()
}

fn encode(summary: &str) -> String {
    let mut text = MARK.to_owned();
    URL_SAFE_NO_PAD.encode_string(summary, &mut text);
    text
}

/// The summary within the content of a compaction item; `None` if it was not made here.
pub(super) fn decode(content: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(content.strip_prefix(MARK)?).ok()?;
    String::from_utf8(bytes).ok()
}

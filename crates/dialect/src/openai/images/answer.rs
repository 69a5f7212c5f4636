//! What Google's answer to one call holds: pictures, or the reason why there is none.

use super::Images;
use crate::{
    ResponseError, Usage,
    gemini::{
        answer::{Answer, AnswerPart, Candidate},
        counts::Counts,
        error,
    },
    json::Text,
    media,
};

/// An answer to one call.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The pictures; without any, the others say why.
    pub pictures: Vec<Picture>,
    /// Google's filters have taken it away, for this reason.
    pub blocked: Option<String>,
    /// What the model said instead.
    pub said: String,
    /// What it cost.
    pub spent: Spent,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its media type.
    pub mime: String,
    /// The bytes, in base64.
    pub data: String,
}

/// What an answer cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Tokens as for any answer.
    pub usage: Usage,
    /// Those of the request that were pictures.
    pub images_in: u64,
    /// Those of the answer that are pictures.
    pub images_out: u64,
}

impl Spent {
    /// What both cost together.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            usage: self.usage.plus(&other.usage),
            images_in: self.images_in + other.images_in,
            images_out: self.images_out + other.images_out,
        }
    }
}

impl Images {
    /// Reads the answer to a call.
    pub fn read(&self, answer: &[u8]) -> Result<Drawn, ResponseError> {
        let answer = Answer::read(answer).map_err(ResponseError::Malformed)?;
        if let Some(error) = answer.error {
            return Err(ResponseError::Upstream(error::read(error)));
        }
        let parts = || answer.candidates().iter().flat_map(Candidate::parts);
        // Drafts come as thoughts.
        let visible = || parts().filter(|part| !part.is_thought());
        let said: String = visible().filter_map(|part| part.text.as_ref()).map(decoded).collect();
        Ok(Drawn {
            pictures: visible().filter_map(picture).collect(),
            blocked: blocked(&answer),
            said,
            spent: spent(&answer),
        })
    }
}

fn decoded<'a>(text: &Text<'a>) -> std::borrow::Cow<'a, str> {
    text.decode()
}

fn picture(part: &AnswerPart<'_>) -> Option<Picture> {
    let inline = part.inline_data.as_ref()?;
    let data = inline.data.as_ref().filter(|data| !data.is_empty())?;
    let named = inline.mime_type.as_ref().map(|mime| mime.decode().into_owned());
    let mime = named.or_else(|| media::mime_of_bytes(data).map(str::to_owned));
    let mime = mime.unwrap_or_else(|| "image/png".to_owned());
    mime.starts_with("image/").then(|| Picture { mime, data: data.decode().into_owned() })
}

fn blocked(answer: &Answer<'_>) -> Option<String> {
    let of_prompt = answer.block_reason().map(|reason| reason.decode().into_owned());
    let reasons = answer.candidates().iter().filter_map(Candidate::reason);
    let mut reasons = reasons.map(|reason| reason.decode().into_owned());
    of_prompt.or_else(|| reasons.find(|reason| is_filter(reason)))
}

fn is_filter(reason: &str) -> bool {
    matches!(
        reason,
        "SAFETY"
            | "RECITATION"
            | "BLOCKLIST"
            | "PROHIBITED_CONTENT"
            | "SPII"
            | "IMAGE_SAFETY"
            | "IMAGE_PROHIBITED_CONTENT"
            | "IMAGE_RECITATION"
    )
}

fn spent(answer: &Answer<'_>) -> Spent {
    let Some(metadata) = &answer.usage_metadata else { return Spent::default() };
    let mut counts = Counts::default();
    counts.merge(metadata);
    let (images_in, images_out) = metadata.of_modality("IMAGE");
    Spent { usage: counts.usage(), images_in, images_out }
}

impl Picture {
    /// The picture as a URL that holds it.
    pub fn data_url(&self) -> String {
        format!("data:{};base64,{}", self.mime, self.data)
    }
}

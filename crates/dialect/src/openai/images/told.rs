//! Pictures as OpenAI tells them, and why there are none.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;

use super::{Drawn, Images, Picture, Spent};
use crate::{json, media};

/// So much of a picture's beginning tells how large it is, in base64.
const HEAD: usize = 64 * 1024;

/// No message grows beyond this, whatever the model said.
const MAX_SAID: usize = 400;

/// Why there is no picture, as the client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// A sentence.
    pub message: String,
    /// The body.
    pub body: Vec<u8>,
}

#[derive(Serialize)]
struct Answer<'a> {
    created: i64,
    background: &'static str,
    data: Vec<Told<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_format: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<&'static str>,
    usage: Usage,
}

#[derive(Serialize)]
struct Told<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    b64_json: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revised_prompt: Option<&'a str>,
}

#[derive(Serialize)]
struct Completed<'a> {
    r#type: &'a str,
    created_at: i64,
    background: &'static str,
    b64_json: &'a str,
    output_format: &'a str,
    quality: &'a str,
    size: &'static str,
    usage: Usage,
}

#[derive(Clone, Copy, Serialize)]
struct Usage {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: u64,
    input_tokens_details: Details,
    output_tokens_details: Details,
}

#[derive(Clone, Copy, Serialize)]
struct Details {
    text_tokens: u64,
    image_tokens: u64,
}

impl Images {
    /// The client's answer, of pictures that each have an address or are inside of it.
    pub fn response(&self, created: i64, drawn: &Drawn, urls: &[String]) -> Vec<u8> {
        let said = Some(drawn.said.trim()).filter(|said| !said.is_empty());
        let data = drawn.pictures.iter().enumerate().map(|(index, picture)| {
            let url = urls.get(index).map(String::as_str);
            let b64_json = url.is_none().then_some(picture.data.as_str());
            Told { b64_json, url, revised_prompt: said }
        });
        let first = drawn.pictures.first();
        json::to_vec(&Answer {
            created,
            background: "opaque",
            data: data.collect(),
            output_format: first.and_then(Picture::known_format),
            quality: self.known_quality(),
            size: first.and_then(Picture::size),
            usage: usage(&drawn.spent),
        })
    }

    /// The client's answer as events, one for each picture.
    pub fn events(&self, created: i64, drawn: &Drawn) -> Vec<u8> {
        let name = if self.is_edit { "image_edit.completed" } else { "image_generation.completed" };
        let mut out = Vec::new();
        for (index, picture) in drawn.pictures.iter().enumerate() {
            let spent = if index == 0 { drawn.spent } else { Spent::default() };
            out.extend_from_slice(format!("event: {name}\ndata: ").as_bytes());
            json::push(
                &mut out,
                &Completed {
                    r#type: name,
                    created_at: created,
                    background: "opaque",
                    b64_json: &picture.data,
                    output_format: picture.known_format().unwrap_or("png"),
                    quality: self.known_quality().unwrap_or("auto"),
                    size: picture.size().unwrap_or("auto"),
                    usage: usage(&spent),
                },
            );
            out.extend_from_slice(b"\n\n");
        }
        out
    }

    /// The quality that was asked for, by OpenAI's newer names.
    fn known_quality(&self) -> Option<&'static str> {
        Some(match self.quality.as_deref()? {
            "low" => "low",
            "medium" | "standard" => "medium",
            "high" | "hd" => "high",
            _ => return None,
        })
    }

    /// All answers as one, with no more pictures than were asked for.
    pub fn joined(&self, answers: impl IntoIterator<Item = Drawn>) -> Drawn {
        let nothing = Drawn {
            pictures: Vec::new(),
            blocked: None,
            said: String::new(),
            spent: Spent::default(),
        };
        let mut all = answers.into_iter().fold(nothing, |mut all, answer| {
            all.pictures.extend(answer.pictures);
            all.blocked = all.blocked.or(answer.blocked);
            if all.said.is_empty() {
                all.said = answer.said;
            }
            all.spent = all.spent.plus(&answer.spent);
            all
        });
        all.pictures.truncate(self.calls);
        all
    }

    /// What there is to say of pictures that are not what was asked for.
    pub fn dropped_of(&self, drawn: &Drawn) -> Option<&'static str> {
        let given = drawn.pictures.first().map(Picture::format)?;
        let asked = self.format.as_deref().map(|asked| if asked == "jpg" { "jpeg" } else { asked });
        asked.is_some_and(|asked| asked != given).then_some("output_format")
    }

    /// Why there is no picture.
    pub fn refusal(&self, drawn: &Drawn) -> Refusal {
        if let Some(reason) = &drawn.blocked {
            let message = format!("Your request was rejected by Google's safety system: {reason}.");
            let kind = Some("image_generation_user_error");
            return Refusal::new(400, message, kind, Some("prompt"), Some("moderation_blocked"));
        }
        let said: String = drawn.said.trim().chars().take(MAX_SAID).collect();
        let message = match said.as_str() {
            "" => "The model made no picture.".to_owned(),
            said => format!("The model made no picture; it said: {said}"),
        };
        Refusal::new(500, message, Some("server_error"), None, Some("server_error"))
    }
}

impl Refusal {
    fn new(
        status: u16,
        message: String,
        kind: Option<&str>,
        param: Option<&str>,
        code: Option<&str>,
    ) -> Self {
        let body = super::super::error::body(status, &message, kind, param, code);
        Self { status, message, body }
    }
}

impl Picture {
    /// The format, if it is one that OpenAI knows: clients read it into closed lists.
    fn known_format(&self) -> Option<&'static str> {
        ["png", "jpeg", "webp"].into_iter().find(|known| *known == self.format())
    }

    /// `png` of `image/png`.
    pub fn format(&self) -> &str {
        self.mime.strip_prefix("image/").unwrap_or(&self.mime)
    }

    /// The size, as the picture itself says, if it is one that OpenAI knows.
    fn size(&self) -> Option<&'static str> {
        let head = self.data.get(..self.data.len().min(HEAD))?;
        let whole = head.trim_end_matches('=').len() / 4 * 4;
        let bytes = STANDARD.decode(head.get(..whole)?).ok()?;
        let (width, height) = media::dimensions(&bytes)?;
        Some(match (width, height) {
            (1024, 1024) => "1024x1024",
            (1024, 1536) => "1024x1536",
            (1536, 1024) => "1536x1024",
            _ => return None,
        })
    }
}

fn usage(spent: &Spent) -> Usage {
    let input_tokens = spent.usage.prompt + spent.usage.tool_prompt;
    let output_tokens = spent.usage.completion + spent.usage.thoughts;
    let details = |all: u64, images: u64| Details {
        text_tokens: all.saturating_sub(images),
        image_tokens: images.min(all),
    };
    Usage {
        input_tokens,
        output_tokens,
        total_tokens: input_tokens + output_tokens,
        input_tokens_details: details(input_tokens, spent.images_in),
        output_tokens_details: details(output_tokens, spent.images_out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_that_openai_knows() {
        let told = |side: [u8; 2]| {
            let head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\0\0\0";
            let data = STANDARD.encode([head.as_slice(), &side].concat());
            Picture { mime: "image/png".to_owned(), data }.size()
        };
        assert_eq!(told([4, 0]), Some("1024x1024"));
        assert_eq!(told([6, 0]), Some("1024x1536"));
        assert_eq!(told([1, 2]), None);
    }
}

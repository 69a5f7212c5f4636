//! The form of `images/edits`.

use std::borrow::Cow;

use super::{
    body::{Asked, changes},
    invalid,
};
use crate::{
    DialectError,
    gemini::content::{Inline, Part},
    json::Text,
    media,
};

/// OpenAI allows no more pictures.
const MAX_ATTACHED: usize = 16;

/// What a client has filled in. Nothing in it is checked yet.
#[derive(Debug, Default)]
pub struct Form {
    /// Names of text fields and what they say.
    pub fields: Vec<(String, String)>,
    /// The files, in order.
    pub files: Vec<Attached>,
}

/// A file of the form.
#[derive(Debug)]
pub struct Attached {
    /// The field's name.
    pub field: String,
    /// The media type that the client names.
    pub mime: Option<String>,
    /// The bytes, in base64.
    pub data: String,
}

impl Form {
    /// What it asks for, and the pictures to be changed.
    pub(super) fn read(&self) -> Result<(Asked<'_>, Vec<Part<'_>>), DialectError> {
        let mut asked = Asked::default();
        for (name, value) in &self.fields {
            field(&mut asked, name, value)?;
        }
        let mut pictures = Vec::new();
        for file in &self.files {
            match file.field.as_str() {
                "image" | "image[]" => pictures.push(file.part()?),
                "mask" => return Err(unsupported("mask", "Gemini changes pictures without masks")),
                other => return Err(unsupported(other, "it is no file that is known here")),
            }
        }
        if pictures.is_empty() {
            return Err(DialectError::missing("image"));
        }
        if pictures.len() > MAX_ATTACHED {
            return Err(invalid("image", &format!("expected at most {MAX_ATTACHED} pictures")));
        }
        Ok((asked, pictures))
    }
}

impl Attached {
    fn part(&self) -> Result<Part<'_>, DialectError> {
        let data = Text::Verbatim(&self.data);
        let of_bytes = media::mime_of_bytes(&data);
        let named = || self.mime.as_deref().filter(|mime| mime.starts_with("image/"));
        let mime = of_bytes.or_else(named).filter(|mime| mime.starts_with("image/"));
        let Some(mime) = mime.filter(|_| !self.data.is_empty()) else {
            return Err(invalid("image", "expected a picture"));
        };
        let mime = Cow::Borrowed(mime);
        Ok(Part::Inline(Box::new(Inline { mime, data, resolution: None, signature: None })))
    }
}

fn field<'f>(asked: &mut Asked<'f>, name: &'f str, value: &'f str) -> Result<(), DialectError> {
    let text = Some(Cow::Borrowed(value)).filter(|value| !value.is_empty());
    match name {
        "prompt" => asked.prompt = Cow::Borrowed(value),
        "model" => asked.model = text,
        "n" => {
            let n = value.trim().parse();
            asked.n = Some(n.map_err(|_| invalid("n", "expected a whole number"))?);
        }
        "size" => asked.size = text,
        "quality" => asked.quality = text,
        "response_format" => asked.response_format = text,
        "output_format" => asked.output_format = text,
        "aspect_ratio" => asked.aspect_ratio = text,
        "image_size" => asked.image_size = text,
        "stream" => asked.stream = value.eq_ignore_ascii_case("true") || value == "1",
        "image" | "image[]" => {
            return Err(invalid("image", "expected a file, with a filename"));
        }
        "mask" => return Err(unsupported("mask", "Gemini changes pictures without masks")),
        _ => {
            let dropped = [
                "background",
                "moderation",
                "style",
                "input_fidelity",
                "partial_images",
                "output_compression",
            ];
            let known = dropped.into_iter().find(|known| *known == name);
            asked.dropped.extend(known.filter(|name| changes(name, value)));
        }
    }
    Ok(())
}

fn unsupported(param: &str, why: &str) -> DialectError {
    let message = format!("Unsupported parameter: '{param}': {why}.");
    let code = Some("unsupported_parameter");
    DialectError { code, ..DialectError::unsupported(param, message) }
}

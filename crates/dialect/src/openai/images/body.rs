//! What a request for pictures says, in JSON or as a form.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::chat::{
    body::ExtraBody,
    extra::{self, Extra, Places},
};
use crate::{
    DialectError,
    json::{self, Text, number::Integer},
};

/// A request, whichever form it came in.
#[derive(Default)]
pub(super) struct Asked<'a> {
    pub(super) prompt: Cow<'a, str>,
    pub(super) model: Option<Cow<'a, str>>,
    pub(super) n: Option<i64>,
    pub(super) size: Option<Cow<'a, str>>,
    pub(super) quality: Option<Cow<'a, str>>,
    pub(super) response_format: Option<Cow<'a, str>>,
    pub(super) output_format: Option<Cow<'a, str>>,
    pub(super) stream: bool,
    /// Google's own, as the client writes them.
    pub(super) aspect_ratio: Option<Cow<'a, str>>,
    pub(super) image_size: Option<Cow<'a, str>>,
    pub(super) extra: Extra,
    pub(super) dropped: Vec<&'static str>,
}

#[expect(clippy::struct_field_names, reason = "named as OpenAI's SDKs name them")]
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Body<'a> {
    prompt: Option<Text<'a>>,
    model: Option<Text<'a>>,
    n: Option<Integer>,
    size: Option<Text<'a>>,
    quality: Option<Text<'a>>,
    response_format: Option<Text<'a>>,
    output_format: Option<Text<'a>>,
    stream: Option<bool>,
    #[serde(alias = "aspectRatio")]
    aspect_ratio: Option<Text<'a>>,
    #[serde(alias = "imageSize")]
    image_size: Option<Text<'a>>,
    background: Option<Text<'a>>,
    moderation: Option<Text<'a>>,
    style: Option<Text<'a>>,
    partial_images: Option<Integer>,
    output_compression: Option<Integer>,
    #[serde(borrow, alias = "safetySettings")]
    safety_settings: Option<&'a RawValue>,
    extra_body: Option<ExtraBody<'a>>,
    #[serde(borrow)]
    google: Option<&'a RawValue>,
}

/// Reads the body of `images/generations`.
pub(super) fn read(body: &[u8]) -> Result<Asked<'_>, DialectError> {
    let body: Body<'_> = json::parse(body)?;
    let text =
        |text: &Option<Text<'_>>| text.as_ref().map(|text| Cow::Owned(text.decode().into_owned()));
    let places = Places {
        safety_settings: body.safety_settings,
        extra_body: body.extra_body.as_ref(),
        google: body.google,
    };
    let extra = extra::read(&places)?;
    let mut dropped = Vec::new();
    dropped.extend(extra.unknown.then_some("extra_body.google"));
    for (name, value) in
        [("background", &body.background), ("moderation", &body.moderation), ("style", &body.style)]
    {
        dropped.extend(text(value).filter(|value| changes(name, value)).map(|_| name));
    }
    dropped.extend(body.partial_images.filter(|count| count.0 > 0).map(|_| "partial_images"));
    dropped.extend(body.output_compression.map(|_| "output_compression"));
    Ok(Asked {
        prompt: body.prompt.as_ref().map(Text::decode).unwrap_or_default().into_owned().into(),
        model: text(&body.model),
        n: body.n.map(|Integer(n)| n),
        size: text(&body.size),
        quality: text(&body.quality),
        response_format: text(&body.response_format),
        output_format: text(&body.output_format),
        stream: body.stream == Some(true),
        aspect_ratio: text(&body.aspect_ratio),
        image_size: text(&body.image_size),
        extra,
        dropped,
    })
}

/// Whether a field that Gemini does not have would have changed the picture.
pub(super) fn changes(name: &str, value: &str) -> bool {
    match name {
        "background" => value == "transparent",
        "moderation" => value != "auto",
        _ => !value.is_empty(),
    }
}

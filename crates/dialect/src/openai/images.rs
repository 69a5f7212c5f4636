//! `POST /v1/images/generations` and `/v1/images/edits` to and from `generateContent` of the models
//! that make pictures.
//!
//! [`generation()`] and [`edit()`] translate what the client sent; the request is to be sent
//! [`Images::calls`] times, side by side. [`Images::read`] reads each answer, and
//! [`Images::response`] or [`Images::events`] tell all of them.

mod answer;
mod body;
mod directives;
mod form;
mod proportions;
mod told;

use std::borrow::Cow;

use bytes::BufMut;
use serde_json::{Map, Value, json};

use self::body::Asked;
use super::chat::extra;
use crate::{
    DialectError,
    gemini::content::{Content, Part, Role},
    models::{self, Additions, Changes, Offers},
    written::Draft,
};

pub use answer::{Drawn, Picture, Spent};
pub use form::{Attached, Form};
pub use told::Refusal;

/// OpenAI allows no more.
const MAX_PICTURES: i64 = 10;

/// How to translate a request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'o> {
    /// What the administrator adds.
    pub additions: Additions<'o>,
    /// Pictures are told by their address where the client does not say how it wants them.
    pub links: bool,
}

/// What stays of a request until its answer is translated.
#[derive(Debug, Clone)]
pub struct Images {
    model: String,
    more_models: usize,
    calls: usize,
    /// Pictures by their address.
    links: bool,
    stream: bool,
    is_edit: bool,
    quality: Option<String>,
    /// The format that the client asked for.
    format: Option<String>,
    dropped: Vec<&'static str>,
}

/// Translates the body of `images/generations` into the body of `generateContent`.
pub fn generation(body: &[u8], options: &Options<'_>) -> Result<(Images, Vec<u8>), DialectError> {
    let asked = body::read(body)?;
    translate(asked, Vec::new(), false, options)
}

/// Translates the form of `images/edits` into the body of `generateContent`.
pub fn edit(form: &Form, options: &Options<'_>) -> Result<(Images, Vec<u8>), DialectError> {
    let (asked, pictures) = form.read()?;
    translate(asked, pictures, true, options)
}

impl Images {
    /// The model that is asked, as Google names it.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// How many models may answer if this one cannot.
    pub fn more_models(&self) -> usize {
        self.more_models
    }

    /// How often the request is to be sent.
    pub fn calls(&self) -> usize {
        self.calls
    }

    /// The client wants addresses of pictures.
    pub fn wants_links(&self) -> bool {
        self.links && !self.stream
    }

    /// The client reads events.
    pub fn stream(&self) -> bool {
        self.stream
    }

    /// Fields that have no counterpart and were left out.
    pub fn dropped(&self) -> &[&'static str] {
        &self.dropped
    }
}

fn translate<'a>(
    mut asked: Asked<'a>,
    pictures: Vec<Part<'a>>,
    is_edit: bool,
    options: &Options<'_>,
) -> Result<(Images, Vec<u8>), DialectError> {
    let (resolved, is_dall_e) = model(&asked, options)?;
    let model = resolved.model;
    let directives = directives::read(std::mem::take(&mut asked.prompt))?;
    let calls = calls(directives.pictures, asked.n)?;
    let config = proportions::config(&asked, directives.ratio, &model)?;
    let links = match asked.response_format.as_deref() {
        None => options.links || is_dall_e,
        Some("url") => true,
        Some("b64_json") => false,
        Some(_) => return Err(invalid("response_format", "expected 'url' or 'b64_json'")),
    };
    let body = write(&model, directives.prompt, pictures, config, &asked.extra, options)?;
    let images = Images {
        model,
        more_models: resolved.more_models,
        calls,
        links,
        stream: asked.stream,
        is_edit,
        quality: asked.quality.map(Cow::into_owned),
        format: asked.output_format.map(Cow::into_owned),
        dropped: asked.dropped,
    };
    Ok((images, body))
}

/// Google's name of the model; and whether the client asked one of those that tell addresses.
fn model(
    asked: &Asked<'_>,
    options: &Options<'_>,
) -> Result<(models::Resolved, bool), DialectError> {
    let none = Offers::default();
    let maker = options.additions.offers.unwrap_or(&none).maker_of_pictures();
    let name = asked.model.as_deref().map(models::strip_prefix).filter(|name| !name.is_empty());
    let name = name.unwrap_or(maker);
    let mut resolved = options.additions.resolve(name);
    if is_of_others(&resolved.model) {
        let more_models = resolved.more_models;
        resolved = options.additions.resolve(maker);
        resolved.more_models = resolved.more_models.max(more_models);
    }
    if !models::is_path(&resolved.model) {
        return Err(invalid("model", "expected a model name"));
    }
    Ok((resolved, name.starts_with("dall-e")))
}

/// Names of OpenAI, and of what Google has switched off.
fn is_of_others(model: &str) -> bool {
    ["gpt-image", "chatgpt-image", "dall-e", "imagen"].iter().any(|name| model.starts_with(name))
}

fn calls(directive: Option<i64>, n: Option<i64>) -> Result<usize, DialectError> {
    let calls = directive.or(n).unwrap_or(1);
    if !(1..=MAX_PICTURES).contains(&calls) {
        let param = if directive.is_some() { "prompt" } else { "n" };
        return Err(invalid(param, &format!("expected 1 to {MAX_PICTURES} pictures")));
    }
    Ok(calls as usize)
}

fn write<'a>(
    model: &str,
    prompt: Cow<'a, str>,
    mut parts: Vec<Part<'a>>,
    config: Map<String, Value>,
    more: &extra::Extra,
    options: &Options<'_>,
) -> Result<Vec<u8>, DialectError> {
    parts.push(Part::text(prompt));
    let mut generation = Map::new();
    generation.insert("responseModalities".to_owned(), json!(["IMAGE"]));
    if !config.is_empty() {
        generation.insert("imageConfig".to_owned(), Value::Object(config));
    }
    extra::merge(&mut generation, more.generation.clone());
    let mut out = Draft::with_capacity(512);
    out.put_slice(br#"{"contents":["#);
    Content { role: Role::User, parts }.write(&mut out);
    out.put_slice(br#"],"generationConfig":"#);
    out.push_json(&generation);
    for (name, value) in &more.request {
        out.put_u8(b',');
        out.push_json(name);
        out.put_u8(b':');
        out.push_json(value);
    }
    out.put_u8(b'}');
    let out = out.whole();
    if more.request.contains_key("safetySettings") {
        return Ok(out);
    }
    let rules = models::rules(model);
    Ok(options.additions.add(model, &Changes::default(), &rules, out.into(), &[])?.body.text)
}

fn invalid(param: &str, why: &str) -> DialectError {
    DialectError::invalid(param, format!("Invalid value for '{param}': {why}."))
}

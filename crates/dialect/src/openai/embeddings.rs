//! `POST /v1/embeddings` to and from `batchEmbedContents`.
//!
//! [`translate()`] makes as many calls of it as the inputs take; each answer is read by
//! [`Embeddings::read`], and [`Embeddings::response`] puts all of them together.

mod answer;
mod body;
mod task;

use bytes::BufMut;

use self::body::{Body, Input, Item};
use super::chat::parts::PartReader;
use crate::{
    DialectError,
    gemini::content::{Part, write_list},
    json::{self, Text, number::Integer},
    media::{FetchedMedia, MediaReader, Translation},
    models::{self, Additions},
    written::Draft,
};

pub use answer::Vectors;

/// Google takes no more inputs in one call.
const INPUTS_OF_A_CALL: usize = 100;

/// OpenAI takes no more inputs in one request.
const MAX_INPUTS: usize = 2048;

/// What answers for OpenAI's own models, with the length of their vectors where it is not Google's.
const NAMES_OF_OPENAI: [(&str, Option<i64>); 3] = [
    ("text-embedding-3-small", Some(1536)),
    ("text-embedding-3-large", None),
    ("text-embedding-ada-002", Some(1536)),
];
const MODEL_FOR_OPENAI: &str = "gemini-embedding-2";

/// How to translate a request. The default fetches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'o> {
    /// What stands behind URLs of the request, as far as it was fetched.
    pub media: Option<&'o FetchedMedia>,
    /// What the administrator adds.
    pub additions: Additions<'o>,
}

/// A request, and what stays of it until its answer is translated.
#[derive(Debug, Clone)]
pub struct Embeddings {
    model: String,
    /// Bodies of the calls beside the first, in order.
    more: Vec<Vec<u8>>,
    /// How many inputs each call has, and about how many tokens they are.
    sizes: Vec<(usize, u64)>,
    in_base64: bool,
}

/// Translates the body of a request into the bodies of its calls: the first one, and
/// [`Embeddings::take_more`].
pub fn translate<'a>(
    body: &'a [u8],
    options: &Options<'a>,
) -> Result<Translation<Embeddings>, DialectError> {
    let mut body: Body<'_> = json::parse(body)?;
    let input = body.input.take();
    let (model, dimensions) = model(&body, options)?;
    let wish = Wish {
        model: &model,
        dimensions: length(body.dimensions)?.or(dimensions),
        task: task::read(&body)?,
        title: task::title(&body)?,
    };
    let in_base64 = in_base64(body.encoding_format.as_ref())?;
    let mut reader = PartReader {
        root: "input",
        per_part_resolution: false,
        media: MediaReader::new(options.media),
    };
    let inputs = inputs(input, &mut reader)?;
    let wanted = reader.media.wanted();
    if !wanted.is_empty() {
        return Ok(Translation::Fetch(wanted));
    }
    let mut bodies: Vec<Vec<u8>> =
        inputs.chunks(INPUTS_OF_A_CALL).map(|inputs| wish.call(inputs)).collect();
    let sizes = inputs.chunks(INPUTS_OF_A_CALL).zip(&bodies);
    let sizes = sizes.map(|(inputs, body)| (inputs.len(), body.len().div_ceil(4) as u64)).collect();
    let more = bodies.split_off(1.min(bodies.len()));
    let first = bodies.pop().ok_or_else(|| DialectError::missing("input"))?;
    Ok(Translation::Ready(Embeddings { model, more, sizes, in_base64 }, first.into()))
}

impl Embeddings {
    /// The model that is asked, as Google names it.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The bodies of the calls beside the first, in order; once.
    pub fn take_more(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.more)
    }
}

/// What is asked of every input.
struct Wish<'a> {
    model: &'a str,
    dimensions: Option<i64>,
    task: Option<&'static str>,
    title: Option<&'a Text<'a>>,
}

impl<'a> Wish<'a> {
    fn call(&self, inputs: &[Vec<Part<'a>>]) -> Vec<u8> {
        let mut out = Draft::with_capacity(256);
        out.put_slice(br#"{"requests":"#);
        write_list(inputs, &mut out, |input, out| self.request(input, out));
        out.put_u8(b'}');
        out.whole()
    }

    fn request(&self, input: &[Part<'a>], out: &mut Draft<'a>) {
        let collection = if self.model.contains('/') { "" } else { "models/" };
        out.put_slice(br#"{"model":"#);
        out.push_json(&format_args!("{collection}{}", self.model));
        out.put_slice(br#","content":{"parts":"#);
        write_list(input, out, Part::write);
        out.put_u8(b'}');
        if let Some(task) = self.task {
            out.put_slice(br#","taskType":"#);
            out.push_json(task);
        }
        if let Some(title) = self.title {
            out.put_slice(br#","title":"#);
            title.write(out.as_mut());
        }
        if let Some(dimensions) = self.dimensions {
            out.put_slice(br#","outputDimensionality":"#);
            out.push_json(&dimensions);
        }
        out.put_u8(b'}');
    }
}

/// Google's name of the model, and how long its vectors are if the client does not say.
fn model(body: &Body<'_>, options: &Options<'_>) -> Result<(String, Option<i64>), DialectError> {
    let asked = body.model.as_ref().ok_or_else(|| DialectError::missing("model"))?.decode();
    let model = options.additions.resolve(models::strip_prefix(&asked)).model;
    if let Some((_, length)) = NAMES_OF_OPENAI.iter().find(|(name, _)| *name == model) {
        return Ok((MODEL_FOR_OPENAI.to_owned(), *length));
    }
    if !models::is_path(&model) {
        let message = "Invalid value for 'model': expected a model name.";
        return Err(DialectError::invalid("model", message));
    }
    Ok((model, None))
}

fn length(dimensions: Option<Integer>) -> Result<Option<i64>, DialectError> {
    match dimensions {
        Some(Integer(length)) if !(1..=i64::from(i32::MAX)).contains(&length) => {
            let message = "Invalid value for 'dimensions': expected a positive whole number.";
            Err(DialectError::invalid("dimensions", message))
        }
        dimensions => Ok(dimensions.map(|Integer(length)| length)),
    }
}

fn in_base64(format: Option<&Text<'_>>) -> Result<bool, DialectError> {
    match format.map(Text::decode).as_deref() {
        None | Some("float") => Ok(false),
        Some("base64") => Ok(true),
        Some(_) => {
            let message = "Invalid value for 'encoding_format': expected 'float' or 'base64'.";
            Err(DialectError::invalid("encoding_format", message))
        }
    }
}

/// The parts of each input.
fn inputs<'a>(
    input: Option<Input<'a>>,
    reader: &mut PartReader<'a>,
) -> Result<Vec<Vec<Part<'a>>>, DialectError> {
    let items = match input.ok_or_else(|| DialectError::missing("input"))? {
        Input::One(text) if text.is_empty() => return Err(empty("input".to_owned())),
        Input::One(text) => return Ok(vec![vec![Part::text(text)]]),
        Input::Tokens => return Err(tokens()),
        Input::Many(items) => items,
    };
    if items.is_empty() || items.len() > MAX_INPUTS {
        let message = format!("Invalid value for 'input': expected 1 to {MAX_INPUTS} inputs.");
        return Err(DialectError::invalid("input", message));
    }
    items.into_iter().enumerate().map(|(index, item)| parts(index, item, reader)).collect()
}

fn parts<'a>(
    index: usize,
    item: Item<'a>,
    reader: &mut PartReader<'a>,
) -> Result<Vec<Part<'a>>, DialectError> {
    let parts = match item {
        Item::Text(text) if text.is_empty() => Vec::new(),
        Item::Text(text) => vec![Part::text(text)],
        Item::Content(content) => {
            let parts = reader.read(index, content)?;
            if reader.media.misses_any() {
                // The request is read once more when everything is there.
                return Ok(parts);
            }
            parts
        }
    };
    if parts.is_empty() { Err(empty(format!("input[{index}]"))) } else { Ok(parts) }
}

fn empty(param: String) -> DialectError {
    let message = format!("Invalid value for '{param}': an input must not be empty.");
    DialectError::invalid(param, message)
}

/// They are of OpenAI's vocabulary, which no model of Google knows.
fn tokens() -> DialectError {
    let message = "Invalid value for 'input': arrays of tokens are not supported, since they are \
                   of a tokenizer of OpenAI. Send texts (with LangChain: \
                   check_embedding_ctx_length=False).";
    DialectError::invalid("input", message)
}

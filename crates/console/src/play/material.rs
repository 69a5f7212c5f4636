//! Pictures, speech, embeddings and transcripts: OpenAI's API has an address for each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::composed::{Composed, Content, Field, FieldValue};
use super::reading::Reads;
use super::wanted::{Attachment, Embedding, Image, Speech, Transcription};
use crate::error::Error;

/// Makes pictures, or changes those that are there.
pub(super) fn image(image: &Image) -> Result<Composed, Error> {
    if image.files.is_empty() {
        let mut body = json!({"model": image.model.trim(), "prompt": image.prompt});
        put(&mut body, "n", image.n.map(Value::from));
        put(&mut body, "size", text(&image.size));
        body["response_format"] = "b64_json".into();
        let content = Content::Json(body);
        return Ok(Composed::openai("/v1/images/generations", content, Reads::Pictures));
    }
    let mut fields =
        vec![Field::text("model", image.model.trim()), Field::text("prompt", &image.prompt)];
    fields.extend(image.n.map(|n| Field::text("n", n.to_string())));
    fields.extend(text(&image.size).map(|_| Field::text("size", &image.size)));
    fields.push(Field::text("response_format", "b64_json"));
    for picture in &image.files {
        fields.push(file("image[]", picture)?);
    }
    Ok(Composed::openai("/v1/images/edits", Content::Form(fields), Reads::Pictures))
}

/// Reads a text aloud.
pub(super) fn speech(speech: &Speech) -> Result<Composed, Error> {
    if speech.input.trim().is_empty() {
        return Err(Error::invalid("input", "say what is to be read aloud"));
    }
    let mut body = json!({"model": speech.model.trim(), "input": speech.input});
    put(&mut body, "voice", text(&speech.voice));
    put(&mut body, "instructions", text(&speech.instructions));
    put(&mut body, "response_format", text(&speech.format));
    Ok(Composed::openai("/v1/audio/speech", Content::Json(body), Reads::Sound))
}

/// Says where texts lie.
pub(super) fn embedding(embedding: &Embedding) -> Result<Composed, Error> {
    let texts: Vec<&String> =
        embedding.texts.iter().filter(|text| !text.trim().is_empty()).collect();
    if texts.is_empty() {
        return Err(Error::invalid("texts", "say what is to be embedded"));
    }
    let mut body = json!({"model": embedding.model.trim(), "input": texts});
    put(&mut body, "dimensions", embedding.dimensions.map(Value::from));
    Ok(Composed::openai("/v1/embeddings", Content::Json(body), Reads::Vectors))
}

/// Writes down what is said.
pub(super) fn transcription(wanted: &Transcription) -> Result<Composed, Error> {
    let mut fields = vec![file("file", &wanted.file)?, Field::text("model", wanted.model.trim())];
    fields.extend(text(&wanted.language).map(|_| Field::text("language", &wanted.language)));
    fields.extend(text(&wanted.prompt).map(|_| Field::text("prompt", &wanted.prompt)));
    fields.push(Field::text("response_format", "json"));
    let content = Content::Form(fields);
    Ok(Composed::openai("/v1/audio/transcriptions", content, Reads::Transcript))
}

fn put(body: &mut Value, name: &str, value: Option<Value>) {
    if let (Some(members), Some(value)) = (body.as_object_mut(), value) {
        members.insert(name.to_owned(), value);
    }
}

fn text(text: &str) -> Option<Value> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(Value::from)
}

fn file(field: &'static str, file: &Attachment) -> Result<Field, Error> {
    let bytes = STANDARD.decode(&file.data);
    let bytes =
        bytes.map_err(|_| Error::invalid("files", format!("{} is no base64", file.name)))?;
    let (name, mime) = (file.name.clone(), file.mime.clone());
    Ok(Field { name: field, value: FieldValue::File { name, mime, bytes } })
}

//! Pictures and speech that the model made.

use bytes::BufMut;

use super::calls;
use crate::{
    gemini::{
        answer::AnswerPart,
        audio::{self, AudioFormat},
    },
    json::Text,
};

/// What OpenAI gives; clients only show it.
const AUDIO_LIFE_SECONDS: i64 = 3600;

/// Bytes of an answer, in base64.
pub(super) struct Media<'a> {
    mime: Text<'a>,
    data: Text<'a>,
    signature: Option<Text<'a>>,
}

impl<'a> Media<'a> {
    /// What the part holds, if it holds anything.
    pub(super) fn read(part: &AnswerPart<'a>) -> Option<Self> {
        let inline = part.inline_data.as_ref()?;
        let data = inline.data.clone().filter(|data| !data.is_empty())?;
        let mime = inline.mime_type.clone().unwrap_or(Text::Verbatim("image/png"));
        let signature = part.thought_signature.clone().filter(|text| !text.is_empty());
        Some(Self { mime, data, signature })
    }

    pub(super) fn is_audio(&self) -> bool {
        self.mime.decode().starts_with("audio/")
    }

    /// Appends an element of `images`. OpenAI's own schema has none; others put it there.
    pub(super) fn write_image(&self, index: u64, out: &mut Vec<u8>) {
        out.put_slice(br#"{"type":"image_url","image_url":{"url":"data:"#);
        self.mime.write_inner(out);
        out.put_slice(b";base64,");
        self.data.write_inner(out);
        out.put_slice(br#""},"index":"#);
        crate::json::push_number(out, index);
        if let Some(signature) = &self.signature {
            calls::write_signature(signature, out);
        }
        out.put_u8(b'}');
    }
}

/// Appends the `audio` object of an answer made at `created` (Unix seconds).
///
/// The id cannot be used again: no gateway keeps the speech.
pub(super) fn write_audio(
    pieces: &[&Media<'_>],
    format: AudioFormat,
    created: i64,
    out: &mut Vec<u8>,
) {
    out.put_slice(br#"{"id":"audio_"#);
    crate::json::push(out, &created);
    out.put_slice(br#"","data":"#);
    match pieces {
        // Nothing is to be changed, so megabytes need not be read.
        [piece] if format == AudioFormat::AsItIs => piece.data.write(out),
        pieces => speech(pieces, format).write(out),
    }
    out.put_slice(br#","expires_at":"#);
    crate::json::push(out, &created.saturating_add(AUDIO_LIFE_SECONDS));
    out.put_slice(br#","transcript":""}"#);
}

fn speech<'a>(pieces: &[&Media<'a>], format: AudioFormat) -> Text<'a> {
    let texts: Vec<_> =
        pieces.iter().map(|piece| (piece.mime.decode(), piece.data.decode())).collect();
    let joined = audio::joined(texts.iter().map(|(mime, data)| (&**mime, &**data)), format);
    let first = || pieces.first().map_or(Text::from(""), |first| first.data.clone());
    joined.map_or_else(first, Text::from)
}

/// Appends `,"images":[…]` and `,"audio":{…}` for what is there.
pub(super) fn write_all(media: &[Media<'_>], format: AudioFormat, created: i64, out: &mut Vec<u8>) {
    let mut images = 0;
    for image in media.iter().filter(|media| !media.is_audio()) {
        out.put_slice(if images == 0 { br#","images":["#.as_slice() } else { b"," });
        image.write_image(images, out);
        images += 1;
    }
    if images > 0 {
        out.put_u8(b']');
    }
    let audio: Vec<&Media<'_>> = media.iter().filter(|media| media.is_audio()).collect();
    if !audio.is_empty() {
        out.put_slice(br#","audio":"#);
        write_audio(&audio, format, created, out);
    }
}

//! A speech as events.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{BufMut, BytesMut};
use serde::Serialize;

use crate::{Usage, json::to_vec};

/// Bytes of a file in one event.
const PIECE: usize = 24 * 1024;

#[derive(Serialize)]
struct Delta {
    r#type: &'static str,
    audio: String,
}

#[derive(Serialize)]
struct Done {
    r#type: &'static str,
    usage: Tokens,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "OpenAI's names")]
struct Tokens {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: u64,
}

/// Appends events with the next bytes of a file.
pub fn delta(file: &[u8], out: &mut BytesMut) {
    for piece in file.chunks(PIECE) {
        event(&Delta { r#type: "speech.audio.delta", audio: STANDARD.encode(piece) }, out);
    }
}

/// Appends the event with which a speech ends.
pub fn done(usage: &Usage, out: &mut BytesMut) {
    let input_tokens = usage.prompt + usage.tool_prompt;
    let output_tokens = usage.completion + usage.thoughts;
    let total_tokens = input_tokens + output_tokens;
    let usage = Tokens { input_tokens, output_tokens, total_tokens };
    event(&Done { r#type: "speech.audio.done", usage }, out);
}

fn event<T: Serialize>(event: &T, out: &mut BytesMut) {
    out.put_slice(b"data: ");
    out.put_slice(&to_vec(event));
    out.put_slice(b"\n\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_are_told_in_pieces() {
        let mut out = BytesMut::new();
        delta(&vec![0; PIECE + 1], &mut out);
        done(&Usage { prompt: 2, completion: 5, ..Usage::default() }, &mut out);
        let text = String::from_utf8(out.to_vec()).unwrap();
        let events: Vec<&str> = text.split_terminator("\n\n").collect();
        assert_eq!(events.len(), 3);
        assert_eq!(events[1], r#"data: {"type":"speech.audio.delta","audio":"AA=="}"#);
        assert_eq!(
            events[2],
            r#"data: {"type":"speech.audio.done","usage":{"input_tokens":2,"output_tokens":5,"total_tokens":7}}"#
        );
    }
}

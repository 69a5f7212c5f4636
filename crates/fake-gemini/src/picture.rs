//! Pictures that a model makes: grey, but whole, and of the proportions that were asked for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::ask::Ask;

/// Tokens of a picture in an answer.
pub(crate) const TOKENS: u64 = 1290;

/// The greatest piece of data that deflate stores as it is.
const STORED: usize = 0xffff;

/// The part for the picture that is asked for.
pub(crate) fn part(ask: &Ask<'_>) -> Value {
    let (width, height) = size(ask.config("imageConfig"));
    json!({"inlineData": {"mimeType": "image/png", "data": STANDARD.encode(png(width, height))}})
}

/// What a thinking model draws before it: smaller, and a thought.
pub(crate) fn draft() -> Value {
    let data = STANDARD.encode(png(2, 2));
    json!({"inlineData": {"mimeType": "image/png", "data": data}, "thought": true})
}

/// A sixty-fourth of what Google makes, a pixel where nothing is said.
fn size(config: &Value) -> (u32, u32) {
    let unit = match config["imageSize"].as_str() {
        Some("512") => 4,
        Some("2K") => 16,
        Some("4K") => 32,
        _ => 8,
    };
    let ratio = config["aspectRatio"].as_str().and_then(|ratio| ratio.split_once(':'));
    let side = |text: &str| text.parse::<u32>().ok().filter(|side| (1..=21).contains(side));
    match ratio.map(|(width, height)| (side(width), side(height))) {
        Some((Some(width), Some(height))) => (width * unit, height * unit),
        _ if config.is_object() => (unit, unit),
        _ => (1, 1),
    }
}

/// A grey picture.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    // Eight bits, grey, nothing special.
    header.extend([8, 0, 0, 0, 0]);
    // Each line begins with the number of its filter.
    let line: Vec<u8> = std::iter::once(0).chain((0..width).map(|_| 0x80)).collect();
    let lines = line.repeat(height as usize);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut out, *b"IHDR", &header);
    chunk(&mut out, *b"IDAT", &zlib(&lines));
    chunk(&mut out, *b"IEND", &[]);
    out
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    let checked = [kind.as_slice(), data].concat();
    out.extend(&checked);
    out.extend(crc32(&checked).to_be_bytes());
}

/// Data that is not compressed at all.
fn zlib(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut pieces = data.chunks(STORED).peekable();
    while let Some(piece) = pieces.next() {
        let length = piece.len() as u16;
        out.push(u8::from(pieces.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(piece);
    }
    out.extend(adler32(data).to_be_bytes());
    out
}

fn crc32(data: &[u8]) -> u32 {
    let bit = |crc: u32, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    !data.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), bit))
}

fn adler32(data: &[u8]) -> u32 {
    const PRIME: u32 = 65_521;
    let (low, high) = data.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % PRIME;
        (low, (high + low) % PRIME)
    });
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn pictures_have_the_proportions_that_were_asked_for() {
        assert_eq!(size(&json!({"aspectRatio": "16:9"})), (128, 72));
        assert_eq!(size(&json!({"aspectRatio": "2:3", "imageSize": "2K"})), (32, 48));
        assert_eq!(size(&json!({"imageSize": "512"})), (4, 4));
        assert_eq!(size(&Value::Null), (1, 1));
        let picture = png(168, 500);
        assert_eq!(picture[16..24], [0, 0, 0, 168, 0, 0, 1, 244]);
    }
}

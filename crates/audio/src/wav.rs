//! WAV files of one channel with 16 bits a sample.

use crate::encoder::{Codec, EncodeError};

/// What a file is that says nothing of its rate: what Gemini speaks in.
pub const RATE: u32 = 24_000;

/// Longest beginning of a file in which its samples must be found.
const MAX_HEAD: usize = 64 * 1024;

/// The header of a file with so many bytes of samples.
pub fn header(bytes: usize, rate: u32) -> [u8; 44] {
    let length = u32::try_from(bytes).unwrap_or(u32::MAX);
    let mut header = [0; 44];
    let fields: [(usize, &[u8]); 11] = [
        (0, b"RIFF"),
        (4, &length.saturating_add(36).to_le_bytes()),
        (8, b"WAVEfmt "),
        (16, &16_u32.to_le_bytes()),
        (20, &1_u16.to_le_bytes()),
        (22, &1_u16.to_le_bytes()),
        (24, &rate.to_le_bytes()),
        (28, &rate.saturating_mul(2).to_le_bytes()),
        (32, &[2, 0, 16, 0]),
        (36, b"data"),
        (40, &length.to_le_bytes()),
    ];
    for (at, bytes) in fields {
        header[at..at + bytes.len()].copy_from_slice(bytes);
    }
    header
}

/// The rate and the samples of a WAV file; `None` if it is none, or of another kind of samples.
pub fn read(file: &[u8]) -> Option<(u32, &[u8])> {
    match head(file) {
        Head::Samples { at, length, rate } => {
            let samples = file.get(at..)?;
            // A file that was streamed does not know its length.
            Some((rate, &samples[..length.min(samples.len())]))
        }
        _ => None,
    }
}

/// What the beginning of something says.
#[derive(Debug, PartialEq, Eq)]
enum Head {
    /// It is no file.
    None,
    /// More is needed.
    NotYet,
    /// It is a file that is not understood.
    Unknown,
    Samples {
        at: usize,
        length: usize,
        rate: u32,
    },
}

fn head(bytes: &[u8]) -> Head {
    let magic = [(0, b"RIFF"), (8, b"WAVE")];
    let fits = |(at, name): &(usize, &[u8; 4])| {
        let there = bytes.get(*at..).unwrap_or_default();
        there.iter().zip(*name).all(|(byte, other)| byte == other)
    };
    if !magic.iter().all(fits) {
        return Head::None;
    }
    let number = |at: usize| {
        let field = bytes.get(at..at + 4)?;
        Some(u32::from_le_bytes(field.try_into().ok()?))
    };
    let (mut at, mut rate) = (12, RATE);
    loop {
        let (Some(name), Some(length)) = (bytes.get(at..at + 4), number(at + 4)) else {
            return Head::NotYet;
        };
        let (length, body) = (length as usize, at + 8);
        match name {
            b"data" => return Head::Samples { at: body, length, rate },
            b"fmt " => {
                let (Some(kind), Some(given), Some(bits)) =
                    (number(body), number(body + 4), bytes.get(body + 14..body + 16))
                else {
                    return Head::NotYet;
                };
                // Samples as they are, in one channel, of 16 bits.
                if kind != 0x0001_0001 || bits != [16, 0] {
                    return Head::Unknown;
                }
                rate = given;
            }
            _ => {}
        }
        // Chunks begin at even places.
        at = match length.checked_add(length % 2).and_then(|length| body.checked_add(length)) {
            Some(next) if next < MAX_HEAD => next,
            _ => return Head::Unknown,
        };
    }
}

/// A WAV file that cannot be read: other samples than 16 bits in one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the speech is a WAV file of an unknown kind")]
pub struct UnknownWav;

/// Takes the samples out of a speech that comes in pieces, whether they are in a WAV file or bare.
#[derive(Debug, Default)]
pub struct Unwrapped {
    /// A beginning that is not understood yet.
    head: Vec<u8>,
    /// What a file says of itself.
    rate: Option<u32>,
    /// Bytes of samples that are left of the file.
    left: Option<usize>,
}

impl Unwrapped {
    /// Samples a second, once a file has said so.
    pub fn rate(&self) -> Option<u32> {
        self.rate
    }

    /// Takes the next piece, and appends the samples in it. A piece may begin a file.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), UnknownWav> {
        if self.head.is_empty() && !piece.starts_with(b"RIFF") {
            // What follows a file that is whole is no part of it.
            self.left = self.left.filter(|left| *left > 0);
            self.samples(piece, out);
            return Ok(());
        }
        self.head.extend_from_slice(piece);
        let begun = std::mem::take(&mut self.head);
        match head(&begun) {
            Head::None => {
                self.left = None;
                self.samples(&begun, out);
            }
            Head::NotYet if begun.len() < MAX_HEAD => self.head = begun,
            Head::NotYet | Head::Unknown => return Err(UnknownWav),
            Head::Samples { at, length, rate } => {
                self.rate = Some(rate);
                // A length that nobody knew is no limit.
                let is_known = length != 0 && length < u32::MAX as usize - 36;
                self.left = is_known.then_some(length);
                self.samples(begun.get(at..).unwrap_or_default(), out);
            }
        }
        Ok(())
    }

    fn samples(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let taken = self.left.map_or(bytes.len(), |left| left.min(bytes.len()));
        self.left = self.left.map(|left| left - taken);
        out.extend_from_slice(&bytes[..taken]);
    }
}

pub(crate) struct Wav {
    head: Option<[u8; 44]>,
}

impl Wav {
    /// For so many samples, if that is known.
    pub(crate) fn new(rate: u32, length: Option<u64>) -> Self {
        let bytes = length.and_then(|length| usize::try_from(length * 2).ok());
        Self { head: Some(header(bytes.unwrap_or(usize::MAX), rate)) }
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        out.extend(self.head.take().into_iter().flatten());
    }
}

impl Codec for Wav {
    fn samples(&mut self, samples: &[i16], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.begin(out);
        Bare.samples(samples, out)
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.begin(out);
        Ok(())
    }
}

/// Samples as they are.
pub(crate) struct Bare;

impl Codec for Bare {
    fn samples(&mut self, samples: &[i16], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        Ok(())
    }

    fn finish(&mut self, _out: &mut Vec<u8>) -> Result<(), EncodeError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(samples: &[u8], rate: u32) -> Vec<u8> {
        [header(samples.len(), rate).as_slice(), samples].concat()
    }

    #[test]
    fn a_file_is_read_back() {
        assert_eq!(read(&file(&[1, 2, 3, 4], 16_000)), Some((16_000, [1, 2, 3, 4].as_slice())));
        let unknown = b"RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff\x01\x02";
        assert_eq!(read(unknown), Some((RATE, [1, 2].as_slice())));
    }

    #[test]
    fn broken_files_are_none() {
        for broken in [
            b"RIFF".as_slice(),
            b"",
            b"RIFF0000WAVEdata",
            b"RIFF0000WAVEx   \xff\xff\xff\xff",
            b"RIFX0000WAVEdata\x02\0\0\0\x01\x02",
        ] {
            assert_eq!(read(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn samples_are_found_however_a_file_is_cut() {
        let whole = file(&[7; 100], 16_000);
        for size in [1, 3, 44, 50, 1000] {
            let (mut unwrapped, mut out) = (Unwrapped::default(), Vec::new());
            for piece in whole.chunks(size) {
                unwrapped.push(piece, &mut out).unwrap();
            }
            // A piece of less than the first four letters is no beginning of a file.
            let expected = if size < 4 { whole.clone() } else { vec![7; 100] };
            assert_eq!(out, expected, "pieces of {size}");
        }
    }

    #[test]
    fn bare_samples_and_several_files_are_joined() {
        let (mut unwrapped, mut out) = (Unwrapped::default(), Vec::new());
        unwrapped.push(&[1, 2, 3], &mut out).unwrap();
        assert_eq!(unwrapped.rate(), None);
        unwrapped.push(&file(&[4, 5], 8000), &mut out).unwrap();
        unwrapped.push(&file(&[6, 7], 8000), &mut out).unwrap();
        assert_eq!(
            (out.as_slice(), unwrapped.rate()),
            ([1, 2, 3, 4, 5, 6, 7].as_slice(), Some(8000))
        );
    }

    #[test]
    fn what_stands_behind_the_samples_is_left_out() {
        let (mut unwrapped, mut out) = (Unwrapped::default(), Vec::new());
        let long = [file(&[1, 2], 24_000).as_slice(), b"LIST\x04\0\0\0INFO"].concat();
        unwrapped.push(&long, &mut out).unwrap();
        assert_eq!(out, [1, 2]);
    }

    #[test]
    fn other_kinds_of_samples_are_refused() {
        let mut stereo = file(&[1, 2, 3, 4], 24_000);
        stereo[22] = 2;
        assert_eq!(read(&stereo), None);
        assert_eq!(Unwrapped::default().push(&stereo, &mut Vec::new()), Err(UnknownWav));
    }
}

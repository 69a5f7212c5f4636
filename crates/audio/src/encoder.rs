//! Samples in pieces to a file in pieces.

use crate::{Format, aac, flac, mp3, opus, wav};

/// Samples that are given to a codec at once.
const PIECE: usize = 16 * 1024;

/// Why a speech cannot be handed out in a format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The format knows no speech of that many samples a second.
    #[error("{} cannot hold {rate} samples a second", .format.name())]
    Rate {
        /// The format.
        format: Format,
        /// Samples a second.
        rate: u32,
    },
    /// The codec failed, which no input should bring about.
    #[error("the {} encoder failed: {message}", .format.name())]
    Codec {
        /// The format.
        format: Format,
        /// What the codec says.
        message: String,
    },
}

impl EncodeError {
    pub(crate) fn codec(format: Format, error: &impl ToString) -> Self {
        Self::Codec { format, message: error.to_string() }
    }
}

/// What turns samples into the bytes of one format.
pub(crate) trait Codec: Send {
    /// Takes more samples, and appends what is known of the file by now.
    fn samples(&mut self, samples: &[i16], out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// There are no more samples: appends what is left of the file.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError>;
}

/// Makes a file of one speech, as its samples come in.
pub struct Encoder {
    codec: Box<dyn Codec>,
    /// The first half of a sample whose second half has not come yet.
    half: Option<u8>,
    samples: Vec<i16>,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Encoder").finish_non_exhaustive()
    }
}

impl Encoder {
    /// For a speech of `rate` samples a second whose length is not known beforehand. Such files do
    /// not say how long they are, and players count; but FLAC must say so, and comes at the end.
    pub fn new(format: Format, rate: u32) -> Result<Self, EncodeError> {
        Self::of_length(format, rate, None)
    }

    fn of_length(format: Format, rate: u32, length: Option<u64>) -> Result<Self, EncodeError> {
        let codec: Box<dyn Codec> = match format {
            Format::Mp3 => Box::new(mp3::Mp3::new(rate, length.is_some())?),
            Format::Opus => Box::new(opus::Opus::new(rate)?),
            Format::Aac => Box::new(aac::Aac::new(rate)?),
            Format::Flac => Box::new(flac::Flac::new(rate)?),
            Format::Wav => Box::new(wav::Wav::new(rate, length)),
            Format::Pcm => Box::new(wav::Bare),
        };
        Ok(Self { codec, half: None, samples: Vec::new() })
    }

    /// Takes more of the speech, and appends what is known of the file by now.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let mut bytes = bytes;
        self.samples.clear();
        if let Some(low) = self.half
            && let Some((high, rest)) = bytes.split_first()
        {
            self.half = None;
            self.samples.push(i16::from_le_bytes([low, *high]));
            bytes = rest;
        }
        let (pairs, rest) = bytes.as_chunks::<2>();
        self.samples.extend(pairs.iter().map(|pair| i16::from_le_bytes(*pair)));
        self.half = self.half.or(rest.first().copied());
        for piece in self.samples.chunks(PIECE) {
            self.codec.samples(piece, out)?;
        }
        Ok(())
    }

    /// The speech is over: appends what is left of the file. Half a sample is lost.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.codec.finish(out)
    }
}

/// A whole speech as a file, which says how long it is where its format can.
pub fn whole(format: Format, rate: u32, bytes: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let length = bytes.len() as u64 / 2;
    let mut encoder = Encoder::of_length(format, rate, Some(length))?;
    let mut out = Vec::new();
    encoder.push(bytes, &mut out)?;
    encoder.finish(&mut out)?;
    Ok(out)
}

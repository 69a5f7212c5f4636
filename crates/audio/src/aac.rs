//! AAC-LC, in ADTS frames.

use syom::{EncodeOptions, EncodedFrame, Encoder};

use crate::Format;
use crate::encoder::{Codec, EncodeError};

/// Bits a second: transparent for one voice.
const BIT_RATE: u32 = 64_000;

/// A frame of 1024 samples holds so many bits at the most.
const FRAME_BITS: u32 = 6144;

pub(crate) struct Aac {
    encoder: Encoder,
    is_empty: bool,
    plane: Vec<f32>,
}

impl Aac {
    pub(crate) fn new(rate: u32) -> Result<Self, EncodeError> {
        let most = FRAME_BITS * (rate / 1024);
        let options = EncodeOptions::adts().with_bitrate_bps(BIT_RATE.min(most));
        let encoder = Encoder::new(rate, 1, &options)
            .map_err(|_| EncodeError::Rate { format: Format::Aac, rate })?;
        Ok(Self { encoder, is_empty: true, plane: Vec::new() })
    }
}

impl Codec for Aac {
    fn samples(&mut self, samples: &[i16], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.is_empty &= samples.is_empty();
        self.plane.clear();
        self.plane.extend(samples.iter().map(|sample| f32::from(*sample) / 32_768.0));
        self.encoder.feed(&[self.plane.as_slice()], |frame| append(&frame, out)).map_err(failed)?;
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        // The encoder takes no speech of no length; a stream of no frames is one.
        if self.is_empty {
            return Ok(());
        }
        self.encoder.finish(|frame| append(&frame, out)).map_err(failed)?;
        Ok(())
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what the encoder calls may fail")]
fn append(frame: &EncodedFrame<'_>, out: &mut Vec<u8>) -> syom::Result<()> {
    out.extend_from_slice(frame.au);
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn failed(error: syom::AacError) -> EncodeError {
    EncodeError::codec(Format::Aac, &error)
}

//! FLAC.
//!
//! Its first bytes say how many samples there are, and common readers do not take a file that does
//! not say so. So nothing is handed out before the end: who asks for a format that loses nothing
//! wants to keep the file, not to listen along.

use flacenc::bitsink::ByteSink;
use flacenc::component::{BitRepr as _, Stream, StreamInfo};
use flacenc::config;
use flacenc::encode_fixed_size_frame;
use flacenc::error::{Verified, Verify as _};
use flacenc::source::{Fill as _, FrameBuf};

use crate::Format;
use crate::encoder::{Codec, EncodeError};

/// Samples of a frame.
const FRAME: usize = 4096;

pub(crate) struct Flac {
    config: Verified<config::Encoder>,
    info: StreamInfo,
    frame: FrameBuf,
    /// The frames so far.
    encoded: Vec<u8>,
    /// Samples that do not fill a frame yet.
    rest: Vec<i16>,
    frames: usize,
    length: usize,
}

impl Flac {
    pub(crate) fn new(rate: u32) -> Result<Self, EncodeError> {
        let config = config::Encoder::default().into_verified();
        let config = config.map_err(|(_, error)| failed(&error))?;
        let mut info = StreamInfo::new(rate as usize, 1, 16)
            .map_err(|_| EncodeError::Rate { format: Format::Flac, rate })?;
        info.set_block_sizes(FRAME, FRAME).map_err(|error| failed(&error))?;
        // Nought is how the format says that something is not known.
        info.set_frame_sizes(0, 0).map_err(|error| failed(&error))?;
        Ok(Self {
            config,
            info,
            frame: FrameBuf::with_size(1, FRAME).map_err(|error| failed(&error))?,
            encoded: Vec::new(),
            rest: Vec::new(),
            frames: 0,
            length: 0,
        })
    }

    fn encode(&mut self, samples: &[i16]) -> Result<(), EncodeError> {
        let wide: Vec<i32> = samples.iter().copied().map(i32::from).collect();
        self.frame.fill_interleaved(&wide).map_err(|error| failed(&error))?;
        let frame = encode_fixed_size_frame(&self.config, &self.frame, self.frames, &self.info)
            .map_err(|error| failed(&error))?;
        self.frames += 1;
        let mut bytes = ByteSink::new();
        frame.write(&mut bytes).map_err(|error| failed(&error))?;
        self.encoded.append(&mut bytes.into_inner());
        Ok(())
    }
}

impl Codec for Flac {
    fn samples(&mut self, samples: &[i16], _out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.length += samples.len();
        let mut pending = std::mem::take(&mut self.rest);
        pending.extend_from_slice(samples);
        let mut frames = pending.chunks_exact(FRAME);
        for frame in &mut frames {
            self.encode(frame)?;
        }
        self.rest = frames.remainder().to_vec();
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let rest = std::mem::take(&mut self.rest);
        if !rest.is_empty() {
            self.encode(&rest)?;
        }
        self.info.set_total_samples(self.length);
        let mut head = ByteSink::new();
        let beginning = Stream::with_stream_info(self.info.clone());
        beginning.write(&mut head).map_err(|error| failed(&error))?;
        out.append(&mut head.into_inner());
        out.append(&mut self.encoded);
        Ok(())
    }
}

fn failed(error: &impl ToString) -> EncodeError {
    EncodeError::codec(Format::Flac, error)
}

//! FLAC.

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
    /// What stands before the first frame, until it is handed out.
    head: Vec<u8>,
    /// Samples that do not fill a frame yet.
    rest: Vec<i16>,
    frames: usize,
}

impl Flac {
    /// For so many samples, if that is known.
    pub(crate) fn new(rate: u32, length: Option<u64>) -> Result<Self, EncodeError> {
        let config = config::Encoder::default().into_verified();
        let config = config.map_err(|(_, error)| failed(&error))?;
        let mut info = StreamInfo::new(rate as usize, 1, 16)
            .map_err(|_| EncodeError::Rate { format: Format::Flac, rate })?;
        info.set_block_sizes(FRAME, FRAME).map_err(|error| failed(&error))?;
        // Nought is how the format says that something is not known.
        info.set_frame_sizes(0, 0).map_err(|error| failed(&error))?;
        info.set_total_samples(length.unwrap_or_default() as usize);
        let mut head = ByteSink::new();
        let beginning = Stream::with_stream_info(info.clone());
        beginning.write(&mut head).map_err(|error| failed(&error))?;
        Ok(Self {
            config,
            info,
            frame: FrameBuf::with_size(1, FRAME).map_err(|error| failed(&error))?,
            head: head.into_inner(),
            rest: Vec::new(),
            frames: 0,
        })
    }

    fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let wide: Vec<i32> = samples.iter().copied().map(i32::from).collect();
        self.frame.fill_interleaved(&wide).map_err(|error| failed(&error))?;
        let frame = encode_fixed_size_frame(&self.config, &self.frame, self.frames, &self.info)
            .map_err(|error| failed(&error))?;
        self.frames += 1;
        let mut bytes = ByteSink::new();
        frame.write(&mut bytes).map_err(|error| failed(&error))?;
        out.append(&mut bytes.into_inner());
        Ok(())
    }
}

impl Codec for Flac {
    fn samples(&mut self, samples: &[i16], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.append(&mut self.head);
        let mut pending = std::mem::take(&mut self.rest);
        pending.extend_from_slice(samples);
        let mut frames = pending.chunks_exact(FRAME);
        for frame in &mut frames {
            self.encode(frame, out)?;
        }
        self.rest = frames.remainder().to_vec();
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.append(&mut self.head);
        let rest = std::mem::take(&mut self.rest);
        if rest.is_empty() { Ok(()) } else { self.encode(&rest, out) }
    }
}

fn failed(error: &impl ToString) -> EncodeError {
    EncodeError::codec(Format::Flac, error)
}

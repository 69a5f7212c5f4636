//! Opus, in an Ogg stream.

use opus_pure::{Application, MAX_PACKET_BYTES, OggOpusWriter, OpusEncoder, OpusHead};

use crate::Format;
use crate::encoder::{Codec, EncodeError};

/// Bits a second: transparent for one voice.
const BIT_RATE: i32 = 48_000;

/// Bytes of a page, so that a client that listens along gets something every tenth of a second.
const PAGE: usize = 640;

/// What positions in the stream are counted in, samples a second.
const TICKS: u32 = 48_000;

pub(crate) struct Opus {
    encoder: OpusEncoder,
    /// `None` once it is over.
    stream: Option<OggOpusWriter<Vec<u8>>>,
    /// Samples that do not fill a frame yet.
    rest: Vec<i16>,
    /// Samples of a frame.
    frame: usize,
    ticks_per_sample: u64,
    /// Ticks by which players must begin later.
    pre_skip: u64,
    /// Samples that have come.
    length: u64,
    frames: u64,
}

impl Opus {
    pub(crate) fn new(rate: u32) -> Result<Self, EncodeError> {
        if !matches!(rate, 8000 | 12_000 | 16_000 | 24_000 | 48_000) {
            return Err(EncodeError::Rate { format: Format::Opus, rate });
        }
        let mut encoder = OpusEncoder::new(rate as i32, 1, Application::Voip).map_err(failed)?;
        encoder.bitrate_bps = BIT_RATE;
        let head = OpusHead::for_encoder(&encoder, rate);
        let pre_skip = u64::from(head.pre_skip);
        let mut stream = OggOpusWriter::new(Vec::new(), head).map_err(failed)?;
        stream.set_page_target(PAGE);
        Ok(Self {
            encoder,
            stream: Some(stream),
            rest: Vec::new(),
            frame: rate as usize / 50,
            ticks_per_sample: u64::from(TICKS / rate),
            pre_skip,
            length: 0,
            frames: 0,
        })
    }

    /// Encodes one frame. The last one says where the speech ends, so that players leave out the
    /// silence behind it.
    fn encode(&mut self, samples: &[i16], end: Option<u64>) -> Result<(), EncodeError> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        let mut packet = [0; MAX_PACKET_BYTES];
        let length = self.encoder.encode_s16(samples, self.frame, &mut packet).map_err(failed)?;
        let packet = packet.get(..length).unwrap_or_default();
        self.frames += 1;
        match end {
            None => stream.write_packet(packet),
            Some(end) => {
                let before = u64::try_from(stream.granule()).unwrap_or_default();
                stream.write_packet_with_duration(packet, end.saturating_sub(before) as u32)
            }
        }
        .map_err(failed)
    }

    fn hand_out(&mut self, out: &mut Vec<u8>) {
        if let Some(written) = self.stream.as_mut().and_then(OggOpusWriter::get_mut) {
            out.append(written);
        }
    }
}

impl Codec for Opus {
    fn samples(&mut self, samples: &[i16], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.length += samples.len() as u64;
        let mut pending = std::mem::take(&mut self.rest);
        pending.extend_from_slice(samples);
        let mut frames = pending.chunks_exact(self.frame);
        for frame in &mut frames {
            self.encode(frame, None)?;
        }
        self.rest = frames.remainder().to_vec();
        self.hand_out(out);
        Ok(())
    }

    /// The encoder runs behind by `pre_skip`, so it is fed silence until all of the speech is out.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let end = self.pre_skip + self.length * self.ticks_per_sample;
        let frames = end.div_ceil(self.frame as u64 * self.ticks_per_sample);
        let mut last = std::mem::take(&mut self.rest);
        while self.frames < frames {
            last.resize(self.frame, 0);
            let is_last = self.frames + 1 == frames;
            self.encode(&last, is_last.then_some(end))?;
            last.clear();
        }
        if let Some(stream) = self.stream.take() {
            out.append(&mut stream.finish().map_err(failed)?);
        }
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn failed(error: opus_pure::Error) -> EncodeError {
    EncodeError::codec(Format::Opus, &error)
}

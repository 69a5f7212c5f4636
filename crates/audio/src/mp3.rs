//! MP3, at a constant bit rate.

use rusty_mp3::{Mp3Encoder, Mp3EncoderConfig};

use crate::Format;
use crate::encoder::{Codec, EncodeError};

/// Kilobits a second: transparent for one voice.
const BIT_RATE: u32 = 96;

/// The rates that layer III knows.
const RATES: [u32; 9] = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

pub(crate) struct Mp3 {
    encoder: Mp3Encoder,
    rate: u32,
    /// Nothing is handed out before the end, when the first frame can say how long it all is.
    waits: bool,
    /// The first frame, which says how long it all is, has been handed out or left out.
    begun: bool,
}

impl Mp3 {
    pub(crate) fn new(rate: u32, waits: bool) -> Result<Self, EncodeError> {
        if !RATES.contains(&rate) {
            return Err(EncodeError::Rate { format: Format::Mp3, rate });
        }
        let config = Mp3EncoderConfig { bitrate_kbps: BIT_RATE, vbr_quality: None };
        Ok(Self { encoder: Mp3Encoder::new(config), rate, waits, begun: false })
    }

    fn packets(&mut self, out: &mut Vec<u8>) {
        // What ends the loop is that more samples are needed, or that it is over.
        while let Ok(packet) = self.encoder.next_packet() {
            // The first frame counts the others. Where it cannot know them yet, players that
            // believed it would take the speech for empty.
            if self.begun || self.waits {
                out.extend_from_slice(&packet);
            }
            self.begun = true;
        }
    }
}

impl Codec for Mp3 {
    fn samples(&mut self, samples: &[i16], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let pushed = self.encoder.push_pcm_s16(samples, 1, self.rate);
        pushed.map_err(|error| EncodeError::codec(Format::Mp3, &error))?;
        if !self.waits {
            self.packets(out);
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encoder.finish();
        self.packets(out);
        Ok(())
    }
}

//! What is encoded is decoded again, by decoders of other projects where there are any.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::io::Cursor;

use audio::{EncodeError, Encoder, Format, whole};
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert_eq, proptest};
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

const RATE: u32 = 24_000;

/// A tone of 440 Hz.
fn tone(samples: usize) -> Vec<u8> {
    let sample = |at: usize| {
        let phase = at as f32 * 440.0 * std::f32::consts::TAU / RATE as f32;
        (phase.sin() * 12_000.0) as i16
    };
    (0..samples).flat_map(|at| sample(at).to_le_bytes()).collect()
}

/// As a client gets it that listens along: in pieces whose sizes fit nothing.
fn streamed(format: Format, bytes: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new(format, RATE).unwrap();
    let mut out = Vec::new();
    for piece in bytes.chunks(3333) {
        encoder.push(piece, &mut out).unwrap();
    }
    encoder.finish(&mut out).unwrap();
    out
}

#[derive(Debug)]
struct Decoded {
    rate: u32,
    samples: Vec<f32>,
}

impl Decoded {
    /// The frequency, by how often the wave crosses zero in its middle.
    fn frequency(&self) -> f32 {
        let middle = &self.samples[self.samples.len() / 4..self.samples.len() * 3 / 4];
        let crossings = middle.windows(2).filter(|two| two[0] < 0.0 && two[1] >= 0.0).count();
        crossings as f32 * self.rate as f32 / middle.len() as f32
    }

    fn loudest(&self) -> f32 {
        self.samples.iter().fold(0.0, |loudest, sample| sample.abs().max(loudest))
    }
}

fn decoded(format: Format, file: Vec<u8>) -> Decoded {
    match format {
        Format::Pcm => bare(RATE, &file),
        // The other decoder wants to know the length of a file beforehand.
        Format::Wav if file.starts_with(b"RIFF\xff\xff\xff\xff") => {
            let (rate, samples) = audio::wav::read(&file).unwrap();
            bare(rate, samples)
        }
        Format::Opus => by_opus(&file),
        _ => by_symphonia(format, file),
    }
}

fn bare(rate: u32, bytes: &[u8]) -> Decoded {
    let samples = bytes.as_chunks::<2>().0.iter().map(|pair| i16::from_le_bytes(*pair));
    Decoded { rate, samples: samples.map(|sample| f32::from(sample) / 32_768.0).collect() }
}

fn by_symphonia(format: Format, file: Vec<u8>) -> Decoded {
    let source =
        MediaSourceStream::new(Box::new(Cursor::new(file)), MediaSourceStreamOptions::default());
    let mut hint = Hint::new();
    hint.with_extension(format.name());
    let (options, metadata) = (FormatOptions::default(), MetadataOptions::default());
    let mut reader =
        symphonia::default::get_probe().probe(&hint, source, options, metadata).unwrap();
    let track = reader.default_track(TrackType::Audio).unwrap();
    let parameters = track.codec_params.as_ref().unwrap().audio().unwrap().clone();
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(&parameters, &AudioDecoderOptions::default())
        .unwrap();
    let mut samples = Vec::new();
    // What does not know its length ends where the bytes end.
    while let Ok(Some(packet)) = reader.next_packet() {
        let buffer = decoder.decode(&packet).unwrap();
        let mut more = vec![0.0_f32; buffer.samples_interleaved()];
        buffer.copy_to_slice_interleaved(&mut more);
        samples.append(&mut more);
    }
    Decoded { rate: parameters.sample_rate.unwrap(), samples }
}

fn by_opus(file: &[u8]) -> Decoded {
    let mut reader = opus_pure::OggOpusReader::new(file).unwrap();
    assert_eq!(reader.head().channel_count, 1);
    let mut decoder = reader.head().decoder(RATE as i32).unwrap();
    let mut trim = opus_pure::Trim::new(reader.head(), RATE as i32, 1).unwrap();
    let mut block = vec![0.0; opus_pure::MAX_PACKET_SAMPLES];
    let mut samples = Vec::new();
    for packet in reader.packets() {
        let packet = packet.unwrap();
        let length =
            decoder.decode(&packet.data, opus_pure::MAX_PACKET_SAMPLES, &mut block).unwrap();
        samples.extend_from_slice(trim.keep(&packet, &block[..length]));
    }
    Decoded { rate: reader.head().input_sample_rate, samples }
}

/// How much longer a format may be than the speech: what the frames at its ends hold beside it.
fn padding(format: Format, is_whole: bool) -> usize {
    match format {
        Format::Pcm | Format::Wav | Format::Flac | Format::Opus => 0,
        Format::Mp3 if is_whole => 0,
        Format::Mp3 => 4 * 576,
        Format::Aac => 3 * 1024,
    }
}

#[test]
fn every_format_holds_the_whole_speech() {
    let seconds = 2;
    let length = RATE as usize * seconds + 123;
    let speech = tone(length);
    for format in Format::ALL {
        for (is_whole, file) in
            [(true, whole(format, RATE, &speech).unwrap()), (false, streamed(format, &speech))]
        {
            let decoded = decoded(format, file);
            let case = format!("{format:?}, {}", if is_whole { "whole" } else { "streamed" });
            assert_eq!(decoded.rate, RATE, "{case}");
            let most = length + padding(format, is_whole);
            assert!(
                (length..=most).contains(&decoded.samples.len()),
                "{case}: {} samples",
                decoded.samples.len()
            );
            assert!(
                (decoded.frequency() - 440.0).abs() < 5.0,
                "{case}: {} Hz",
                decoded.frequency()
            );
            assert!((0.3..0.5).contains(&decoded.loudest()), "{case}: {}", decoded.loudest());
        }
    }
}

#[test]
fn what_loses_nothing_gives_every_sample_back() {
    for length in [1, 31, 32, 4095, 4096, 4097, 10_000] {
        let speech = tone(length);
        for format in [Format::Flac, Format::Wav, Format::Pcm] {
            for file in [whole(format, RATE, &speech).unwrap(), streamed(format, &speech)] {
                let decoded = decoded(format, file);
                let samples = decoded.samples.iter().map(|sample| (sample * 32_768.0) as i16);
                let bytes: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
                assert!(bytes == speech, "{format:?} of {length} samples");
            }
        }
    }
}

#[test]
fn something_comes_out_before_all_has_gone_in() {
    for format in Format::ALL {
        let mut encoder = Encoder::new(format, RATE).unwrap();
        let mut out = Vec::new();
        encoder.push(&tone(RATE as usize / 2), &mut out).unwrap();
        // Its beginning says how long it is.
        let waits = format == Format::Flac;
        assert_eq!(out.len() > 1000, !waits, "{format:?}: {} bytes", out.len());
    }
}

#[test]
fn speeches_of_a_moment_and_of_none_are_files_too() {
    for format in Format::ALL {
        for length in [0, 1, 100] {
            let file = whole(format, RATE, &tone(length)).unwrap();
            let is_bare = matches!(format, Format::Pcm | Format::Aac | Format::Mp3);
            assert!(!file.is_empty() || (length == 0 && is_bare), "{format:?} of {length}");
        }
    }
}

#[test]
fn a_rate_that_a_format_does_not_know_is_refused() {
    for format in [Format::Mp3, Format::Opus, Format::Aac] {
        let refused = Encoder::new(format, 23_456).unwrap_err();
        assert_eq!(refused, EncodeError::Rate { format, rate: 23_456 });
    }
    for format in [Format::Flac, Format::Wav, Format::Pcm] {
        assert!(Encoder::new(format, 23_456).is_ok(), "{format:?}");
    }
    for format in Format::ALL {
        assert!(Encoder::new(format, 16_000).is_ok(), "{format:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Where a speech is cut makes no difference to what becomes of it.
    #[test]
    fn pieces_do_not_matter(
        cuts in proptest::collection::vec(1_usize..3000, 1..12),
        noise in proptest::collection::vec(any::<u8>(), 2..6000).prop_map(|mut noise| {
            noise.truncate(noise.len() / 2 * 2);
            noise
        }),
    ) {
        for format in Format::ALL {
            let mut at_once = Encoder::new(format, RATE).unwrap();
            let mut expected = Vec::new();
            at_once.push(&noise, &mut expected).unwrap();
            at_once.finish(&mut expected).unwrap();
            let mut encoder = Encoder::new(format, RATE).unwrap();
            let (mut out, mut rest) = (Vec::new(), noise.as_slice());
            for cut in cuts.iter().cycle() {
                let (piece, more) = rest.split_at((*cut).min(rest.len()));
                encoder.push(piece, &mut out).unwrap();
                rest = more;
                if rest.is_empty() {
                    break;
                }
            }
            encoder.finish(&mut out).unwrap();
            prop_assert_eq!(&out, &expected, "{:?}", format);
        }
    }
}

//! Speech as it comes: samples out of Gemini's events, and the file that is made of them.
//!
//! Samples are taken out where all events are ([`SpeechEvents`]); the file is made of them behind
//! that ([`Encoded`]), with long pieces on a thread of their own, since the loop has others to
//! serve.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use audio::{EncodeError, Encoder, Format};
use bytes::{Bytes, BytesMut};
use dialect::openai::speech::{Speech, Unspoken, delta, done};
use dialect::{StreamError, Usage};
use http_body::{Body as _, Frame};
use sse::{Event, EventKind};
use tokio::task::{JoinHandle, spawn_blocking};

use super::{Failure, Translate, pool_usage};
use crate::body::{Body, EndedEarly};

/// Bytes of samples that are encoded at once, a third of a second: it takes a few milliseconds.
const MOST_AT_ONCE: usize = 16 * 1024;

/// A whole speech as a file.
pub(crate) async fn encoded(
    format: Format,
    rate: u32,
    samples: Vec<u8>,
) -> Result<Vec<u8>, EncodeError> {
    if samples.len() <= MOST_AT_ONCE {
        return audio::whole(format, rate, &samples);
    }
    let encoding = spawn_blocking(move || audio::whole(format, rate, &samples));
    encoding.await.unwrap_or_else(|panicked| {
        Err(EncodeError::Codec { format, message: panicked.to_string() })
    })
}

/// How a speech has ended; who takes the samples out tells it to who makes the file.
#[derive(Clone, Default)]
pub(crate) struct Ending(Arc<Mutex<Option<End>>>);

enum End {
    Whole(Usage),
    /// With the error object that the client is told.
    Failed(Vec<u8>),
}

impl Ending {
    fn put(&self, end: End) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
    }

    fn take(&self) -> Option<End> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Takes the samples out of Gemini's events.
pub(crate) struct SpeechEvents {
    speech: Speech,
    samples: Vec<u8>,
    ending: Ending,
}

impl SpeechEvents {
    /// Goes on with a speech that has begun.
    pub(crate) fn new(speech: Speech, ending: Ending) -> Self {
        Self { speech, samples: Vec::new(), ending }
    }
}

impl Translate for SpeechEvents {
    fn event(&mut self, event: &Event, out: &mut BytesMut) -> Result<(), Box<Failure>> {
        if matches!(event.kind, EventKind::Comment) {
            return Ok(());
        }
        self.samples.clear();
        let read = self.speech.read(&event.data, &mut self.samples);
        read.map_err(|error| Failure::translating(&error, &event.data, self.usage()))?;
        out.extend_from_slice(&self.samples);
        Ok(())
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Box<Failure>> {
        let error = match self.speech.finish() {
            Ok(()) => {
                self.ending.put(End::Whole(self.speech.usage()));
                return Ok(());
            }
            Err(Unspoken::Truncated) => StreamError::Truncated,
            Err(Unspoken::Silent) => StreamError::Empty,
            Err(Unspoken::Refused(message)) => StreamError::Withheld(message),
        };
        Err(Failure::finishing(&error, self.usage()).into())
    }

    fn fail(&mut self, failure: &Failure, _out: &mut BytesMut) {
        self.ending.put(End::Failed(failure.for_openai()));
    }

    fn usage(&self) -> keypool::Usage {
        pool_usage(self.speech.usage())
    }

    /// No file has room for one.
    fn sign_of_life(&mut self, _out: &mut BytesMut) {}
}

/// The body of a speech: a file, or events with pieces of it.
pub(crate) struct Encoded {
    samples: Body,
    /// Samples that were there before the body was.
    first: Vec<u8>,
    encoder: Encoding,
    ending: Ending,
    as_events: bool,
}

enum Encoding {
    Idle(Encoder),
    /// A long piece is encoded by another thread.
    Busy(JoinHandle<Result<(Encoder, Vec<u8>), EncodeError>>),
    Over,
}

impl Encoded {
    /// Makes a file of `first` and of what `samples` gives.
    pub(crate) fn new(
        encoder: Encoder,
        first: Vec<u8>,
        samples: Body,
        ending: Ending,
        as_events: bool,
    ) -> Self {
        Self { samples, first, encoder: Encoding::Idle(encoder), ending, as_events }
    }

    /// Takes a piece; gives what is known of the file by now, unless that takes longer.
    fn encode(&mut self, mut encoder: Encoder, piece: Bytes) -> Result<Vec<u8>, EncodeError> {
        let is_long = piece.len() > MOST_AT_ONCE;
        let encode = move || {
            let mut file = Vec::new();
            encoder.push(&piece, &mut file)?;
            Ok((encoder, file))
        };
        if is_long {
            self.encoder = Encoding::Busy(spawn_blocking(encode));
            return Ok(Vec::new());
        }
        let (encoder, file) = encode()?;
        self.encoder = Encoding::Idle(encoder);
        Ok(file)
    }

    /// Everything that is left to tell, after the last sample.
    fn last(&self, encoder: Encoder) -> Result<BytesMut, EndedEarly> {
        match self.ending.take() {
            Some(End::Whole(usage)) => {
                let mut file = Vec::new();
                encoder.finish(&mut file).map_err(broken)?;
                let mut out = self.told(&file);
                if self.as_events {
                    done(&usage, &mut out);
                }
                Ok(out)
            }
            Some(End::Failed(error)) if self.as_events => {
                let mut out = BytesMut::new();
                sse::encode_data(&mut out, &error);
                Ok(out)
            }
            // A file cannot say that it is not whole, so it must not seem to have ended.
            Some(End::Failed(_)) | None => Err(EndedEarly),
        }
    }

    fn told(&self, file: &[u8]) -> BytesMut {
        let mut out = BytesMut::new();
        if self.as_events {
            delta(file, &mut out);
        } else {
            out.extend_from_slice(file);
        }
        out
    }
}

impl http_body::Body for Encoded {
    type Data = Bytes;
    type Error = EndedEarly;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, EndedEarly>>> {
        let this = self.get_mut();
        loop {
            let out = match std::mem::replace(&mut this.encoder, Encoding::Over) {
                Encoding::Over => return Poll::Ready(None),
                Encoding::Busy(encoding) => ready!(this.poll_encoding(encoding, context)),
                Encoding::Idle(encoder) => ready!(this.poll_next(encoder, context)),
            };
            match out {
                Ok(out) if out.is_empty() => {}
                Ok(out) => return Poll::Ready(Some(Ok(Frame::data(out.freeze())))),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl Encoded {
    /// What the other thread has made.
    fn poll_encoding(
        &mut self,
        mut encoding: JoinHandle<Result<(Encoder, Vec<u8>), EncodeError>>,
        context: &mut Context<'_>,
    ) -> Poll<Result<BytesMut, EndedEarly>> {
        let Poll::Ready(encoded) = Pin::new(&mut encoding).poll(context) else {
            self.encoder = Encoding::Busy(encoding);
            return Poll::Pending;
        };
        let encoded = encoded.map_err(broken)?.map_err(broken);
        Poll::Ready(encoded.map(|(encoder, file)| {
            self.encoder = Encoding::Idle(encoder);
            self.told(&file)
        }))
    }

    /// What becomes of the next samples.
    fn poll_next(
        &mut self,
        encoder: Encoder,
        context: &mut Context<'_>,
    ) -> Poll<Result<BytesMut, EndedEarly>> {
        let Poll::Ready(samples) = self.poll_samples(context) else {
            self.encoder = Encoding::Idle(encoder);
            return Poll::Pending;
        };
        Poll::Ready(match samples {
            Some(Ok(samples)) => {
                self.encode(encoder, samples).map(|file| self.told(&file)).map_err(broken)
            }
            Some(Err(error)) => Err(error),
            None => self.last(encoder),
        })
    }

    fn poll_samples(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, EndedEarly>>> {
        if !self.first.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.first).into())));
        }
        loop {
            match ready!(Pin::new(&mut self.samples).poll_frame(context)) {
                Some(Ok(frame)) => {
                    if let Ok(samples) = frame.into_data() {
                        return Poll::Ready(Some(Ok(samples)));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

fn broken(error: impl std::fmt::Display) -> EndedEarly {
    tracing::error!(%error, "a speech cannot be encoded");
    EndedEarly
}

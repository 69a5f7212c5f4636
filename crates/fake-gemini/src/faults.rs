//! What can go wrong on purpose.

use std::time::Duration;

/// How a stream reports an error in its middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorForm {
    /// As an event: `data: {"error":{…}}` and a blank line.
    Data,
    /// As pretty-printed JSON glued into the stream, without `data:` (recorded from Google).
    Bare,
}

/// One scripted failure, or one unusual but legal way to answer.
///
/// Faults that speak of events act on streams; on a whole answer they cut its body in half.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// 500 `INTERNAL`.
    Status500,
    /// 503 `UNAVAILABLE`, "The model is overloaded".
    Status503,
    /// 429 `RESOURCE_EXHAUSTED` without `QuotaFailure` and `RetryInfo`.
    Status429NoDetails,
    /// A right answer whose first byte comes this late.
    SlowFirstByte(Duration),
    /// The request is read and never answered.
    Hang,
    /// The answer's head and first event come, then nothing more, with the connection open.
    HangAfterFirstEvent,
    /// The connection is closed without a single byte of answer.
    CutBeforeFirstByte,
    /// The connection is closed in the middle of an event (of the second, where there are two).
    CutMidEvent,
    /// The connection is closed after so many whole events (0: after the answer's head).
    CutAfterEvents(usize),
    /// The stream ends properly, but its last event, the one with `finishReason`, is missing.
    StreamWithoutFinish,
    /// After the first event comes an error object; the stream then ends properly.
    MidStreamError(ErrorForm),
    /// Bytes that are no HTTP, then the connection is closed.
    Garbage,
    /// 200 `application/json` with HTML in it.
    GarbageJson,
    /// 200 with a candidate that has no parts and `finishReason: STOP`.
    EmptyCandidates,
    /// 200 without candidates and with this `promptFeedback.blockReason`.
    BlockedPrompt(String),
    /// 502 with the front end's HTML page.
    Html502,
    /// 302 with this `Location`.
    Redirect(String),
    /// A captured answer: text that begins with `data:` is sent as an event stream, byte for byte,
    /// anything else as a JSON body (with the status that an `error.code` in it names).
    Replay(String),
    /// The body and status of this entry of `errors.json`.
    ErrorBody(String),
    /// A stream of so many text events, one each `delay`, whatever was asked. On a whole answer:
    /// one text made of as many pieces, after a single delay.
    Paced {
        /// How many text events; each carries about 20 bytes of text.
        chunks: usize,
        /// The pause before each event but the first; zero sends them as fast as they are taken.
        delay: Duration,
    },
}

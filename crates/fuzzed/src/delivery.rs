//! Bytes as a network brings them.

use bytes::{Bytes, BytesMut};
use serde_json::Value;
use sse::{Decoder, EventKind};

/// A body, and where it is cut.
pub(crate) struct Delivery<'a> {
    /// Decides about the request behind the answer.
    pub(crate) choice: u8,
    lengths: [usize; 3],
    pub(crate) body: &'a [u8],
}

impl<'a> Delivery<'a> {
    /// The first four bytes say how the rest is delivered.
    pub(crate) fn read(input: &'a [u8]) -> Option<Self> {
        let ([choice, lengths @ ..], body) = input.split_first_chunk::<4>()?;
        Some(Self { choice: *choice, lengths: lengths.map(|length| usize::from(length) + 1), body })
    }

    /// The body in pieces of these lengths, in turn.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Bytes> {
        let mut rest = self.body;
        let mut lengths = self.lengths.iter().cycle();
        std::iter::from_fn(move || {
            let (piece, after) = rest.split_at(rest.len().min(*lengths.next()?));
            rest = after;
            (!piece.is_empty()).then(|| Bytes::copy_from_slice(piece))
        })
    }
}

/// Events become the same however they are cut: `translate` tells them, for one choice of a request.
/// Gives the choice and the events, unless the input is too short to be a delivery.
pub(crate) fn check_cuts(
    input: &[u8],
    translate: impl Fn(u8, &[Bytes]) -> BytesMut,
) -> Option<(u8, Vec<Bytes>)> {
    let delivery = Delivery::read(input)?;
    let whole = data(std::iter::once(Bytes::copy_from_slice(delivery.body)));
    let told = translate(delivery.choice, &whole);
    assert_eq!(translate(delivery.choice, &data(delivery.pieces())), told);
    Some((delivery.choice, whole))
}

/// The data of named events, whose names are the types that the data tells too.
pub(crate) fn named_events(out: &[u8]) -> impl Iterator<Item = Value> {
    let text = std::str::from_utf8(out).unwrap();
    text.split_terminator("\n\n").map(|event| {
        let (name, data) = event.split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(name.strip_prefix("event: ").unwrap(), data["type"]);
        data
    })
}

/// The data of the events in a body that comes in these pieces.
pub(crate) fn data(pieces: impl Iterator<Item = Bytes>) -> Vec<Bytes> {
    let mut decoder = Decoder::new(1 << 20);
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        events.extend(std::iter::from_fn(|| decoder.next_event()).map(Result::unwrap));
    }
    events.extend(std::iter::from_fn(|| decoder.finish()));
    events.retain(|event| event.kind != EventKind::Comment);
    events.into_iter().map(|event| event.data).collect()
}

//! The codecs of streams.

use bytes::Bytes;
use sse::{ArrayDecoder, Decoder, Event, EventKind, TooLarge};

use crate::delivery::Delivery;

/// However a body is cut, it holds the same events, and only line ends get lost.
pub(crate) fn events(input: &[u8]) {
    let Some(delivery) = Delivery::read(input) else { return };
    let limit = 1 << 20;
    let whole = decode(std::iter::once(Bytes::copy_from_slice(delivery.body)), limit).unwrap();
    assert_eq!(decode(delivery.pieces(), limit).unwrap(), whole);
    let line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let kept = whole.iter().flat_map(|event| event.raw.iter()).filter(|byte| !line_end(byte));
    assert!(kept.eq(delivery.body.iter().filter(|byte| !line_end(byte))));
    for event in &whole {
        assert!(event.data.len() <= event.raw.len());
        assert!(event.kind != EventKind::Comment || event.data.is_empty());
    }
    // Events that are too large are refused, and never handed out.
    let limit = usize::from(delivery.choice);
    if let Ok(events) = decode(delivery.pieces(), limit) {
        assert!(events.iter().all(|event| event.raw.len() <= limit + 1));
    }
    for event in whole.iter().filter(|event| event.kind == EventKind::Data) {
        let mut encoded = bytes::BytesMut::new();
        sse::encode_data(&mut encoded, &event.data);
        let again = decode(std::iter::once(encoded.freeze()), 1 << 21).unwrap();
        assert_eq!(again.len(), 1);
        assert_eq!(again[0].data, event.data);
    }
}

fn decode(pieces: impl Iterator<Item = Bytes>, limit: usize) -> Result<Vec<Event>, TooLarge> {
    let mut decoder = Decoder::new(limit);
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        while let Some(event) = decoder.next_event() {
            events.push(event?);
        }
    }
    events.extend(std::iter::from_fn(|| decoder.finish()));
    Ok(events)
}

/// However a streamed array is cut, it holds the same elements.
pub(crate) fn elements(input: &[u8]) {
    let Some(delivery) = Delivery::read(input) else { return };
    let limit = 1 << 20;
    let whole = objects(std::iter::once(Bytes::copy_from_slice(delivery.body)), limit);
    let (elements, rest) = whole.clone().unwrap();
    assert_eq!(objects(delivery.pieces(), limit), whole);
    for element in &elements {
        assert!(element.starts_with(b"{") && element.ends_with(b"}"));
    }
    assert!(rest.is_none_or(|rest| rest.starts_with(b"{")));
    let limit = usize::from(delivery.choice);
    if let Ok((elements, _)) = objects(delivery.pieces(), limit) {
        assert!(elements.iter().all(|element| element.len() <= limit));
    }
}

type Objects = (Vec<Bytes>, Option<Bytes>);

fn objects(pieces: impl Iterator<Item = Bytes>, limit: usize) -> Result<Objects, TooLarge> {
    let mut decoder = ArrayDecoder::new(limit);
    let mut elements = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        while let Some(element) = decoder.next_element() {
            elements.push(element?);
        }
    }
    Ok((elements, decoder.finish()))
}

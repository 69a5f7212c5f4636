use std::path::Path;

use proptest::prelude::*;

use super::*;

const LIMIT: usize = 1 << 20;

/// All events of a body that comes in these chunks.
fn decode<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut decoder = Decoder::new(LIMIT);
    let mut events = Vec::new();
    for chunk in chunks {
        decoder.push(Bytes::copy_from_slice(chunk));
        while let Some(event) = decoder.next_event() {
            events.push(event.unwrap());
        }
    }
    while let Some(event) = decoder.finish() {
        events.push(event);
    }
    events
}

/// Kind, data and raw text of all events of a body.
fn check(body: &str, expected: &[(EventKind, &str, &str)]) {
    let events = decode([body.as_bytes()]);
    let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).unwrap();
    let found: Vec<_> =
        events.iter().map(|event| (event.kind, text(&event.data), text(&event.raw))).collect();
    let found: Vec<_> =
        found.iter().map(|(kind, data, raw)| (*kind, data.as_str(), raw.as_str())).collect();
    assert_eq!(found, expected, "{body:?}");
    let bytewise = decode(body.as_bytes().chunks(1));
    assert_eq!(bytewise, events, "byte by byte: {body:?}");
}

#[test]
fn events_end_with_a_blank_line_of_any_kind() {
    for end in ["\n\n", "\r\n\r\n", "\r\r", "\n\r\n", "\r\n\n", "\n\r", "\r\n\r"] {
        let (first, second) = (format!("data: 1{end}"), format!("data:2{end}"));
        let expected =
            [(EventKind::Data, "1", first.as_str()), (EventKind::Data, "2", second.as_str())];
        check(&format!("{first}{second}"), &expected);
    }
}

#[test]
fn blank_lines_between_events_mean_nothing() {
    let expected = [(EventKind::Data, "1", "data: 1\n\n"), (EventKind::Data, "2", "data: 2\r\r")];
    check("\r\n\ndata: 1\n\n\n\r\n\rdata: 2\r\r\n\n", &expected);
    check("", &[]);
    check("\n\r\n", &[]);
}

#[test]
fn the_last_event_needs_no_blank_line() {
    for last in ["data: 1", "data: 1\n", "data: 1\r\n", "data: 1\r"] {
        check(last, &[(EventKind::Data, "1", last)]);
    }
}

#[test]
fn several_data_lines_are_joined() {
    let body = "data: a\r\ndata\r\n: note\r\nevent: x\r\ndata:b\r\n\r\n";
    check(body, &[(EventKind::Data, "a\n\nb", body)]);
}

#[test]
fn events_without_data_are_comments() {
    let expected = [
        (EventKind::Comment, "", ": ping\n\n"),
        (EventKind::Comment, "", "event: x\nid: 1\n\n"),
        (EventKind::Data, "", "data\n\n"),
    ];
    check(": ping\n\nevent: x\nid: 1\n\ndata\n\n", &expected);
}

#[test]
fn a_bare_error_in_the_stream_is_stray() {
    let error = "{\n  \"error\": {\n    \"code\": 503\n  }\n}";
    let (with_blank_line, glued) =
        (format!("data: 1\r\n\r\n{error}\n"), format!("data: 1\n{error}"));
    let stray = format!("{error}\n");
    check(
        &with_blank_line,
        &[(EventKind::Data, "1", "data: 1\r\n\r\n"), (EventKind::Stray, error, &stray)],
    );
    check(&glued, &[(EventKind::Data, "1", "data: 1\n"), (EventKind::Stray, error, error)]);
    check(
        &format!("{stray}data: 1\n\n"),
        &[(EventKind::Stray, error, &stray), (EventKind::Data, "1", "data: 1\n\n")],
    );
}

#[test]
fn two_kinds_on_the_last_line_end_are_both_given() {
    let expected = [(EventKind::Data, "1", "data: 1\n"), (EventKind::Stray, "{}", "{}")];
    check("data: 1\n{}", &expected);
}

#[test]
fn an_event_in_one_chunk_is_not_copied() {
    let chunk = Bytes::from(b"data: first\r\n\r\ndata: second\r\n\r\n".to_vec());
    let mut decoder = Decoder::new(LIMIT);
    decoder.push(chunk.clone());
    for (start, length) in [(0, 5), (15, 6)] {
        let event = decoder.next_event().unwrap().unwrap();
        assert_eq!(event.raw.as_ptr(), chunk[start..].as_ptr());
        assert_eq!(event.data.as_ptr(), chunk[start + 6..].as_ptr());
        assert_eq!(event.data.len(), length);
    }
    assert_eq!(decoder.next_event(), None);
}

#[test]
fn an_event_is_given_as_soon_as_its_end_is_certain() {
    for body in ["data: 1\n\n", "data: 1\r\n\r\n", "data: 1\r\r"] {
        let mut decoder = Decoder::new(LIMIT);
        decoder.push(Bytes::from(body));
        assert!(decoder.next_event().is_some(), "{body:?}");
    }
}

#[test]
fn too_large_an_event_is_refused_as_soon_as_it_is() {
    let mut decoder = Decoder::new(12);
    decoder.push(Bytes::from_static(b"data: 1234\n\n\n\n\n\n\n\ndata: 123"));
    assert_eq!(decoder.next_event().unwrap().unwrap().data, "1234");
    assert_eq!(decoder.next_event(), None);
    decoder.push(Bytes::from_static(b"4567"));
    assert_eq!(decoder.next_event(), Some(Err(TooLarge { limit: 12 })));
    decoder.push(Bytes::from_static(b"\n\ndata: 1\n\n"));
    assert_eq!(decoder.next_event(), None);
    assert_eq!(decoder.finish(), None);
}

#[test]
fn a_large_event_in_one_chunk_is_refused_too() {
    let mut decoder = Decoder::new(12);
    decoder.push(Bytes::from_static(b"data: 12345\n\ndata: 1\n\n"));
    assert_eq!(decoder.next_event(), Some(Err(TooLarge { limit: 12 })));
}

#[test]
fn recorded_streams_come_out_whole() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/samples/googleai");
    let Ok(entries) = folder.read_dir() else {
        println!("skipped: no recorded streams in {}", folder.display());
        return;
    };
    let mut streams = 0;
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("streaming-") {
            continue;
        }
        streams += 1;
        let body = std::fs::read(&path).unwrap();
        let events = decode([body.as_slice()]);
        let is_bare_error = name.contains("image-rejected");
        let kind = if is_bare_error { EventKind::Stray } else { EventKind::Data };
        assert!(!events.is_empty(), "{name}");
        for event in &events {
            assert_eq!(event.kind, kind, "{name}");
            assert!(event.data.starts_with(b"{") && event.data.ends_with(b"}"), "{name}");
        }
        let lines = body.windows(6).filter(|window| window == b"data: ").count();
        assert_eq!(events.len(), lines.max(1), "{name}");
        for size in [1, 2, 3, 7, 64, 1000] {
            assert_eq!(decode(body.chunks(size)), events, "{name} in chunks of {size}");
        }
    }
    assert!(streams > 0);
}

proptest! {
    #[test]
    fn chunks_do_not_matter(
        body in "(data: |data|:|\\{|a|\"| |\r|\n|\r\n|\r\n\r\n|\n\n){0,40}",
        cuts in prop::collection::vec(1..12_usize, 0..60),
    ) {
        let mut rest = body.as_bytes();
        let mut chunks = Vec::new();
        for cut in cuts {
            let (chunk, behind) = rest.split_at(cut.min(rest.len()));
            chunks.push(chunk);
            rest = behind;
        }
        chunks.push(rest);
        prop_assert_eq!(decode(chunks), decode([body.as_bytes()]));
    }

    #[test]
    fn no_byte_is_lost_but_blank_lines(body in "(data: |:|\\{|a|\r|\n|\r\n){0,40}") {
        let visible = |bytes: &[u8]| -> Vec<u8> {
            bytes.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect()
        };
        let raw: Vec<u8> = decode([body.as_bytes()]).iter().flat_map(|event| event.raw.to_vec()).collect();
        prop_assert_eq!(visible(&raw), visible(body.as_bytes()));
    }

    #[test]
    fn what_was_encoded_is_decoded(data in "[a-z{}\n]{0,60}") {
        let mut body = Vec::new();
        crate::encode_data(&mut body, data.as_bytes());
        let events = decode([body.as_slice()]);
        prop_assert_eq!(events.len(), 1);
        prop_assert_eq!(&events[0].data, data.as_bytes());
    }
}

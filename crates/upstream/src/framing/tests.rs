use super::*;

/// Reads a body that arrives in pieces of `piece` bytes: the data, and what was left over.
fn read(mut framing: Framing, body: &[u8], piece: usize) -> Result<(Vec<u8>, Framing), Malformed> {
    let mut buffer = BytesMut::new();
    let mut data = Vec::new();
    for bytes in body.chunks(piece) {
        buffer.extend_from_slice(bytes);
        while let Step::Data(found) = framing.next(&mut buffer)? {
            data.extend_from_slice(&found);
        }
    }
    Ok((data, framing))
}

const CHUNKED: Framing = Framing::Chunked(Chunk::Size);

#[test]
fn chunks_are_joined_wherever_they_are_cut() {
    let body =
        b"5\r\nhello\r\n1;name=\"a b\"\r\n,\r\nB\r\n world\r\n\r\n!\r\n0\r\nx-trailer: 1\r\n\r\n";
    for piece in 1..body.len() {
        let (data, framing) = read(CHUNKED, body, piece).unwrap();
        assert_eq!(data, b"hello, world\r\n\r\n!", "in pieces of {piece}");
        assert_eq!(framing, Framing::Done, "in pieces of {piece}");
    }
}

#[test]
fn the_end_is_known_with_the_last_data() {
    let mut buffer = BytesMut::from(&b"2\r\nok\r\n0\r\n\r\n"[..]);
    let mut framing = CHUNKED;
    assert_eq!(framing.next(&mut buffer), Ok(Step::Data(Bytes::from_static(b"ok"))));
    assert_eq!(framing, Framing::Done);
    let mut buffer = BytesMut::from(&b"ok"[..]);
    let mut framing = Framing::Length(2);
    assert_eq!(framing.next(&mut buffer), Ok(Step::Data(Bytes::from_static(b"ok"))));
    assert_eq!(framing, Framing::Done);
}

#[test]
fn bytes_behind_the_body_stay_in_the_buffer() {
    let mut buffer = BytesMut::from(&b"okHTTP/1.1"[..]);
    let mut framing = Framing::Length(2);
    assert_eq!(framing.next(&mut buffer), Ok(Step::Data(Bytes::from_static(b"ok"))));
    assert_eq!(framing.next(&mut buffer), Ok(Step::Done));
    assert_eq!(buffer, &b"HTTP/1.1"[..]);
}

#[test]
fn bad_chunks_are_refused() {
    for body in [
        &b"5\r\nhelloX\r\n0\r\n\r\n"[..],
        b"x\r\n",
        b"-1\r\n",
        b"5 5\r\nhello",
        b"11111111111111111\r\n",
        b"1\r\na\n0\r\n\r\n",
        b"0\r\ntrailer\n\r\n",
    ] {
        for piece in 1..=body.len() {
            assert_eq!(read(CHUNKED, body, piece), Err(Malformed), "{body:?} by {piece}");
        }
    }
    let endless = [b"5;", &[b'a'; 4096][..]].concat();
    assert_eq!(read(CHUNKED, &endless, 100), Err(Malformed));
    let endless = [b"0\r\n", &[b'a'; 9000][..]].concat();
    assert_eq!(read(CHUNKED, &endless, 100), Err(Malformed));
}

#[test]
fn what_is_missing_is_known() {
    assert_eq!(read(Framing::Length(9), b"four", 3), Ok((b"four".to_vec(), Framing::Length(5))));
    assert_eq!(read(Framing::UntilClose, b"four", 3), Ok((b"four".to_vec(), Framing::UntilClose)));
}

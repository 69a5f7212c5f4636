use bytes::BufMut;
use memchr::memchr2;

/// Appends an event with `data` to `out`: one `data: …` line for each line of it, and a blank line.
pub fn encode_data(out: &mut impl BufMut, data: &[u8]) {
    let mut rest = data;
    while let Some(end) = memchr2(b'\r', b'\n', rest) {
        put_line(out, &rest[..end]);
        let line_end = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
        rest = &rest[end + line_end..];
    }
    put_line(out, rest);
    out.put_slice(b"\n");
}

fn put_line(out: &mut impl BufMut, line: &[u8]) {
    out.put_slice(b"data: ");
    out.put_slice(line);
    out.put_slice(b"\n");
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;

    #[test]
    fn an_event_is_a_line_and_a_blank_line() {
        let mut out = BytesMut::new();
        encode_data(&mut out, b"{}");
        encode_data(&mut out, b"");
        assert_eq!(out.as_ref(), b"data: {}\n\ndata: \n\n");
    }

    #[test]
    fn data_of_several_lines_cannot_end_the_event() {
        let mut out = Vec::new();
        encode_data(&mut out, b"a\nb\r\nc\rd\n\n");
        assert_eq!(out, b"data: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: \n\n");
    }
}

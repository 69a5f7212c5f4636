/// What one line of an event stream, without its line end, says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// A `data` field with this value.
    Data(&'a [u8]),
    /// A comment, or any other field.
    Other,
    /// No line of an event stream.
    Stray,
}

impl<'a> Line<'a> {
    pub(crate) fn parse(line: &'a [u8]) -> Self {
        if let Some(rest) = line.strip_prefix(b"data") {
            match rest {
                [b':', b' ', value @ ..] | [b':', value @ ..] => return Self::Data(value),
                [] => return Self::Data(rest),
                _ => {}
            }
        }
        if is_field(line) { Self::Other } else { Self::Stray }
    }

    pub(crate) fn is_stray(self) -> bool {
        self == Self::Stray
    }
}

/// A name and a colon; comments have an empty name. Names that the standard does not know are
/// accepted as long as they look like one: no line of JSON, HTML or prose does.
fn is_field(line: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let name = line.iter().take_while(|byte| is_part(byte)).count();
    line.get(name) == Some(&b':') || matches!(line, b"event" | b"id" | b"retry")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart() {
        let cases: [(&[u8], Line<'_>); 17] = [
            (b"data: {}", Line::Data(b"{}")),
            (b"data:{}", Line::Data(b"{}")),
            (b"data:  x", Line::Data(b" x")),
            (b"data:", Line::Data(b"")),
            (b"data", Line::Data(b"")),
            (b": ping", Line::Other),
            (b":", Line::Other),
            (b"event: error", Line::Other),
            (b"id", Line::Other),
            (b"x-new-field: 1", Line::Other),
            (b"database: 1", Line::Other),
            (b"{", Line::Stray),
            (b"  \"error\": {", Line::Stray),
            (b"}", Line::Stray),
            (b"<html>", Line::Stray),
            (b"upstream connect error. reset reason: overflow", Line::Stray),
            (b"dataset", Line::Stray),
        ];
        for (line, expected) in cases {
            assert_eq!(Line::parse(line), expected, "{:?}", String::from_utf8_lossy(line));
        }
    }
}

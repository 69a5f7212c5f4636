//! Reading the head of an answer.

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::framing::{Chunk, Framing, take};
use crate::headers::keep_end_to_end;

/// More headers than any honest answer has.
const MOST_HEADERS: usize = 100;
/// More interim answers (1xx) than any honest server sends.
const MOST_INTERIM: u8 = 8;

/// A complete head.
#[derive(Debug)]
pub(crate) struct AnswerHead {
    pub(crate) status: StatusCode,
    /// End-to-end headers.
    pub(crate) headers: HeaderMap,
    pub(crate) framing: Framing,
    /// Whether another request may follow on the connection.
    pub(crate) keep_alive: bool,
}

/// Reads heads from the front of a buffer, past interim ones.
#[derive(Debug)]
pub(crate) struct HeadReader<'a> {
    method: &'a Method,
    max_bytes: usize,
    interim: u8,
    may_switch: bool,
}

/// Why a head is refused; for people.
type Refused = &'static str;

impl<'a> HeadReader<'a> {
    pub(crate) fn new(method: &'a Method, max_bytes: usize) -> Self {
        Self { method, max_bytes, interim: 0, may_switch: false }
    }

    /// Whether the other side may answer that it speaks another protocol from here on.
    pub(crate) fn switching(self, may_switch: bool) -> Self {
        Self { may_switch, ..self }
    }

    /// Whether an interim answer was seen.
    pub(crate) fn heard(&self) -> bool {
        self.interim > 0
    }

    /// Takes the final head from `buffer`, if it is complete.
    pub(crate) fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<AnswerHead>, Refused> {
        loop {
            let start = buffer.get(..7).unwrap_or(buffer);
            if !b"HTTP/1.".starts_with(start) {
                return Err("the other side does not speak HTTP/1");
            }
            let end = memchr::memmem::find(buffer, b"\r\n\r\n").map(|at| at + 4);
            if end.unwrap_or(buffer.len()) > self.max_bytes {
                return Err("the answer's head is too large");
            }
            let Some(end) = end else { return Ok(None) };
            let head = take(buffer, end);
            match self.parse(&head)? {
                Some(head) => return Ok(Some(head)),
                None if self.interim >= MOST_INTERIM => {
                    return Err("too many interim answers");
                }
                None => self.interim += 1,
            }
        }
    }

    /// `None` for an interim answer.
    fn parse(&self, head: &Bytes) -> Result<Option<AnswerHead>, Refused> {
        let mut lines = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut lines);
        match response.parse(head) {
            Ok(httparse::Status::Complete(length)) if length == head.len() => {}
            Err(httparse::Error::TooManyHeaders) => return Err("the answer has too many headers"),
            _ => return Err("the answer's head is malformed"),
        }
        let status = response.code.and_then(|code| StatusCode::from_u16(code).ok());
        let status = status.ok_or("the answer has no valid status")?;
        let switches = status == StatusCode::SWITCHING_PROTOCOLS;
        if switches && !self.may_switch {
            return Err("the other side switched protocols unasked");
        }
        if status.is_informational() && !switches {
            return Ok(None);
        }
        if status.is_redirection() {
            return Err("the other side answered with a redirect, which is never followed");
        }
        let mut headers = HeaderMap::with_capacity(response.headers.len());
        for line in response.headers.iter() {
            let name = HeaderName::from_bytes(line.name.as_bytes());
            let value = HeaderValue::from_maybe_shared(head.slice_ref(line.value));
            let (Ok(name), Ok(value)) = (name, value) else {
                return Err("the answer has an invalid header");
            };
            headers.append(name, value);
        }
        let first_version = response.version == Some(0);
        if switches {
            return Ok(Some(AnswerHead {
                status,
                headers,
                framing: Framing::Done,
                keep_alive: false,
            }));
        }
        let (framing, certain) = framing(self.method, status, &headers, first_version)?;
        if headers.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            return Err("the answer is compressed, which was not asked for");
        }
        let keep_alive = certain && !first_version && !says_close(&headers);
        keep_end_to_end(&mut headers);
        Ok(Some(AnswerHead { status, headers, framing, keep_alive }))
    }
}

/// How the body ends, and whether that is beyond doubt (RFC 9112, 6.3).
fn framing(
    method: &Method,
    status: StatusCode,
    headers: &HeaderMap,
    first_version: bool,
) -> Result<(Framing, bool), Refused> {
    if method == Method::HEAD || status == StatusCode::NO_CONTENT {
        return Ok((Framing::Done, true));
    }
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    if let Some(coding) = codings.next() {
        let chunked = coding.as_bytes().eq_ignore_ascii_case(b"chunked");
        if !chunked || codings.next().is_some() || first_version {
            return Err("the answer has a transfer coding other than chunked");
        }
        return Ok((Framing::Chunked(Chunk::Size), !headers.contains_key(CONTENT_LENGTH)));
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let Some(first) = lengths.next() else { return Ok((Framing::UntilClose, false)) };
    let digits = first.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let length = digits.and_then(|digits| digits.parse().ok());
    match length {
        Some(length) if lengths.all(|other| other == first) => Ok((Framing::Length(length), true)),
        _ => Err("the answer's length is not clear"),
    }
}

fn says_close(headers: &HeaderMap) -> bool {
    headers.get_all(CONNECTION).iter().any(|value| {
        let options = value.to_str().unwrap_or("close").split(',');
        options.map(str::trim).any(|option| option.eq_ignore_ascii_case("close"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: &str) -> Result<Option<AnswerHead>, Refused> {
        let mut buffer = BytesMut::from(head);
        HeadReader::new(&Method::POST, 4096).next(&mut buffer)
    }

    fn framing_of(lines: &str) -> Result<(Framing, bool), Refused> {
        let head = read(&format!("HTTP/1.1 200 OK\r\n{lines}\r\n"))?.unwrap();
        Ok((head.framing, head.keep_alive))
    }

    #[test]
    fn the_end_of_the_body_is_found_or_the_head_refused() {
        let chunked = Framing::Chunked(Chunk::Size);
        assert_eq!(framing_of("Content-Length: 12\r\n"), Ok((Framing::Length(12), true)));
        assert_eq!(framing_of("Transfer-Encoding: Chunked\r\n"), Ok((chunked, true)));
        assert_eq!(framing_of(""), Ok((Framing::UntilClose, false)));
        let both = "transfer-encoding: chunked\r\ncontent-length: 3\r\n";
        assert_eq!(framing_of(both), Ok((chunked, false)));
        let close = "content-length: 3\r\nconnection: x, Close\r\n";
        assert_eq!(framing_of(close), Ok((Framing::Length(3), false)));
        let same = "content-length: 3\r\ncontent-length: 3\r\n";
        assert_eq!(framing_of(same), Ok((Framing::Length(3), true)));
        for lines in [
            "content-length: 3\r\ncontent-length: 4\r\n",
            "content-length: 3, 3\r\n",
            "content-length: +3\r\n",
            "content-length: \r\n",
            "content-length: 99999999999999999999\r\n",
            "transfer-encoding: gzip, chunked\r\n",
            "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
            "content-encoding: gzip\r\n",
            "x : y\r\n",
            "a: b\r\n folded\r\n",
        ] {
            assert!(framing_of(lines).is_err(), "{lines:?}");
        }
    }

    #[test]
    fn length_and_coding_do_not_both_travel_on() {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n";
        assert!(read(head).unwrap().unwrap().headers.is_empty());
    }

    #[test]
    fn interim_answers_are_skipped_within_reason() {
        let interim = "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
        let last = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
        let head = read(&format!("{interim}{interim}{last}")).unwrap().unwrap();
        assert_eq!(head.status, 404);
        assert!(read(&interim.repeat(20)).is_err());
        let switching = "HTTP/1.1 101 Switching Protocols\r\nx: y\r\n\r\nrest";
        assert!(read(switching).is_err());
        let mut buffer = BytesMut::from(switching);
        let mut reader = HeadReader::new(&Method::GET, 4096).switching(true);
        let head = reader.next(&mut buffer).unwrap().unwrap();
        assert_eq!(
            (head.status.as_u16(), head.framing, &buffer[..]),
            (101, Framing::Done, &b"rest"[..])
        );
    }

    #[test]
    fn a_head_may_be_incomplete_but_not_endless_or_foreign() {
        for start in ["", "H", "HTTP/1", "HTTP/1.1 200 OK\r\na: b\r\n"] {
            assert!(read(start).unwrap().is_none(), "{start:?}");
        }
        assert!(read(&format!("HTTP/1.1 200 OK\r\na: {}", "b".repeat(5000))).is_err());
        assert!(read("SSH-2.0-x").is_err());
        assert!(read("HTTP/2 200\r\n\r\n").is_err());
        assert!(read("HTTP/1.1 302 Found\r\nlocation: http://x/\r\n\r\n").is_err());
        let many = "h: 1\r\n".repeat(101);
        assert!(read(&format!("HTTP/1.1 200 OK\r\n{many}\r\n")).is_err());
    }

    #[test]
    fn the_first_version_never_stays_open() {
        let head = "HTTP/1.0 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n\r\n";
        assert!(!read(head).unwrap().unwrap().keep_alive);
    }
}

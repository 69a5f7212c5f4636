//! Bodies in several parts, read one after the other without keeping any.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, StatusCode};
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use memchr::memmem;
use upstream::SourceFailed;

use super::MOST_METADATA;
use super::incoming::Failed;
use crate::answer::Fault;

/// What stands before the bytes of a part.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PartHead {
    /// The field of a form.
    pub(super) name: Option<String>,
    pub(super) file_name: Option<String>,
    pub(super) mime: Option<HeaderValue>,
}

impl PartHead {
    fn of(head: &str) -> Self {
        let mut read = Self::default();
        for (name, value) in head.split("\r\n").filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.trim().eq_ignore_ascii_case("content-type") {
                read.mime = HeaderValue::from_str(value).ok();
            } else if name.trim().eq_ignore_ascii_case("content-disposition") {
                read.name = parameter(value, "name");
                read.file_name = parameter(value, "filename");
            }
        }
        read
    }
}

/// A parameter of a header, as `name="value"`. Browsers write a quotation mark as `%22`.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, parameters)) = rest.split_once(';') {
        let parameters = parameters.trim_start();
        let (name, after) = parameters.split_once('=')?;
        let (found, behind) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find(';').unwrap_or(after.len())),
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(found.replace("%22", "\""));
        }
        rest = behind;
    }
    None
}

/// A body of several parts. As a [`Body`] it is the bytes of the part that has begun.
pub(crate) struct Related<B> {
    body: B,
    /// What came and was not taken.
    read: BytesMut,
    /// What stands between parts, with the end of the line before it.
    delimiter: Vec<u8>,
    failed: Failed,
    has_ended: bool,
    part_has_ended: bool,
}

impl<B: Body<Data = Bytes, Error = SourceFailed> + Unpin> Related<B> {
    /// Reads `body`, of this media type. Why its bytes end too early is told to `failed`.
    pub(super) fn new(body: B, media_type: &str, failed: Failed) -> Result<Self, Fault> {
        let boundary = boundary(media_type).ok_or_else(|| wrong("has no boundary"))?;
        // The first delimiter stands at the beginning of the body, with no line before it.
        let read = BytesMut::from(&b"\r\n"[..]);
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        Ok(Self { body, read, delimiter, failed, has_ended: false, part_has_ended: false })
    }

    /// Goes to the bytes of the next part; gives what stands before them.
    pub(super) async fn next_part(&mut self) -> Result<PartHead, Fault> {
        let at = self.find(&self.delimiter.clone()).await?;
        let _ = self.read.split_to(at + self.delimiter.len());
        let end = self.find(b"\r\n\r\n").await?;
        let head = self.read.split_to(end + 4);
        if head.starts_with(b"--") {
            return Err(wrong("has too few parts"));
        }
        self.part_has_ended = false;
        let head =
            std::str::from_utf8(&head).map_err(|_| wrong("has a part with a malformed head"))?;
        Ok(PartHead::of(head))
    }

    /// The bytes of the part that has begun, which must not be many.
    pub(super) async fn text(&mut self) -> Result<Bytes, Fault> {
        let at = self.find(&self.delimiter.clone()).await?;
        Ok(self.read.split_to(at).freeze())
    }

    /// Where `needle` stands in what was read; reads until it is there.
    async fn find(&mut self, needle: &[u8]) -> Result<usize, Fault> {
        loop {
            if let Some(at) = memmem::find(&self.read, needle) {
                return Ok(at);
            }
            if self.read.len() > MOST_METADATA {
                return Err(wrong("has a part that should be small and is not"));
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.read.extend_from_slice(&data);
                    }
                }
                Some(Err(SourceFailed)) | None => return Err(wrong("ends too early")),
            }
        }
    }

    /// What of the part is here already.
    fn take(&mut self) -> Option<Bytes> {
        if let Some(at) = memmem::find(&self.read, &self.delimiter) {
            self.part_has_ended = true;
            return Some(self.read.split_to(at).freeze());
        }
        // The delimiter may have begun.
        let sure = self.read.len().checked_sub(self.delimiter.len())?;
        (sure > 0).then(|| self.read.split_to(sure).freeze())
    }
}

impl<B: Body<Data = Bytes, Error = SourceFailed> + Unpin> Body for Related<B> {
    type Data = Bytes;
    type Error = SourceFailed;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, SourceFailed>>> {
        let this = self.get_mut();
        loop {
            if !this.part_has_ended
                && let Some(bytes) = this.take()
            {
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
            if this.has_ended {
                let is_cut = !this.part_has_ended;
                return Poll::Ready(is_cut.then(|| Err(this.failed.set(wrong("ends too early")))));
            }
            match ready!(Pin::new(&mut this.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    // What follows the part is read, for the client's sake, and dropped.
                    Ok(data) if !this.part_has_ended => this.read.extend_from_slice(&data),
                    _ => {}
                },
                Some(Err(failed)) => return Poll::Ready(Some(Err(failed))),
                None => this.has_ended = true,
            }
        }
    }
}

fn boundary(media_type: &str) -> Option<&str> {
    let parameters = media_type.split(';').skip(1).filter_map(|one| one.trim().split_once('='));
    let mut named = parameters.filter(|(name, _)| name.eq_ignore_ascii_case("boundary"));
    let (_, value) = named.next()?;
    let value = value.trim_matches('"');
    (1..=70).contains(&value.len()).then_some(value)
}

fn wrong(how: &str) -> Fault {
    let message = format!("The multipart body {how}.");
    Fault::new(StatusCode::BAD_REQUEST, "invalid_multipart", message)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    struct Pieces(VecDeque<Bytes>);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = SourceFailed;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, SourceFailed>>> {
            Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
        }
    }

    const TYPE: &str = "multipart/related; boundary=\"b-1\"";

    async fn read(
        body: &[u8],
        size: usize,
    ) -> Result<(Bytes, Option<HeaderValue>, Vec<u8>), String> {
        let pieces = Pieces(body.chunks(size).map(Bytes::copy_from_slice).collect());
        let mut related =
            Related::new(pieces, TYPE, Failed::default()).map_err(|fault| fault.message)?;
        let mut parts = async || {
            related.next_part().await?;
            let text = related.text().await?;
            Ok((text, related.next_part().await?.mime))
        };
        let (text, mime) = parts().await.map_err(|fault: Fault| fault.message)?;
        let mut bytes = Vec::new();
        while let Some(frame) = related.frame().await {
            let frame = frame.map_err(|failed| failed.to_string())?;
            bytes.extend_from_slice(&frame.into_data().unwrap());
        }
        Ok((text, mime, bytes))
    }

    #[tokio::test]
    async fn parts_are_read_however_they_arrive() {
        let media = b"\r\n-- b \r\n--b-\x00\xff\r\n--b".repeat(3);
        let mut body = b"--b-1\r\nContent-Type: application/json\r\n\r\n{\"file\":{}}\r\n--b-1\r\ncontent-type: text/csv\r\n\r\n".to_vec();
        body.extend_from_slice(&media);
        body.extend_from_slice(b"\r\n--b-1--\r\n");
        for size in [1, 2, 3, 7, 64, 4096] {
            let (text, mime, bytes) = read(&body, size).await.unwrap();
            assert_eq!(text, "{\"file\":{}}");
            assert_eq!(mime.unwrap(), "text/csv");
            assert_eq!(bytes, media, "{size}");
        }
        let cut = &body[..body.len() - 12];
        assert!(read(cut, 5).await.unwrap_err().contains("broke off"));
    }

    #[test]
    fn the_head_of_a_part_of_a_form_is_read() {
        let head = "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a; b%22.txt\"\r\ncontent-type:text/csv\r\n\r\n";
        let expected = PartHead {
            name: Some("file".to_owned()),
            file_name: Some("a; b\".txt".to_owned()),
            mime: Some(HeaderValue::from_static("text/csv")),
        };
        assert_eq!(PartHead::of(head), expected);
        assert_eq!(parameter("form-data; filename=x; name=purpose", "name").unwrap(), "purpose");
        assert_eq!(parameter("form-data; name=\"x", "name"), None);
    }

    #[tokio::test]
    async fn what_is_no_multipart_is_refused() {
        for body in ["", "--b-1--\r\n\r\n", "--b-1\r\n\r\n{}\r\n--b-1--\r\n\r\n", "plain"] {
            assert!(read(body.as_bytes(), 3).await.is_err(), "{body:?}");
        }
        let none = Pieces(VecDeque::new());
        assert!(Related::new(none, "multipart/related", Failed::default()).is_err());
    }
}

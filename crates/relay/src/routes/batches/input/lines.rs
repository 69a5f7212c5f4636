//! A file cut into lines while it arrives.

use bytes::{Buf as _, Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt as _;
use memchr::memchr;
use upstream::SourceFailed;

use crate::routes::uploads::Content;

/// What a file is cut into.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Without its end.
    Line(Bytes),
    /// A line that is longer than allowed, and was dropped.
    TooLong,
}

/// Lines of at most so many bytes; no more than that is held.
pub(super) struct Lines<B = Content> {
    content: B,
    read: BytesMut,
    /// There is no end of a line before.
    looked_at: usize,
    most: usize,
    drops: bool,
    has_ended: bool,
    size: u64,
}

impl<B: Body<Data = Bytes, Error = SourceFailed> + Unpin> Lines<B> {
    pub(super) fn new(content: B, most: usize) -> Self {
        let read = BytesMut::new();
        Self { content, read, looked_at: 0, most, drops: false, has_ended: false, size: 0 }
    }

    /// How many bytes have come.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) async fn next(&mut self) -> Result<Option<Piece>, SourceFailed> {
        loop {
            if let Some(end) = memchr(b'\n', &self.read[self.looked_at..]) {
                let line = self.read.split_to(self.looked_at + end).freeze();
                self.read.advance(1);
                return Ok(Some(self.piece(line)));
            }
            self.looked_at = self.read.len();
            if self.read.len() > self.most {
                self.drops = true;
                self.read.clear();
                self.looked_at = 0;
            }
            if self.has_ended {
                let rest = self.read.split().freeze();
                let is_over = rest.is_empty() && !self.drops;
                return Ok((!is_over).then(|| self.piece(rest)));
            }
            match self.content.frame().await.transpose()? {
                Some(frame) => {
                    if let Ok(data) = frame.into_data() {
                        self.size += data.len() as u64;
                        self.read.extend_from_slice(&data);
                    }
                }
                None => self.has_ended = true,
            }
        }
    }

    fn piece(&mut self, line: Bytes) -> Piece {
        self.looked_at = 0;
        if std::mem::take(&mut self.drops) || line.len() > self.most {
            return Piece::TooLong;
        }
        Piece::Line(line)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;

    #[tokio::test]
    async fn lines_are_cut_however_they_arrive() {
        let file = b"one\n\n a line that is too long\nlast";
        for size in [1, 2, 7, 100] {
            let pieces: Vec<_> = file.chunks(size).map(Bytes::copy_from_slice).collect();
            let pieces = pieces.into_iter().map(|piece| Ok(Frame::data(piece)));
            let body = StreamBody::new(stream::iter(pieces));
            let mut lines = Lines::new(body, 10);
            let mut found = Vec::new();
            while let Some(piece) = lines.next().await.unwrap() {
                found.push(piece);
            }
            let line = |text: &'static str| Piece::Line(Bytes::from_static(text.as_bytes()));
            let expected = [line("one"), line(""), Piece::TooLong, line("last")];
            assert_eq!((found.as_slice(), lines.size()), (&expected[..], file.len() as u64));
        }
    }
}

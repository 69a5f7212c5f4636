//! Where a body ends: by length, by chunks, or with the connection. Pure.

use bytes::{Buf, Bytes, BytesMut};

/// The longest line that announces a chunk, extensions included.
const LONGEST_SIZE_LINE: usize = 1024;
/// The longest trailer section, which is read over.
const LONGEST_TRAILERS: usize = 8 * 1024;

/// Copying up to so much costs no more than sharing.
const LARGEST_COPY: usize = 2 * 1024;

/// How the rest of a body is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Nothing more to come.
    Done,
    /// So many bytes more.
    Length(u64),
    /// In chunks.
    Chunked(Chunk),
    /// Until the connection ends.
    UntilClose,
}

/// What comes next in a chunked body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chunk {
    /// The line with the size.
    Size,
    /// So many bytes more, at least one.
    Data(u64),
    /// The line end behind the data.
    End,
    /// Trailers, of which so many bytes were read over.
    Trailers(usize),
}

/// One step through a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Data(Bytes),
    NeedMore,
    Done,
}

/// The body is not written as its head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl Framing {
    /// Takes the next piece of the body from the front of `buffer`.
    pub(crate) fn next(&mut self, buffer: &mut BytesMut) -> Result<Step, Malformed> {
        self.skip(buffer)?;
        let available = match *self {
            Self::Done => return Ok(Step::Done),
            Self::Chunked(Chunk::Data(left)) | Self::Length(left) => {
                usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len())
            }
            Self::UntilClose => buffer.len(),
            Self::Chunked(_) => 0,
        };
        if available == 0 {
            return Ok(Step::NeedMore);
        }
        let data = take(buffer, available);
        if let Self::Length(left) | Self::Chunked(Chunk::Data(left)) = self {
            *left -= available as u64;
        }
        // The end is noticed together with the last data if it is there already. What is wrong
        // behind the data is reported when it is reached.
        let _ = self.skip(buffer);
        Ok(Step::Data(data))
    }

    /// The bytes still to come, if they are known.
    pub(crate) fn left(&self) -> Option<u64> {
        match *self {
            Self::Done => Some(0),
            Self::Length(left) => Some(left),
            Self::Chunked(_) | Self::UntilClose => None,
        }
    }

    /// Goes past everything that is not data.
    fn skip(&mut self, buffer: &mut BytesMut) -> Result<(), Malformed> {
        loop {
            match self {
                Self::Length(0) => *self = Self::Done,
                Self::Chunked(chunk) => match chunk.skip(buffer)? {
                    Skipped::Stays => return Ok(()),
                    Skipped::To(next) => *chunk = next,
                    Skipped::Body => *self = Self::Done,
                },
                _ => return Ok(()),
            }
        }
    }
}

/// Takes bytes from the front of `buffer`. A few are copied: a slice, and be it a header that is
/// kept for the length of a stream, would keep the whole buffer alive.
pub(crate) fn take(buffer: &mut BytesMut, length: usize) -> Bytes {
    if length > LARGEST_COPY {
        return buffer.split_to(length).freeze();
    }
    let copy = Bytes::copy_from_slice(buffer.get(..length).unwrap_or_default());
    buffer.advance(copy.len());
    copy
}

/// Where a look at a chunk's surroundings led.
enum Skipped {
    /// Nothing to be skipped, or not all of it is there.
    Stays,
    To(Chunk),
    /// Past the end of the body.
    Body,
}

impl Chunk {
    fn skip(self, buffer: &mut BytesMut) -> Result<Skipped, Malformed> {
        match self {
            Self::Size => size_line(buffer),
            Self::Data(0) => Ok(Skipped::To(Self::End)),
            Self::Data(_) => Ok(Skipped::Stays),
            Self::End => match buffer.get(..2) {
                Some(b"\r\n") => {
                    buffer.advance(2);
                    Ok(Skipped::To(Self::Size))
                }
                None if buffer.first().is_none_or(|&byte| byte == b'\r') => Ok(Skipped::Stays),
                _ => Err(Malformed),
            },
            Self::Trailers(seen) => trailer_line(buffer, seen),
        }
    }
}

fn size_line(buffer: &mut BytesMut) -> Result<Skipped, Malformed> {
    match httparse::parse_chunk_size(buffer) {
        Ok(httparse::Status::Complete((length, size))) => {
            buffer.advance(length);
            let next = if size == 0 { Chunk::Trailers(0) } else { Chunk::Data(size) };
            Ok(Skipped::To(next))
        }
        Ok(httparse::Status::Partial) if buffer.len() <= LONGEST_SIZE_LINE => Ok(Skipped::Stays),
        _ => Err(Malformed),
    }
}

fn trailer_line(buffer: &mut BytesMut, seen: usize) -> Result<Skipped, Malformed> {
    let end = memchr::memchr(b'\n', buffer);
    let length = end.map_or(buffer.len(), |end| end + 1);
    if seen + length > LONGEST_TRAILERS {
        return Err(Malformed);
    }
    let Some(end) = end else { return Ok(Skipped::Stays) };
    if end == 0 || buffer.get(end - 1) != Some(&b'\r') {
        return Err(Malformed);
    }
    buffer.advance(length);
    Ok(if length == 2 { Skipped::Body } else { Skipped::To(Chunk::Trailers(seen + length)) })
}

#[cfg(test)]
mod tests;

use std::ops::Range;

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr2;

use crate::line::Line;
use crate::unread::append;
use crate::{Event, EventKind, TooLarge};

/// Cuts the body of an event stream into [`Event`]s, however it was cut into chunks.
///
/// Lines end with LF, CR LF or CR, in any mixture; an event ends with a blank line, or where lines
/// of an event stream border on lines that are none. An event that lies in one chunk, with one
/// `data` line, is a slice of that chunk: finding it is one search for line ends.
#[derive(Debug)]
pub struct Decoder {
    /// What was pushed and not taken yet: begins with the event that comes next.
    unread: Bytes,
    /// The longest event in bytes.
    limit: usize,
    /// What is known of that event; `next_line` and `boundary` write it.
    scan: Scan,
    /// Set once an event was too large.
    failed: bool,
}

/// How far `unread` was looked through. All positions count from its beginning.
#[derive(Debug, Default)]
struct Scan {
    /// Where the first line begins that was not understood yet.
    line: usize,
    /// Up to where that line was searched for its end.
    searched: usize,
    /// The line before it ended with a CR that no LF followed.
    after_lone_cr: bool,
    /// What the lines before it are; `None`: there are none.
    block: Option<Block>,
}

/// Successive lines that make one event.
#[derive(Debug)]
struct Block {
    is_stray: bool,
    /// The value of the first `data` line.
    data: Option<Range<usize>>,
    /// There are further `data` lines.
    has_more_data: bool,
}

/// A line in `unread`.
struct LineSpan {
    start: usize,
    /// Where its text ends and its line end begins.
    end: usize,
    /// Where the next line begins.
    next: usize,
}

impl Decoder {
    /// A decoder that accepts events of up to `max_event_bytes`, line ends included.
    pub fn new(max_event_bytes: usize) -> Self {
        Self { unread: Bytes::new(), limit: max_event_bytes, scan: Scan::default(), failed: false }
    }

    /// Takes in the next chunk of the body.
    pub fn push(&mut self, chunk: Bytes) {
        if !self.failed {
            append(&mut self.unread, chunk);
        }
    }

    /// The next event that is complete; `None`: more bytes are needed.
    pub fn next_event(&mut self) -> Option<Result<Event, TooLarge>> {
        let boundary = self.boundary(false);
        if boundary.unwrap_or(self.unread.len()) > self.limit {
            self.failed = true;
            self.unread = Bytes::new();
            self.scan = Scan::default();
            return Some(Err(TooLarge { limit: self.limit }));
        }
        boundary.and_then(|end| self.take(end)).map(Ok)
    }

    /// To be called when the body has ended and [`Decoder::next_event`] has nothing more, until it
    /// gives `None`: what came of the last event (and, where a stray text borders on it without a
    /// line end, of the one behind it) although its blank line is missing.
    pub fn finish(&mut self) -> Option<Event> {
        let end = self.boundary(true)?;
        self.take(end)
    }

    /// Where the first event ends, if that is known.
    fn boundary(&mut self, at_end: bool) -> Option<usize> {
        if self.scan.block.is_none() {
            self.skip_blank_lines();
        }
        while let Some(span) = self.next_line(at_end) {
            let text = &self.unread[span.start..span.end];
            if text.is_empty() {
                return Some(span.next);
            }
            let line = Line::parse(text);
            let block = self.scan.block.get_or_insert(Block {
                is_stray: line.is_stray(),
                data: None,
                has_more_data: false,
            });
            if block.is_stray != line.is_stray() {
                return Some(span.start);
            }
            if let Line::Data(value) = line {
                block.has_more_data = block.data.is_some();
                block.data.get_or_insert(span.end - value.len()..span.end);
            }
            self.scan.line = span.next;
            self.scan.searched = span.next;
        }
        (at_end && self.scan.block.is_some()).then_some(self.unread.len())
    }

    /// Blank lines before an event mean nothing. Dropping them at once keeps a stream of nothing
    /// else from piling up.
    fn skip_blank_lines(&mut self) {
        let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let blank = self.unread.iter().take_while(|byte| is_line_end(byte)).count();
        if blank > 0 {
            self.unread.advance(blank);
            self.scan = Scan::default();
        }
    }

    /// The line at `scan.line`, once its end is certain.
    fn next_line(&mut self, at_end: bool) -> Option<LineSpan> {
        let Scan { line: start, searched, after_lone_cr, .. } = self.scan;
        let Some(offset) = memchr2(b'\r', b'\n', &self.unread[searched..]) else {
            let end = self.unread.len();
            self.scan.searched = end;
            return (at_end && start < end).then_some(LineSpan { start, end, next: end });
        };
        let end = searched + offset;
        let is_cr = self.unread[end] == b'\r';
        // In a stream of lone CRs the second ends an event at once. Should an LF follow all the
        // same, it is one more blank line.
        let is_blank_of_crs = is_cr && start == end && after_lone_cr;
        let next = match self.unread.get(end + 1) {
            _ if !is_cr || is_blank_of_crs => end + 1,
            Some(b'\n') => end + 2,
            Some(_) => end + 1,
            None if at_end => end + 1,
            None => {
                self.scan.searched = end;
                return None;
            }
        };
        self.scan.after_lone_cr = is_cr && next == end + 1;
        Some(LineSpan { start, end, next })
    }

    /// Cuts off the event that ends at `end`.
    fn take(&mut self, end: usize) -> Option<Event> {
        let raw = self.unread.split_to(end);
        let block = std::mem::take(&mut self.scan).block?;
        let (kind, data) = match block.data {
            _ if block.is_stray => (EventKind::Stray, without_line_ends(&raw)),
            None => (EventKind::Comment, Bytes::new()),
            Some(_) if block.has_more_data => (EventKind::Data, join_data(&raw)),
            Some(value) => (EventKind::Data, raw.slice(value)),
        };
        Some(Event { raw, data, kind })
    }
}

fn without_line_ends(raw: &Bytes) -> Bytes {
    let line_ends = raw.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    raw.slice(..raw.len() - line_ends)
}

fn join_data(raw: &[u8]) -> Bytes {
    let mut joined = BytesMut::with_capacity(raw.len());
    let lines = raw.split(|byte| matches!(byte, b'\r' | b'\n')).map(Line::parse);
    for line in lines {
        if let Line::Data(value) = line {
            joined.extend_from_slice(value);
            joined.extend_from_slice(b"\n");
        }
    }
    joined.truncate(joined.len().saturating_sub(1));
    joined.freeze()
}

#[cfg(test)]
mod tests;

//! Reading an answer, and seeing that it is whole.

use anyhow::{Context, Result, bail, ensure};
use memchr::memmem;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::mock::{PIECE, WHOLE};
use crate::scenario::{Traffic, Words};

/// Reads answers from one connection, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    buffer: Vec<u8>,
    body: Vec<u8>,
}

impl Reader {
    /// Reads one answer to its end and checks it.
    pub(crate) async fn read(
        &mut self,
        stream: &mut TcpStream,
        traffic: Traffic,
        words: Words,
    ) -> Result<()> {
        let head_length = loop {
            if let Some(end) = memmem::find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            self.more(stream).await?;
        };
        let head: Vec<u8> = self.buffer.drain(..head_length).collect();
        self.body.clear();
        if let Some(length) = header(&head, b"content-length") {
            let length: usize = length.parse()?;
            while self.buffer.len() < length {
                self.more(stream).await?;
            }
            self.body.extend(self.buffer.drain(..length));
        } else {
            self.read_chunks(stream).await?;
        }
        let status = head.get(9..12).unwrap_or_default();
        if status != b"200" {
            let start = self.body.get(..self.body.len().min(200)).unwrap_or_default();
            bail!("{} {}", String::from_utf8_lossy(status), String::from_utf8_lossy(start));
        }
        check(&self.body, traffic, words)
    }

    async fn read_chunks(&mut self, stream: &mut TcpStream) -> Result<()> {
        loop {
            let line_end = loop {
                if let Some(end) = memmem::find(&self.buffer, b"\r\n") {
                    break end;
                }
                self.more(stream).await?;
            };
            let line = self.buffer.get(..line_end).unwrap_or_default();
            let size = usize::from_str_radix(std::str::from_utf8(line)?, 16)
                .context("neither a length nor a chunk")?;
            let total = line_end + 2 + size + 2;
            while self.buffer.len() < total {
                self.more(stream).await?;
            }
            let data = self.buffer.get(line_end + 2..line_end + 2 + size).unwrap_or_default();
            self.body.extend_from_slice(data);
            self.buffer.drain(..total);
            if size == 0 {
                return Ok(());
            }
        }
    }

    async fn more(&mut self, stream: &mut TcpStream) -> Result<()> {
        let count = stream.read_buf(&mut self.buffer).await?;
        ensure!(count > 0, "the connection closed within an answer");
        Ok(())
    }
}

/// Whether the answer holds everything that the mock said, in the right words.
fn check(body: &[u8], traffic: Traffic, words: Words) -> Result<()> {
    let holds = |text: &str| memmem::find(body, text.as_bytes()).is_some();
    match traffic.pieces() {
        None => ensure!(holds(WHOLE), "the text is missing"),
        Some(pieces) => {
            let found = memmem::find_iter(body, PIECE.as_bytes()).count();
            ensure!(found == pieces, "{found} of {pieces} pieces");
        }
    }
    let (object, end) = match (words, traffic.pieces()) {
        (Words::Gemini, _) => ("\"candidates\"", "\"STOP\""),
        (Words::OpenAi, None) => ("\"chat.completion\"", "\"stop\""),
        (Words::OpenAi, Some(_)) => ("\"chat.completion.chunk\"", "data: [DONE]\n\n"),
    };
    ensure!(holds(object), "not an answer in the words of the question");
    ensure!(holds(end), "the end is missing");
    Ok(())
}

/// A header's value, from a head as it came.
pub(crate) fn header<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a str> {
    head.split(|&byte| byte == b'\n').find_map(|line| {
        let (start, rest) = line.split_at_checked(name.len())?;
        let value = rest.strip_prefix(b":")?;
        start.eq_ignore_ascii_case(name).then_some(std::str::from_utf8(value).ok()?.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_by_name() {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nx: y\r\n\r\n";
        assert_eq!(header(head, b"content-length"), Some("12"));
        assert_eq!(header(head, b"length"), None);
    }

    #[test]
    fn an_answer_that_lacks_something_is_noticed() {
        let stream = format!("data: \"chat.completion.chunk\" {PIECE}\n\ndata: [DONE]\n\n");
        assert!(check(stream.as_bytes(), Traffic::Slow, Words::OpenAi).is_err());
        let whole = stream.replace(PIECE, &PIECE.repeat(40));
        assert!(check(whole.as_bytes(), Traffic::Slow, Words::OpenAi).is_ok());
        assert!(check(whole.as_bytes(), Traffic::Slow, Words::Gemini).is_err());
        let cut = whole.replace("[DONE]", "");
        assert!(check(cut.as_bytes(), Traffic::Slow, Words::OpenAi).is_err());
    }
}

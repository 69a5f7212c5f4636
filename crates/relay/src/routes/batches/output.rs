//! Google's file of answers, told as OpenAI's output file, or as its error file.

use bytes::{Bytes, BytesMut};
use dialect::openai::batches::Answers;
use memchr::memchr;

use super::kept::Record;
use crate::routes::stamp::stamp;
use crate::stream::Passage;

/// Ends the id of an error file, of which Google has none: it is the rest of the output file.
const ERRORS: &str = ".errors";

/// The id of the error file beside an output file.
pub(super) fn errors_of(output: &str) -> String {
    format!("{output}{ERRORS}")
}

/// Which of a batch's files is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Answers,
    Errors,
}

impl Part {
    /// What ends the id.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Answers => "",
            Self::Errors => ERRORS,
        }
    }

    /// The part that an id names, and the id of the output file.
    pub(crate) fn of(id: &str) -> (Self, &str) {
        match id.strip_suffix(ERRORS) {
            Some(output) => (Self::Errors, output),
            None => (Self::Answers, id),
        }
    }
}

/// Translates a file of answers line by line, while it passes.
pub(crate) struct Telling {
    answers: Answers,
    part: Part,
    /// When the answers were made, as far as is known.
    created: i64,
    /// What came of a line that is not whole.
    read: BytesMut,
    /// A longer line is no answer.
    most: usize,
}

impl Telling {
    pub(crate) fn new(record: &Record, part: Part, most: usize) -> Self {
        let batch = &record.batch;
        let id = batch.id.strip_prefix("batch_").unwrap_or(&batch.id);
        let answers = Answers::new(&record.contexts, id);
        let created = batch.completed_at.unwrap_or_else(super::now);
        Self { answers, part, created, read: BytesMut::new(), most }
    }

    fn tell(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let created = self.created;
        let stamp = |id: &str| dialect::Stamp { created, ..stamp("call_", id) };
        let Some(told) = self.answers.tell(line, stamp) else { return };
        if told.is_error == (self.part == Part::Errors) {
            out.extend_from_slice(&told.line);
        }
    }
}

impl Passage for Telling {
    const KEEPS_LENGTH: bool = false;

    fn take(&mut self, piece: Bytes) -> Bytes {
        let mut out = Vec::new();
        let mut rest = &*piece;
        while let Some(end) = memchr(b'\n', rest) {
            if self.read.is_empty() {
                self.tell(&rest[..end], &mut out);
            } else {
                self.read.extend_from_slice(&rest[..end]);
                let line = self.read.split();
                self.tell(&line, &mut out);
            }
            rest = &rest[end + 1..];
        }
        // What is more than a line may have is cut, and so becomes an error of its own.
        let room = self.most.saturating_sub(self.read.len());
        self.read.extend_from_slice(&rest[..rest.len().min(room)]);
        out.into()
    }

    fn end(&mut self) -> Bytes {
        let mut out = Vec::new();
        let line = self.read.split();
        self.tell(&line, &mut out);
        out.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(part: Part, pieces: usize) -> Vec<String> {
        let lines = [
            r#"{"key":"0-a","error":{"code":3,"message":"No."}}"#,
            "",
            r#"{"key":"0-b","error":{"code":8,"message":"Later."}}"#,
        ];
        let record = serde_json::json!({"google": null, "contexts": [], "batch": {
            "id": "batch_x", "object": "batch", "endpoint": "/v1/embeddings",
            "input_file_id": "file-a", "completion_window": "24h", "status": "completed",
            "created_at": 1, "completed_at": 2,
            "request_counts": {"total": 2, "completed": 0, "failed": 2},
        }});
        let record: Record = serde_json::from_value(record).unwrap();
        let mut telling = Telling::new(&record, part, 1000);
        let mut out = Vec::new();
        for piece in lines.join("\n").as_bytes().chunks(pieces) {
            out.extend_from_slice(&telling.take(Bytes::copy_from_slice(piece)));
        }
        out.extend_from_slice(&telling.end());
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn each_line_is_told_in_its_file_however_it_arrives() {
        for pieces in [1, 3, 50, 1000] {
            let errors = told(Part::Errors, pieces);
            assert_eq!(errors.len(), 2, "{pieces}");
            assert!(errors[0].contains(r#""custom_id":"a""#), "{}", errors[0]);
            assert!(errors[1].contains(r#""status_code":429"#), "{}", errors[1]);
            assert_eq!(told(Part::Answers, pieces), [""; 0]);
        }
        assert_eq!(Part::of("file-a.errors"), (Part::Errors, "file-a"));
        assert_eq!(Part::of("file-a"), (Part::Answers, "file-a"));
    }
}

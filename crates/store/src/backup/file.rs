//! The file itself: lines, in order, and a digest that tells whether they are all there.

use std::collections::BTreeMap;
use std::io::{BufRead, Read as _, Write};

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::BackupError;

/// The form of the file; another one gets another number.
const FORM: u32 = 1;

/// A longer line was not written by us.
const LONGEST_LINE: u64 = 256 * 1024 * 1024;

/// The first line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) gemini_balance_backup: u32,
    /// The program that made it.
    pub(super) version: String,
    pub(super) made_at: i64,
    /// Tells the master key of the database that it came from.
    pub(super) master_check: String,
    /// How to open its secrets, if not with that master key.
    #[serde(default)]
    pub(super) passphrase: Option<SealedWith>,
    pub(super) logs: bool,
}

/// What a passphrase is tried with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SealedWith {
    pub(super) salt: String,
    pub(super) check: String,
}

/// A line after the first.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    Row(Vec<Value>),
    Table { table: String, columns: Vec<String> },
    End { rows: BTreeMap<String, u64>, sha256: String },
}

impl Header {
    pub(super) fn new(master_check: String, logs: bool, passphrase: Option<SealedWith>) -> Self {
        Self {
            gemini_balance_backup: FORM,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: crate::store::now().millis(),
            master_check,
            passphrase,
            logs,
        }
    }
}

/// Writes lines, and remembers what the last one must say of them.
pub(super) struct Writer<W> {
    out: W,
    digest: Context,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W, header: &Header) -> Result<Self, BackupError> {
        let mut writer = Self { out, digest: Context::new(&SHA256) };
        writer.line(header)?;
        Ok(writer)
    }

    pub(super) fn line(&mut self, line: &impl Serialize) -> Result<(), BackupError> {
        let mut text = serde_json::to_vec(line).map_err(std::io::Error::from)?;
        text.push(b'\n');
        self.digest.update(&text);
        Ok(self.out.write_all(&text)?)
    }

    pub(super) fn end(mut self, rows: BTreeMap<String, u64>) -> Result<(), BackupError> {
        let sha256 = hex(&self.digest);
        self.line(&Line::End { rows, sha256 })?;
        Ok(self.out.flush()?)
    }
}

/// Reads lines.
pub(super) struct Reader<R> {
    input: R,
    digest: Context,
    number: u64,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn new(input: R) -> Result<(Self, Header), BackupError> {
        let mut reader = Self { input, digest: Context::new(&SHA256), number: 0 };
        let text = reader.text()?;
        let header: Value = serde_json::from_slice(&text).map_err(|_| BackupError::Foreign)?;
        match header["gemini_balance_backup"].as_u64() {
            Some(form) if form == u64::from(FORM) => {}
            Some(_) => {
                let version = header["version"].as_str().unwrap_or("unknown");
                return Err(BackupError::Newer(version.to_owned()));
            }
            None => return Err(BackupError::Foreign),
        }
        let header = serde_json::from_value(header).map_err(|_| BackupError::Foreign)?;
        reader.digest.update(&text);
        Ok((reader, header))
    }

    /// The next line. The last one is checked.
    pub(super) fn read(&mut self) -> Result<Line, BackupError> {
        let text = self.text()?;
        if text.is_empty() {
            return Err(self.damaged("the file ends early"));
        }
        let line = serde_json::from_slice(&text).map_err(|_| self.damaged("cannot be read"))?;
        if let Line::End { sha256, .. } = &line {
            if *sha256 != hex(&self.digest) {
                return Err(self.damaged("the lines before were changed"));
            }
        } else {
            self.digest.update(&text);
        }
        Ok(line)
    }

    /// An error about the line that was read last.
    pub(super) fn damaged(&self, problem: impl Into<String>) -> BackupError {
        BackupError::Damaged { line: self.number, problem: problem.into() }
    }

    fn text(&mut self) -> Result<Vec<u8>, BackupError> {
        self.number += 1;
        let mut text = Vec::new();
        (&mut self.input).take(LONGEST_LINE).read_until(b'\n', &mut text)?;
        Ok(text)
    }
}

fn hex(digest: &Context) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in digest.clone().finish().as_ref() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

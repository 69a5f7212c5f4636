//! What commands print: aligned tables, JSON, times.

use std::fmt::{self, Write as _};
use std::io::{self, ErrorKind, Write as _};

use anyhow::Context as _;
use keypool::Timestamp;
use serde::Serialize;

use crate::failure::Failure;

/// Prints a text, with a line end if it has none.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let written = write!(stdout, "{text}{end}").and_then(|()| stdout.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::ReaderGone,
        _ => Failure::Failed(error.into()),
    })
}

/// Prints a value as indented JSON.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print(&serde_json::to_string_pretty(value).context("the answer is no JSON")?)
}

/// A hint that is no result: on standard error, so that it disturbs no pipe.
pub(crate) fn hint(text: &str) {
    // A hint that cannot be written is no loss.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A moment for people: `2026-11-20 14:03:05Z`.
pub(crate) fn moment(timestamp: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(timestamp.millis())
        .map_or_else(|_| "-".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
}

/// A moment for machines: `2026-11-20T14:03:05.123Z`.
pub(crate) fn iso(timestamp: Timestamp) -> Option<String> {
    jiff::Timestamp::from_millisecond(timestamp.millis()).ok().map(|time| time.to_string())
}

/// The present moment.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}

/// `1 key`, `2 keys`.
pub(crate) fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// A text of at most so many characters.
pub(crate) fn cut(text: &str, widest: usize) -> String {
    if text.chars().count() <= widest {
        return text.to_owned();
    }
    let kept: String = text.chars().take(widest - 1).collect();
    format!("{kept}…")
}

/// Rows under headings, in aligned columns.
pub(crate) struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    pub(crate) fn new(headings: [&str; COLUMNS]) -> Self {
        Self { rows: vec![headings.map(str::to_owned)] }
    }

    /// Adds a row; an empty cell shows as a dash.
    pub(crate) fn row(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells.map(|cell| if cell.is_empty() { "-".to_owned() } else { cell }));
    }
}

impl<const COLUMNS: usize> fmt::Display for Table<COLUMNS> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths = [0; COLUMNS];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for row in &self.rows {
            let mut line = String::new();
            for (width, cell) in widths.iter().zip(row) {
                write!(line, "{cell:width$}  ")?;
            }
            writeln!(formatter, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_empty_cells_marked() {
        let mut table = Table::new(["ID", "NAME"]);
        table.row(["1".to_owned(), String::new()]);
        table.row(["1234".to_owned(), "ann".to_owned()]);
        assert_eq!(table.to_string(), "ID    NAME\n1     -\n1234  ann\n");
    }

    #[test]
    fn times_are_shown_in_utc() {
        let time = Timestamp::from_millis(1_700_000_000_123);
        assert_eq!(moment(time), "2023-11-14 22:13:20Z");
        assert_eq!(iso(time).unwrap(), "2023-11-14T22:13:20.123Z");
        assert_eq!(moment(Timestamp::MAX), "-");
    }
}

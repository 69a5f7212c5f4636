use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use serde_json::Value;
use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

use crate::LiveRedactor;
use crate::logs::Format;

/// Longer lines are shortened.
const LONGEST_LINE: usize = 8 * 1024;
/// In a JSON line that is too long, longer texts are shortened.
const LONGEST_TEXT: usize = 1024;

/// Makes every line fit to be seen, and writes it to `out` in one piece.
#[derive(Debug)]
pub(super) struct Lines<W> {
    out: W,
    format: Format,
    redactor: LiveRedactor,
}

/// Writes one line.
#[derive(Debug)]
pub(super) struct LineWriter<'l, O> {
    out: O,
    format: Format,
    redactor: &'l LiveRedactor,
}

impl<W> Lines<W> {
    pub(super) fn new(out: W, format: Format, redactor: LiveRedactor) -> Self {
        Self { out, format, redactor }
    }
}

impl<'l, W: MakeWriter<'l>> MakeWriter<'l> for Lines<W> {
    type Writer = LineWriter<'l, W::Writer>;

    fn make_writer(&'l self) -> Self::Writer {
        LineWriter { out: self.out.make_writer(), format: self.format, redactor: &self.redactor }
    }

    fn make_writer_for(&'l self, metadata: &Metadata<'_>) -> Self::Writer {
        let out = self.out.make_writer_for(metadata);
        LineWriter { out, format: self.format, redactor: &self.redactor }
    }
}

impl<O: io::Write> io::Write for LineWriter<'_, O> {
    /// Takes a whole line, as the formatter hands it over.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let redacted = self.redactor.redact(text);
        let mut line_out = shorten(&escape(&redacted), self.format).into_owned();
        line_out.push('\n');
        self.out.write_all(line_out.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Control characters as JSON writes them, so that no event can end its line, begin another or
/// talk to a terminal. In JSON they occur inside of strings only, where this form is right.
fn escape(line: &str) -> Cow<'_, str> {
    if !line.contains(char::is_control) {
        return Cow::Borrowed(line);
    }
    let mut escaped = String::with_capacity(line.len() + 16);
    for letter in line.chars() {
        match letter {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            _ if letter.is_control() => {
                // Writing to a string does not fail.
                write!(escaped, "\\u{:04x}", u32::from(letter)).unwrap_or_default();
            }
            _ => escaped.push(letter),
        }
    }
    Cow::Owned(escaped)
}

/// The line within its bounds: JSON stays JSON.
fn shorten(line: &str, format: Format) -> Cow<'_, str> {
    if line.len() <= LONGEST_LINE {
        return Cow::Borrowed(line);
    }
    if format == Format::Pretty {
        return Cow::Owned(cut(line, LONGEST_LINE));
    }
    let mut value = serde_json::from_str(line)
        .unwrap_or_else(|_| serde_json::json!({ "message": cut(line, LONGEST_LINE) }));
    shorten_texts(&mut value);
    Cow::Owned(value.to_string())
}

fn shorten_texts(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > LONGEST_TEXT => *text = cut(text, LONGEST_TEXT),
        Value::Array(values) => values.iter_mut().for_each(shorten_texts),
        Value::Object(fields) => fields.values_mut().for_each(shorten_texts),
        _ => {}
    }
}

/// The beginning of a text that is too long, and how much is missing.
fn cut(text: &str, longest: usize) -> String {
    let end = text.floor_char_boundary(longest);
    format!("{}… ({} bytes more)", &text[..end], text.len() - end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secret::Redactor;

    use super::*;

    #[test]
    fn control_characters_are_written_out() {
        assert_eq!(escape("a\nb\r\t\u{1b}]0;x\u{7}\u{9b}"), r"a\nb\r\t\u001b]0;x\u0007\u009b");
        assert!(matches!(escape("plain… text"), Cow::Borrowed(_)));
    }

    #[test]
    fn long_lines_say_what_is_missing() {
        let line = format!("x{}", "é".repeat(5000));
        let shortened = shorten(&line, Format::Pretty);
        assert!(shortened.ends_with("é… (1810 bytes more)"), "{}", &shortened[8100..]);
        assert!(matches!(shorten("short", Format::Pretty), Cow::Borrowed("short")));
    }

    #[test]
    fn long_json_stays_json_with_every_field() {
        let long = "y".repeat(1 << 20);
        let line = serde_json::json!({ "level": "INFO", "a": long, "b": { "c": long, "d": 1 } });
        let shortened = shorten(&line.to_string(), Format::Json).into_owned();
        assert!(shortened.len() < 3 * LONGEST_TEXT);
        let read: Value = serde_json::from_str(&shortened).unwrap();
        assert_eq!(read["level"], "INFO");
        assert_eq!(read["b"]["d"], 1);
        assert!(read["b"]["c"].as_str().unwrap().ends_with("y… (1047552 bytes more)"));
    }

    #[test]
    fn what_should_be_json_and_is_not_becomes_json() {
        let shortened = shorten(&"z".repeat(10_000), Format::Json).into_owned();
        let read: Value = serde_json::from_str(&shortened).unwrap();
        assert!(read["message"].as_str().unwrap().starts_with("zzz"));
    }

    proptest! {
        #[test]
        fn json_stays_json_whatever_is_redacted(
            text in "(key=|api_key: |Bearer |://a:|@|AIza[a-z]{20}|to\"ken\\\\x|plain-token|\"|\\\\|\n|[a-z]{1,9}| |,){0,12}",
        ) {
            let secrets = ["to\"ken\\x", "plain-token"];
            let redactor = Redactor::new(secrets.iter().map(|secret| secret.as_bytes())).unwrap();
            let nested = Value::from(text.as_str()).to_string();
            let line = serde_json::json!({ "text": text, "nested": nested }).to_string();
            let redacted = redactor.redact(&line);
            prop_assert!(serde_json::from_str::<Value>(&redacted).is_ok(), "{}", redacted);
        }
    }
}

//! Words to lines that can be read while they are spoken.

use super::heard::needs_blank;

/// Letters of a line, after which the next one begins with the next word.
const LONG: usize = 80;

/// Silence after which a new line begins, in seconds.
const PAUSE: f64 = 1.0;

/// A word, and when it is said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) speaker: Option<String>,
}

/// A line, and when it is said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Segment {
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) text: String,
    pub(super) speaker: Option<String>,
}

/// Lines end with sentences, with pauses, with what a speaker says, and when they are long.
pub(super) fn segments(words: &[Word]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for word in words {
        match segments.last_mut().filter(|segment| goes_on(segment, word)) {
            Some(segment) => {
                if needs_blank(&segment.text, &word.text) {
                    segment.text.push(' ');
                }
                segment.text.push_str(&word.text);
                segment.end = word.end;
            }
            None => segments.push(Segment {
                start: word.start,
                end: word.end,
                text: word.text.trim().to_owned(),
                speaker: word.speaker.clone(),
            }),
        }
    }
    segments
}

fn goes_on(segment: &Segment, next: &Word) -> bool {
    let has_ended = segment.text.trim_end().ends_with(['.', '!', '?', '…', '。', '！', '？']);
    let is_long = segment.text.chars().count() + next.text.chars().count() > LONG;
    let pauses = next.start - segment.end > PAUSE;
    segment.speaker == next.speaker && !has_ended && !is_long && !pauses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, start: f64, speaker: Option<&str>) -> Word {
        Word { text: text.into(), start, end: start + 0.5, speaker: speaker.map(str::to_owned) }
    }

    #[test]
    fn lines_end_where_a_reader_would_end_them() {
        let words = [
            word("Hello", 0.0, Some("A")),
            word("there.", 0.5, Some("A")),
            word("Who", 1.0, Some("A")),
            word("Me", 1.5, Some("B")),
            word("again", 9.0, Some("B")),
        ];
        let lines = segments(&words);
        let told: Vec<_> =
            lines.iter().map(|line| (line.text.as_str(), line.start, line.end)).collect();
        let expected =
            [("Hello there.", 0.0, 1.0), ("Who", 1.0, 1.5), ("Me", 1.5, 2.0), ("again", 9.0, 9.5)];
        assert_eq!(told, expected);
        assert_eq!(lines[2].speaker.as_deref(), Some("B"));
    }

    #[test]
    fn lines_do_not_grow_without_end() {
        let words: Vec<Word> =
            (0..100).map(|at| word("abcdefg", f64::from(at) * 0.5, None)).collect();
        let lines = segments(&words);
        assert_eq!(lines.len(), 10);
        assert!(lines.iter().all(|line| line.text.len() <= LONG + 10));
    }
}

//! Text that seems to be typed: pieces of a stream cut small, with pauses between them.

use std::time::Duration;

/// Longer texts are not typed: it would take minutes, and they are data rather than words.
const MAX_CHARACTERS: usize = 4096;

/// How text is cut, and how long to wait after each piece (`STREAM_…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typing {
    /// Pause after the pieces of a long text.
    pub min_delay: Duration,
    /// Pause after the characters of a short text.
    pub max_delay: Duration,
    /// Texts up to so many characters are short.
    pub short: usize,
    /// Texts from so many characters on are long.
    pub long: usize,
    /// Characters in a piece of a long text; other texts are cut into single characters.
    pub piece: usize,
}

impl Typing {
    /// The pieces of one text in order, and the pause after each of them.
    ///
    /// Characters that belong together (accents, joined emoji) are not torn apart.
    pub fn pieces<'t>(&self, text: &'t str) -> (Vec<&'t str>, Duration) {
        let characters = text.chars().count();
        if characters > MAX_CHARACTERS {
            return (vec![text], Duration::ZERO);
        }
        let size = if characters >= self.long { self.piece.max(1) } else { 1 };
        (cut(text, size), self.pause(characters))
    }

    /// Between short and long the pause falls with the logarithm of the length.
    fn pause(&self, characters: usize) -> Duration {
        if characters <= self.short || self.long <= self.short {
            return if characters >= self.long { self.min_delay } else { self.max_delay };
        }
        if characters >= self.long {
            return self.min_delay;
        }
        let of = |length: usize| (length as f64 / self.short.max(1) as f64).ln();
        let share = of(characters) / of(self.long);
        let range = self.max_delay.saturating_sub(self.min_delay);
        self.max_delay.saturating_sub(range.mul_f64(share.clamp(0.0, 1.0)))
    }
}

fn cut(text: &str, size: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut count, mut joined) = (0, 0, false);
    for (at, character) in text.char_indices() {
        let belongs = joined || continues(character);
        if !belongs && count == size {
            pieces.push(&text[start..at]);
            (start, count) = (at, 0);
        }
        count += usize::from(!belongs);
        joined = character == '\u{200d}';
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

/// The character belongs to the one before it.
fn continues(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TYPING: Typing = Typing {
        min_delay: Duration::from_millis(16),
        max_delay: Duration::from_millis(24),
        short: 10,
        long: 50,
        piece: 5,
    };

    #[test]
    fn short_texts_are_typed_and_long_ones_cut() {
        let (pieces, pause) = TYPING.pieces("Héllo");
        assert_eq!((pieces, pause.as_millis()), (vec!["H", "é", "l", "l", "o"], 24));
        let long = "x".repeat(52);
        let (pieces, pause) = TYPING.pieces(&long);
        assert_eq!((pieces.len(), pieces.last().map(|last| last.len())), (11, Some(2)));
        assert_eq!(pause.as_millis(), 16);
        let between = TYPING.pieces(&"x".repeat(22)).1;
        assert!(between > TYPING.min_delay && between < TYPING.max_delay, "{between:?}");
        assert_eq!(TYPING.pieces(""), (vec![], TYPING.max_delay));
        let data = "A".repeat(1 << 20);
        assert_eq!(TYPING.pieces(&data), (vec![data.as_str()], Duration::ZERO));
    }

    #[test]
    fn what_belongs_together_stays_together() {
        assert_eq!(TYPING.pieces("e\u{301}👩‍🚀👍🏽!").0, ["e\u{301}", "👩‍🚀", "👍🏽", "!"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "\\PC{0,120}", short in 0..80_usize, long in 0..80_usize, piece in 0..9_usize) {
            let typing = Typing { short, long, piece, ..TYPING };
            let (pieces, pause) = typing.pieces(&text);
            prop_assert_eq!(&pieces.concat(), &text);
            prop_assert!(pieces.iter().all(|piece| !piece.is_empty()));
            prop_assert!((typing.min_delay..=typing.max_delay).contains(&pause));
        }
    }
}

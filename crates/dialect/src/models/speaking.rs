//! How models are asked to speak.

use super::{find, pattern};

/// How a model that turns text into speech is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speaking {
    /// It gives its speech piece by piece: 3.1 and later.
    pub streams: bool,
    /// It speaks the text word for word; how it is to be spoken stands beside it: 3.8 and later.
    /// Older ones are told in the text itself.
    pub is_structured: bool,
}

/// How a model (without `models/`) is asked to speak. Unknown ones count as the newest.
pub fn speaking(name: &str) -> Speaking {
    let since = |version| pattern::version(name).is_none_or(|known| known >= version);
    let known = find(name).and_then(|model| model.streaming);
    Speaking { streams: known.unwrap_or_else(|| since((3, 1))), is_structured: since((3, 8)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generations_speak_differently() {
        let check = |name: &str, streams, is_structured| {
            assert_eq!(speaking(name), Speaking { streams, is_structured }, "{name}");
        };
        check("gemini-2.5-flash-preview-tts", false, false);
        check("gemini-2.5-ultra-tts", false, false);
        check("gemini-3.1-flash-tts-preview", true, false);
        check("gemini-3.8-flash-lite-tts", true, true);
        check("gemini-4-argon-tts", true, true);
        check("gemini-flash-tts-latest", true, true);
    }
}

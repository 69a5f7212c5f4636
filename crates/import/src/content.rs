//! What a source holds besides logs.

use keypool::Platform;
use settings::split_list;

/// Keys, tokens and settings, as the source has them.
#[derive(Default)]
pub(crate) struct Content {
    pub(crate) keys: Vec<OldKey>,
    pub(crate) tokens: Vec<String>,
    pub(crate) settings: Vec<(String, String)>,
    /// Lists that are none, with the reason.
    pub(crate) unreadable: Vec<(&'static str, String)>,
    /// Keys that had failures.
    pub(crate) failing: u64,
}

/// A key as the source has it.
pub(crate) struct OldKey {
    pub(crate) text: String,
    /// Which of Google's APIs it is for.
    pub(crate) platform: Platform,
    pub(crate) enabled: bool,
}

impl OldKey {
    pub(crate) fn enabled(text: String) -> Self {
        Self { text, platform: Platform::Gemini, enabled: true }
    }

    fn of_vertex(text: String) -> Self {
        Self { platform: Platform::Vertex, ..Self::enabled(text) }
    }
}

impl Content {
    /// Takes the lists of keys and tokens out of the settings.
    pub(crate) fn of_settings(settings: Vec<(String, String)>) -> Self {
        let mut content = Self::default();
        for (name, value) in settings {
            match name.to_ascii_uppercase().as_str() {
                "API_KEYS" => {
                    let keys = content.list("API_KEYS", &value);
                    content.keys.extend(keys.into_iter().map(OldKey::enabled));
                }
                "VERTEX_API_KEYS" => {
                    let keys = content.list("VERTEX_API_KEYS", &value);
                    content.keys.extend(keys.into_iter().map(OldKey::of_vertex));
                }
                "ALLOWED_TOKENS" => {
                    let tokens = content.list("ALLOWED_TOKENS", &value);
                    content.tokens.extend(tokens);
                }
                _ => content.settings.push((name, value)),
            }
        }
        content
    }

    /// A list of keys, without comment lines.
    pub(crate) fn of_list(text: &str) -> Self {
        let lines: Vec<_> =
            text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
        let mut content = Self::default();
        let keys = content.list("the list", &lines.join("\n"));
        content.keys.extend(keys.into_iter().map(OldKey::enabled));
        content
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
            && self.tokens.is_empty()
            && self.settings.is_empty()
            && self.unreadable.is_empty()
    }

    fn list(&mut self, name: &'static str, text: &str) -> Vec<String> {
        entries(text).unwrap_or_else(|problem| {
            self.unreadable.push((name, problem));
            Vec::new()
        })
    }
}

/// The entries of a list with all repetitions, so that they can be counted; empty ones fall away.
fn entries(text: &str) -> Result<Vec<String>, String> {
    let entries = if let Ok(entries) = serde_json::from_str::<Vec<String>>(text) {
        entries
    } else if text.trim_start().starts_with('[') {
        split_list(text)?
    } else {
        text.split(|letter: char| letter == ',' || letter.is_whitespace())
            .map(|entry| entry.trim_matches(['"', '\'']).to_owned())
            .collect()
    };
    let trimmed = entries.into_iter().map(|entry| entry.trim().to_owned());
    Ok(trimmed.filter(|entry| !entry.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_are_kept_and_blanks_are_not() {
        let expected = ["a", "b", "a"];
        for text in [r#"["a", " b\n", "", "a"]"#, "a,b,,a", "a\nb\na\n", "'a' \"b\" a"] {
            assert_eq!(entries(text).unwrap(), expected, "{text}");
        }
        assert!(entries("[\"a\"").is_err());
        assert_eq!(entries("['a', 'b']").unwrap(), ["a", "b"]);
    }

    #[test]
    fn lists_are_no_settings() {
        let settings = [
            ("API_KEYS", "[\"a\"]"),
            ("VERTEX_API_KEYS", "[\"v\"]"),
            ("ALLOWED_TOKENS", "t\nu"),
            ("TIME_OUT", "1"),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let content = Content::of_settings(settings.to_vec());
        let keys: Vec<_> =
            content.keys.iter().map(|key| (key.text.as_str(), key.platform)).collect();
        assert_eq!(keys, [("a", Platform::Gemini), ("v", Platform::Vertex)]);
        assert_eq!(content.tokens.len(), 2);
        assert_eq!(content.settings.len(), 1);
    }
}

//! A `.env` file as python-dotenv reads it: values need no quotes, and may then hold some.

/// The settings of a file, in its order. Of two lines for the same name the last one counts.
pub(crate) fn parse(text: &str) -> Vec<(String, String)> {
    let mut settings: Vec<(String, String)> = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return settings;
        }
        let Some((name, after)) = assignment(rest) else {
            rest = next_line(rest);
            continue;
        };
        let (value, after) = quoted(after).unwrap_or_else(|| plain(after));
        settings.retain(|(known, _)| known != name);
        settings.push((name.to_owned(), value));
        rest = next_line(after);
    }
}

/// Whether a text is such a file, and not a list of keys: some line sets something, no other is
/// there besides comments.
pub(crate) fn is_env_file(text: &str) -> bool {
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .is_some_and(|line| assignment(line.strip_prefix('\u{feff}').unwrap_or(line)).is_some())
}

/// The name that the first line sets, and the text behind its equals sign.
fn assignment(text: &str) -> Option<(&str, &str)> {
    let line = text.lines().next()?;
    let (name, _) = line.split_once('=')?;
    let after = text[name.len() + 1..].trim_start_matches([' ', '\t']);
    let name = name.trim();
    let name = name.strip_prefix("export ").map_or(name, str::trim_start);
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.';
    (!name.is_empty() && name.chars().all(fits)).then_some((name, after))
}

/// A value in quotes, which may go on over several lines, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let mut value = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((index, letter)) = letters.next() {
        match letter {
            '\\' => match letters.next()?.1 {
                'n' if quote == '"' => value.push('\n'),
                't' if quote == '"' => value.push('\t'),
                escaped if escaped == quote || escaped == '\\' => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            _ if letter == quote => return Some((value, &text[index + 1..])),
            _ => value.push(letter),
        }
    }
    None
}

/// A value without quotes: up to the line's end, or to a comment.
fn plain(text: &str) -> (String, &str) {
    let line = text.lines().next().unwrap_or_default();
    let comment = line
        .match_indices('#')
        .map(|(index, _)| index)
        .find(|index| line[..*index].chars().next_back().is_none_or(char::is_whitespace));
    let value = comment.map_or(line, |index| &line[..index]);
    (value.trim_end().to_owned(), &text[line.len()..])
}

fn next_line(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, after)| after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_in_all_forms_that_people_write() {
        let text = r#"
# A comment with = in it
API_KEYS=["AIza1", "AIza2"]   # two
export AUTH_TOKEN = 'sk-#1' # secret
TEST_MODEL="gemini-2.5\"x\""
EMPTY=
SAFETY_SETTINGS='[
  {"category": "A"}
]'
URL=http://host/#fragment
TIME_OUT=300
TIME_OUT=301
OPEN="never closed
no assignment here
"#;
        let expected = [
            ("API_KEYS", r#"["AIza1", "AIza2"]"#),
            ("AUTH_TOKEN", "sk-#1"),
            ("TEST_MODEL", r#"gemini-2.5"x""#),
            ("EMPTY", ""),
            ("SAFETY_SETTINGS", "[\n  {\"category\": \"A\"}\n]"),
            ("URL", "http://host/#fragment"),
            ("TIME_OUT", "301"),
            ("OPEN", "\"never closed"),
        ];
        let parsed = parse(text);
        let parsed: Vec<_> = parsed.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(parsed, expected);
    }

    #[test]
    fn lists_of_keys_are_told_from_settings() {
        for text in ["A=b", "# keys\n\nexport A=[\n", "\u{feff}A=1\r\n"] {
            assert!(is_env_file(text), "{text:?}");
        }
        for text in ["", "AIzaOne\nAIzaTwo", "[\"AIza=\"]", "AIza+x/=\n"] {
            assert!(!is_env_file(text), "{text:?}");
        }
    }
}

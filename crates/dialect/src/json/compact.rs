//! Valid JSON without the whitespace between its tokens.

use std::borrow::Cow;

/// Removes insignificant whitespace from valid JSON; key order, numbers and escapes stay.
pub(crate) fn compact(json: &str) -> Cow<'_, str> {
    let mut in_string = false;
    let mut escaped = false;
    let significant = |character: char| {
        if in_string {
            if escaped {
                escaped = false;
            } else if character == '\\' {
                escaped = true;
            } else if character == '"' {
                in_string = false;
            }
            return true;
        }
        in_string = character == '"';
        !matches!(character, ' ' | '\t' | '\n' | '\r')
    };
    if json.bytes().any(|byte| byte.is_ascii_whitespace()) {
        Cow::Owned(json.chars().filter(char_filter(significant)).collect())
    } else {
        Cow::Borrowed(json)
    }
}

fn char_filter(mut keep: impl FnMut(char) -> bool) -> impl FnMut(&char) -> bool {
    move |character| keep(*character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_keep_their_spaces() {
        assert_eq!(compact("{ \"a b\" : [ 1 ,\n\t\"x \\\" y\" ] }"), r#"{"a b":[1,"x \" y"]}"#);
        assert!(matches!(compact("{}"), Cow::Borrowed("{}")));
    }
}

//! What prompts say in braces: `{n:2}` and `{ratio:16:9}`, for clients that can set nothing else.

use std::borrow::Cow;

use super::proportions::Ratio;
use crate::DialectError;

/// A prompt without its directives.
pub(super) struct Directives<'p> {
    pub(super) prompt: Cow<'p, str>,
    pub(super) pictures: Option<i64>,
    pub(super) ratio: Option<Ratio>,
}

/// Takes the directives out of a prompt; of several alike the last counts.
pub(super) fn read(prompt: Cow<'_, str>) -> Result<Directives<'_>, DialectError> {
    let (mut pictures, mut ratio) = (None, None);
    let mut left = String::new();
    let mut rest = &*prompt;
    while let Some((before, from)) = rest.find('{').map(|at| rest.split_at(at)) {
        let directive = from.find('}').map(|end| (&from[1..end], &from[end + 1..]));
        let kept = match directive.map(|(inside, after)| (parse(inside), after)) {
            Some((Some(Directive::Pictures(count)), after)) => {
                pictures = Some(count);
                rest = after;
                before
            }
            Some((Some(Directive::Ratio(wish)), after)) => {
                ratio = Some(wish);
                rest = after;
                before
            }
            _ => {
                let kept = &rest[..=before.len()];
                rest = &from[1..];
                kept
            }
        };
        left.push_str(kept);
    }
    let prompt = if pictures.is_none() && ratio.is_none() {
        prompt
    } else {
        left.push_str(rest);
        Cow::Owned(left.trim().to_owned())
    };
    if prompt.trim().is_empty() {
        return Err(DialectError::missing("prompt"));
    }
    Ok(Directives { prompt, pictures, ratio })
}

enum Directive {
    Pictures(i64),
    Ratio(Ratio),
}

fn parse(inside: &str) -> Option<Directive> {
    let (name, value) = inside.split_once(':')?;
    match name.trim() {
        "n" => value.trim().parse().ok().map(Directive::Pictures),
        "ratio" => Ratio::parse(value.trim(), ':').map(Directive::Ratio),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(prompt: &str) -> (String, Option<i64>, Option<Ratio>) {
        let read = read(prompt.into()).unwrap();
        (read.prompt.into_owned(), read.pictures, read.ratio)
    }

    #[test]
    fn directives_are_taken_out_and_other_braces_stay() {
        let wide = Ratio::parse("16:9", ':');
        assert_eq!(told("a cat {n:2} {ratio:16:9}"), ("a cat".into(), Some(2), wide));
        assert_eq!(told("{n:1}{n: 3}a {cat}"), ("a {cat}".into(), Some(3), None));
        for plain in ["a cat", "{", "}{ {n:} {ratio:wide} {x:1}", "é{n:1", "{{n}}"] {
            assert_eq!(told(plain), (plain.to_owned(), None, None));
        }
        assert!(read("{n:2} ".into()).is_err());
    }
}

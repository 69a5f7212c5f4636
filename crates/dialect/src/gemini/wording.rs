//! What clients are told of Google's errors, whatever their dialect.

use std::borrow::Cow;

/// Told instead of Google's words about a pool key.
pub(crate) const CREDENTIALS: &str = "The upstream refused the credentials of this gateway.";

const OVERLOADED: &str = "The upstream model is overloaded. Please try again later.";

/// What a status alone says, for bodies that are no error object.
pub(crate) fn of_status(status: u16) -> &'static str {
    match status {
        404 => "The upstream does not know this resource.",
        413 => "The request is too large for the upstream.",
        429 => "The upstream's quota is used up.",
        503 => OVERLOADED,
        408 | 504 => "The upstream took too long.",
        400..=499 => "The upstream refused the request.",
        _ => "The upstream failed.",
    }
}

/// What is told of an error that came in the middle of a stream.
pub(crate) fn within_answer(code: u16) -> &'static str {
    match code {
        503 => OVERLOADED,
        429 => "The upstream's quota was used up within the answer.",
        504 => "The upstream took too long.",
        _ => "The upstream failed within the answer.",
    }
}

/// The numbers of a prompt that is too long.
pub(crate) struct ContextLength<'a> {
    /// Tokens of the prompt, where Google says.
    pub(crate) counted: Option<&'a str>,
    /// Most tokens that the model takes.
    pub(crate) allowed: &'a str,
}

impl<'a> ContextLength<'a> {
    /// `… The input token count (N) exceeds the maximum number of tokens allowed (M).`
    pub(crate) fn read(message: &'a str) -> Option<Self> {
        if !(message.contains("input token count") && message.contains("exceeds")) {
            return None;
        }
        let mut numbers = message
            .split(|character: char| !character.is_ascii_digit())
            .filter(|digits| !digits.is_empty());
        let first = numbers.next()?;
        Some(match numbers.next_back() {
            Some(allowed) => Self { counted: Some(first), allowed },
            None => Self { counted: None, allowed: first },
        })
    }
}

/// Project numbers are none of the client's business.
pub(crate) fn without_projects(message: &str) -> Cow<'_, str> {
    const MARK: &str = "projects/";
    if !message.contains(MARK) {
        return Cow::Borrowed(message);
    }
    let mut pieces = message.split(MARK);
    let mut told = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        told.push_str(MARK);
        told.push('…');
        let end = |character: char| !(character.is_ascii_alphanumeric() || character == '-');
        told.push_str(piece.find(end).map_or("", |end| &piece[end..]));
    }
    Cow::Owned(told)
}

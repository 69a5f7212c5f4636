//! What a client token may use.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::text::{INDEXED, fitting};

/// The most patterns of models.
const MOST_MODELS: usize = 64;

/// What a client token may use; what is left out is not limited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenLimits {
    /// Requests in any minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u64>,
    /// Requests in a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_day: Option<u64>,
    /// Tokens in any minute, those read and those written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_minute: Option<u64>,
    /// Tokens in a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_day: Option<u64>,
    /// What may be spent in a day, by list price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_per_day: Option<Cost>,
    /// What may be spent in a month, by list price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_per_month: Option<Cost>,
    /// Requests at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u64>,
    /// The models that may be asked, by the names that Google knows; `*` stands for anything. All
    /// of them if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
}

impl TokenLimits {
    /// Whether there is something to count against.
    pub fn counts(&self) -> bool {
        let Self {
            requests_per_minute,
            requests_per_day,
            tokens_per_minute,
            tokens_per_day,
            budget_per_day,
            budget_per_month,
            concurrency,
            models: _,
        } = self;
        let counts =
            [requests_per_minute, requests_per_day, tokens_per_minute, tokens_per_day, concurrency];
        counts.iter().any(|limit| limit.is_some())
            || [budget_per_day, budget_per_month].iter().any(|budget| budget.is_some())
    }

    /// Whether a model (without `models/`) may be asked.
    pub fn allows(&self, model: &str) -> bool {
        self.models.is_empty() || self.models.iter().any(|pattern| fits(pattern, model))
    }

    /// The text that is stored, or `None` for no limits at all.
    pub(crate) fn text(&self) -> Result<Option<String>, StoreError> {
        let models = checked_models(&self.models)?;
        let limits = Self { models, ..self.clone() };
        let nothing = limits == Self::default();
        Ok((!nothing).then(|| serde_json::json!(limits).to_string()))
    }
}

fn checked_models(models: &[String]) -> Result<Vec<String>, StoreError> {
    let mut kept: Vec<String> = Vec::with_capacity(models.len());
    for pattern in models {
        let pattern = pattern.trim();
        let pattern = pattern.strip_prefix("models/").unwrap_or(pattern);
        let pattern = fitting("the pattern of a model", pattern, INDEXED)?;
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "*-_./:@".contains(letter);
        if pattern.is_empty() || !pattern.chars().all(is_plain) {
            return Err(StoreError::Model(pattern.into_owned()));
        }
        if !kept.iter().any(|known| *known == pattern) {
            kept.push(pattern.into_owned());
        }
    }
    if kept.len() > MOST_MODELS {
        return Err(StoreError::TooLarge {
            field: "the number of models",
            maximum: MOST_MODELS as u32,
        });
    }
    Ok(kept)
}

/// Whether a name is as the pattern says, in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(start) else { return false };
    let mut pieces = rest.split('*').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return name.ends_with(piece);
        }
        match name.find(piece) {
            Some(place) => name = &name[place + piece.len()..],
            None => return false,
        }
    }
    true
}

/// Money, by list price: billionths of a dollar, since a token costs less than a millionth.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Cost(u64);

impl Cost {
    const DOLLAR: u64 = 1_000_000_000;
    const DIGITS: usize = 9;

    /// So many billionths of a dollar.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// In billionths of a dollar.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// In dollars, for what is only shown.
    pub fn dollars(self) -> f64 {
        self.0 as f64 / Self::DOLLAR as f64
    }
}

/// Why a text is no amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("accepted is an amount in dollars like 5 or 0.25, up to 1000000")]
pub struct NoAmount;

impl FromStr for Cost {
    type Err = NoAmount;

    /// Dollars: `5`, `0.25`, `$12.50`.
    fn from_str(text: &str) -> Result<Self, NoAmount> {
        const MOST: u64 = 1_000_000;
        let text = text.trim();
        let text = text.strip_prefix('$').unwrap_or(text);
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| text.chars().all(|digit| digit.is_ascii_digit());
        if whole.is_empty() || part.len() > Self::DIGITS || !digits(whole) || !digits(part) {
            return Err(NoAmount);
        }
        let whole: u64 = whole.parse().map_err(|_| NoAmount)?;
        let part: u64 = format!("{part:0<9}").parse().map_err(|_| NoAmount)?;
        let nanos = whole.checked_mul(Self::DOLLAR).and_then(|nanos| nanos.checked_add(part));
        nanos.filter(|nanos| *nanos <= MOST * Self::DOLLAR).map(Self).ok_or(NoAmount)
    }
}

/// Dollars with at least the cents: `5.00`, `0.0075`.
impl fmt::Display for Cost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = format!("{:09}", self.0 % Self::DOLLAR);
        let shown = part.trim_end_matches('0').len().max(2);
        write!(formatter, "{}.{}", self.0 / Self::DOLLAR, &part[..shown])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name, expected) in [
            ("gemini-3.8-flash", "gemini-3.8-flash", true),
            ("gemini-3.8-flash", "gemini-3.8-flash-lite", false),
            ("gemini-*", "gemini-3.8-flash", true),
            ("gemini-*-flash", "gemini-3.8-flash", true),
            ("gemini-*-flash", "gemini-3.8-flash-lite", false),
            ("*flash*", "gemini-3.8-flash-lite", true),
            ("*", "", true),
            ("a*a", "a", false),
            ("*-lite", "gemini-lite-lite", true),
            ("", "gemini", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
        assert!(TokenLimits::default().allows("anything"));
    }

    #[test]
    fn money_is_read_and_shown_in_dollars() {
        for (text, shown) in [
            ("5", "5.00"),
            ("$0.0075", "0.0075"),
            ("12.5", "12.50"),
            ("0.000000001", "0.000000001"),
        ] {
            assert_eq!(text.parse::<Cost>().unwrap().to_string(), shown);
        }
        for wrong in ["", "-1", "1e3", "1,5", ".5", "1.0000000001", "1000001", "five"] {
            assert_eq!(wrong.parse::<Cost>(), Err(NoAmount), "{wrong}");
        }
    }

    #[test]
    fn limits_are_stored_as_what_was_set() {
        assert_eq!(TokenLimits::default().text().unwrap(), None);
        let models = vec![" models/gemini-* ".to_owned(), "gemini-*".to_owned()];
        let limits = TokenLimits { requests_per_minute: Some(2), models, ..TokenLimits::default() };
        let text = limits.text().unwrap().unwrap();
        assert_eq!(text, r#"{"requests_per_minute":2,"models":["gemini-*"]}"#);
        let models = vec!["two words".to_owned()];
        let wrong = TokenLimits { models, ..TokenLimits::default() };
        assert!(wrong.text().unwrap_err().to_string().contains("two words"));
    }
}

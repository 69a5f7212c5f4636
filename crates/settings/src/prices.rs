//! What models cost by Google's price list, and what an administrator says they cost.

use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Dollars per million tokens, kept as whole millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(u64);

impl Rate {
    const MOST: f64 = 1_000_000.0;

    /// What so many tokens cost, in billionths of a dollar.
    pub fn nanos(self, tokens: u64) -> u64 {
        tokens.saturating_mul(self.0) / 1_000
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let dollars = f64::deserialize(deserializer)?;
        if !(0.0..=Self::MOST).contains(&dollars) {
            let problem = "a price is a number of dollars per million tokens from 0 to 1000000";
            return Err(serde::de::Error::custom(problem));
        }
        Ok(Self((dollars * 1e6).round() as u64))
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(1_000_000) {
            return serializer.serialize_u64(self.0 / 1_000_000);
        }
        serializer.serialize_f64(self.0 as f64 / 1e6)
    }
}

/// What the tokens of some models cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelPrice {
    /// The model, without `models/`; `*` at its end stands for anything.
    pub model: String,
    /// Tokens that are read.
    pub input: Rate,
    /// Of those, the ones that Google had in its cache; as others if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<Rate>,
    /// Tokens that are written, thoughts included.
    pub output: Rate,
    /// What requests with long prompts cost instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long: Option<LongPrice>,
    /// The last day on which this holds, as in `2026-12-31`; afterwards a later entry does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// What tokens of requests with long prompts cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongPrice {
    /// Prompts with more tokens than this are long.
    pub over: u64,
    /// Tokens that are read.
    pub input: Rate,
    /// Of those, the ones that Google had in its cache; as others if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<Rate>,
    /// Tokens that are written, thoughts included.
    pub output: Rate,
}

impl ModelPrice {
    /// Whether it is about a model (without `models/`) on a day.
    pub fn holds(&self, model: &str, day: &str) -> bool {
        let fits = match self.model.strip_suffix('*') {
            Some(start) => model.starts_with(start),
            None => model == self.model,
        };
        fits && self.until.as_deref().is_none_or(|last| day <= last)
    }

    /// What a request costs, in billionths of a dollar: `prompt` tokens are read, `cached` of them
    /// from Google's cache, and `output` tokens are written.
    pub fn nanos(&self, prompt: u64, cached: u64, output: u64) -> u64 {
        let long = self.long.as_ref().filter(|long| prompt > long.over);
        let (fresh_rate, cached_rate, output_rate) = match long {
            Some(long) => (long.input, long.cached_input, long.output),
            None => (self.input, self.cached_input, self.output),
        };
        let cached = cached.min(prompt);
        let read = fresh_rate.nanos(prompt - cached);
        let known = cached_rate.unwrap_or(fresh_rate).nanos(cached);
        read.saturating_add(known).saturating_add(output_rate.nanos(output))
    }
}

/// A list of prices with the day on which it was true.
#[derive(Debug, Deserialize)]
pub struct PriceList {
    /// The day, as in `2026-11-21`.
    pub as_of: String,
    /// Of several entries that hold for a model, the first counts.
    pub prices: Vec<ModelPrice>,
}

/// Google's list prices as far as they are known to this version.
pub fn list_prices() -> &'static PriceList {
    static LIST: LazyLock<PriceList> = LazyLock::new(|| {
        // A test reads it, so it can be read.
        serde_json::from_str(include_str!("prices.json"))
            .unwrap_or_else(|_| PriceList { as_of: String::new(), prices: Vec::new() })
    });
    &LIST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(model: &str, day: &str) -> &'static ModelPrice {
        list_prices().prices.iter().find(|price| price.holds(model, day)).unwrap()
    }

    #[test]
    fn the_list_can_be_read_and_has_an_answer_for_every_model() {
        let list: PriceList = serde_json::from_str(include_str!("prices.json")).unwrap();
        assert_eq!(list.as_of.len(), "2026-11-21".len());
        assert_eq!(price("a-model-of-tomorrow", "2026-11-26").model, "*");
        assert_eq!(price("gemini-2.5-flash-lite", "2026-11-26").model, "gemini-2.5-flash-lite");
    }

    #[test]
    fn a_price_ends_with_its_last_day() {
        let nanos = |day| price("gemini-3.8-flash", day).nanos(1_000_000, 0, 0);
        assert_eq!(nanos("2026-12-31"), 750_000_000);
        assert_eq!(nanos("2027-01-01"), 1_500_000_000);
    }

    #[test]
    fn cached_tokens_and_long_prompts_have_prices_of_their_own() {
        let pro = price("gemini-2.5-pro", "2026-11-26");
        assert_eq!(pro.nanos(1_000, 400, 100), 600 * 1_250 + 400 * 125 + 100 * 10_000);
        assert_eq!(pro.nanos(200_001, 0, 1), 200_001 * 2_500 + 15_000);
        let lite = price("gemini-3.5-flash-lite", "2026-11-26");
        assert_eq!(lite.nanos(10, 10, 0), 10 * 300, "without a price of its own it is as others");
        assert_eq!(lite.nanos(10, 99, 0), 10 * 300, "no more than there is");
    }
}

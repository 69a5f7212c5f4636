//! What requests cost by list price.

use keypool::Usage;
use settings::{ModelPrice, list_prices};

/// The prices that are in force: the administrator's, then Google's list.
#[derive(Debug)]
pub(crate) struct Prices(Vec<ModelPrice>);

impl Prices {
    pub(crate) fn new(own: &[ModelPrice]) -> Self {
        Self(own.iter().chain(&list_prices().prices).cloned().collect())
    }

    /// What a model costs on a day.
    pub(crate) fn of(&self, model: &str, day: &str) -> Option<&ModelPrice> {
        self.0.iter().find(|price| price.holds(model, day))
    }

    /// What an answer of a model cost on a day, in billionths of a dollar.
    pub(crate) fn nanos(&self, model: &str, day: &str, usage: &Usage) -> u64 {
        self.of(model, day).map_or(0, |price| {
            let read = usage.prompt + usage.tool_prompt;
            price.nanos(read, usage.cached, usage.completion + usage.thoughts)
        })
    }

    /// What reading so many tokens will cost at the most.
    pub(crate) fn nanos_read(&self, model: &str, day: &str, tokens: u64) -> u64 {
        self.nanos(model, day, &Usage { prompt: tokens, ..Usage::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_administrators_price_goes_before_the_list() {
        let own = r#"[{"model": "gemini-2.5-flash", "input": 1, "output": 2}]"#;
        let own: Vec<ModelPrice> = serde_json::from_str(own).unwrap();
        let usage = Usage { prompt: 1_000, thoughts: 10, completion: 90, ..Usage::default() };
        let day = "2026-11-26";
        assert_eq!(Prices::new(&own).nanos("gemini-2.5-flash", day, &usage), 1_200_000);
        let list = Prices::new(&[]);
        assert_eq!(list.nanos("gemini-2.5-flash", day, &usage), 300_000 + 250_000);
        assert!(list.nanos("a-model-of-tomorrow", day, &usage) > 0, "what is unknown is not free");
    }
}

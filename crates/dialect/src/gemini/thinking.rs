//! How much a client wants the model to think, in Gemini's words.

use serde::Serialize;

use crate::models::{Level, Levels, Thinking};

/// What the client asked for, in the words of any dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    None,
    Minimal,
    Low,
    Medium,
    High,
    /// `xhigh` and `max`.
    Most,
    /// Tokens to think with.
    Tokens(u32),
}

impl Effort {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "none" | "off" | "disabled" => Self::None,
            "minimal" => Self::Minimal,
            "low" => Self::Low,
            "medium" => Self::Medium,
            "high" => Self::High,
            "xhigh" | "max" => Self::Most,
            _ => return None,
        })
    }
}

/// `generationConfig.thinkingConfig`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ThinkingConfig {
    /// -1 leaves it to the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) thinking_budget: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) thinking_level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) include_thoughts: Option<bool>,
}

impl ThinkingConfig {
    /// The nearest that the model can do; `None` where it refuses to be asked.
    pub(crate) fn new(thinking: Thinking, effort: Option<Effort>, show: bool) -> Option<Self> {
        let mut config = Self { include_thoughts: show.then_some(true), ..Self::default() };
        match (thinking, effort) {
            (Thinking::None, _) => return None,
            (_, None) if !show => return None,
            (_, None) => {}
            (Thinking::Level(levels), Some(effort)) => {
                config.thinking_level = Some(nearest(levels, effort).wire_name());
            }
            (Thinking::Budget { min, max, can_disable }, Some(effort)) => {
                config.thinking_budget = Some(i64::from(tokens(effort, min, max, can_disable)));
            }
        }
        Some(config)
    }
}

fn nearest(levels: Levels, effort: Effort) -> Level {
    let first = |wanted: &[Level]| wanted.iter().copied().find(|level| levels.has(*level));
    let found = match effort {
        Effort::None | Effort::Tokens(0) => None,
        Effort::Minimal => first(&[Level::Minimal, Level::Low]),
        Effort::Low | Effort::Tokens(..=1024) => first(&[Level::Low]),
        Effort::Medium | Effort::Tokens(..=8192) => first(&[Level::Medium, Level::High]),
        Effort::High | Effort::Tokens(_) => first(&[Level::High]),
        Effort::Most => first(&[Level::XHigh, Level::High]),
    };
    found.unwrap_or_else(|| levels.lowest())
}

fn tokens(effort: Effort, min: u32, max: u32, can_disable: bool) -> u32 {
    match effort {
        Effort::None | Effort::Tokens(0) if can_disable => 0,
        Effort::None => min,
        Effort::Minimal | Effort::Low => 1024.clamp(min, max),
        Effort::Medium => 8192.clamp(min, max),
        Effort::High => 24_576.clamp(min, max),
        Effort::Most => max,
        Effort::Tokens(tokens) => tokens.clamp(min, max),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::rules;

    fn asked(model: &str, effort: &str) -> String {
        let config = ThinkingConfig::new(rules(model).thinking, Effort::parse(effort), false);
        serde_json::to_string(&config).unwrap()
    }

    #[test]
    fn every_effort_finds_the_nearest_that_the_model_has() {
        let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
        let table = |model: &str| efforts.map(|effort| asked(model, effort)).join("\n");
        let level = |names: [&str; 7]| {
            names.map(|name| format!("{{\"thinkingLevel\":\"{name}\"}}")).join("\n")
        };
        let budget = |numbers: [u32; 7]| {
            numbers.map(|number| format!("{{\"thinkingBudget\":{number}}}")).join("\n")
        };
        assert_eq!(
            table("gemini-3.8-flash"),
            level(["LOW", "LOW", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"])
        );
        assert_eq!(
            table("gemini-3.1-pro-preview"),
            level(["LOW", "LOW", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"])
        );
        assert_eq!(
            table("gemini-4-hydrogen"),
            level(["LOW", "LOW", "LOW", "MEDIUM", "HIGH", "xhigh", "xhigh"])
        );
        assert_eq!(
            table("gemini-3.1-flash-image"),
            level(["MINIMAL", "MINIMAL", "MINIMAL", "HIGH", "HIGH", "HIGH", "HIGH"])
        );
        assert_eq!(
            table("gemini-2.5-pro"),
            budget([128, 1024, 1024, 8192, 24_576, 32_768, 32_768])
        );
        assert_eq!(
            table("gemini-2.5-flash-lite"),
            budget([0, 1024, 1024, 8192, 24_576, 24_576, 24_576])
        );
        assert_eq!(asked("gemma-4-31b-it", "high"), "null");
        assert_eq!(asked("gemini-2.0-flash", "high"), "null");
    }

    #[test]
    fn token_budgets_are_kept_in_range_or_become_levels() {
        let with = |model: &str, tokens| {
            ThinkingConfig::new(rules(model).thinking, Some(Effort::Tokens(tokens)), true).unwrap()
        };
        assert_eq!(with("gemini-2.5-flash-lite", 10).thinking_budget, Some(512));
        assert_eq!(with("gemini-2.5-pro", 0).thinking_budget, Some(128));
        assert_eq!(with("gemini-3.8-flash", 4000).thinking_level, Some("MEDIUM"));
        assert_eq!(with("gemini-3.8-flash", 4000).include_thoughts, Some(true));
    }
}

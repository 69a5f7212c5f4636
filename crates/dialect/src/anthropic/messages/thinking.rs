//! `thinking` and `output_config.effort`.

use super::body::{MessagesBody, ThinkingSwitch};
use crate::{
    DialectError,
    gemini::thinking::{Effort, ThinkingConfig},
    json::{Text, number::Integer},
    models::{Rules, Thinking},
};

/// What the client wants to see of the model's thinking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Thoughts {
    /// No thinking blocks at all.
    #[default]
    Off,
    /// Thinking blocks without text, which carry signatures.
    Omitted,
    /// Thinking blocks.
    Shown,
}

/// Reads what the client wants, and how to ask Gemini for it.
pub(super) fn read(
    body: &MessagesBody<'_>,
    rules: &Rules,
) -> Result<(Thoughts, Option<ThinkingConfig>), DialectError> {
    let effort = effort(body)?;
    let Some(switch) = &body.thinking else {
        let effort = effort.unwrap_or(Effort::None);
        return Ok((Thoughts::Off, ThinkingConfig::new(rules.thinking, Some(effort), false)));
    };
    let budget = match switch.kind.decode().as_ref() {
        "disabled" => {
            let config = ThinkingConfig::new(rules.thinking, Some(Effort::None), false);
            return Ok((Thoughts::Off, config));
        }
        "enabled" => Some(budget(switch, rules)?),
        "adaptive" | "between_tools" => None,
        other => {
            let names = "enabled, disabled, adaptive, between_tools";
            let param = "thinking.type";
            let message = format!("Invalid value for '{param}': '{other}' is none of {names}.");
            return Err(DialectError::invalid(param, message));
        }
    };
    let thoughts = thoughts(switch);
    let show = thoughts == Thoughts::Shown;
    let wanted = budget.or(effort);
    let config = ThinkingConfig::new(rules.thinking, wanted, show);
    if wanted.is_none() && matches!(rules.thinking, Thinking::Budget { .. }) {
        let config = ThinkingConfig { thinking_budget: Some(-1), ..config.unwrap_or_default() };
        return Ok((thoughts, Some(config)));
    }
    Ok((thoughts, config))
}

fn thoughts(switch: &ThinkingSwitch<'_>) -> Thoughts {
    match &switch.display {
        Some(display) if display.decode() == "omitted" => Thoughts::Omitted,
        _ => Thoughts::Shown,
    }
}

fn effort(body: &MessagesBody<'_>) -> Result<Option<Effort>, DialectError> {
    let name = body.output_config.as_ref().and_then(|config| config.effort.as_ref());
    let Some(name) = name.map(Text::decode) else { return Ok(None) };
    match name.as_ref() {
        "low" | "medium" | "high" | "xhigh" | "max" => Ok(Effort::parse(&name)),
        other => {
            let param = "output_config.effort";
            let names = "low, medium, high, xhigh, max";
            let message = format!("Invalid value for '{param}': '{other}' is none of {names}.");
            Err(DialectError::invalid(param, message))
        }
    }
}

/// A budget for models that have budgets, the level that it stands for elsewhere.
fn budget(switch: &ThinkingSwitch<'_>, rules: &Rules) -> Result<Effort, DialectError> {
    let param = "thinking.budget_tokens";
    let Integer(tokens) = switch.budget_tokens.ok_or_else(|| DialectError::missing(param))?;
    if tokens < 1 {
        let message = format!("Invalid value for '{param}': must be at least 1.");
        return Err(DialectError::invalid(param, message));
    }
    let by_level = matches!(rules.thinking, Thinking::Level(_));
    Ok(match tokens {
        ..4096 if by_level => Effort::Low,
        ..16_384 if by_level => Effort::Medium,
        _ if by_level => Effort::High,
        tokens => Effort::Tokens(u32::try_from(tokens).unwrap_or(u32::MAX)),
    })
}

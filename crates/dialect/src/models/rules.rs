//! How a request must be written for a model.

use std::{collections::HashMap, sync::LazyLock};

use super::{all, pattern, registry::Model, registry::ThinkingFacts};

/// Generation of a model, which decides how requests are written for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Open models: no system instruction, no thinking.
    Gemma,
    /// 2.5 and older: thinking budgets, prefill and candidates allowed.
    Gemini25,
    /// 3 to 3.5: thinking levels, signatures required.
    Gemini3,
    /// 3.6 and later: as 3, without sampling fields; the last content must be the user's.
    Gemini36,
    /// 4 and later: as 3.6, with long decode.
    Gemini4,
}

/// How much a model of generation 3 or later thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nearly not.
    Minimal,
    /// A little.
    Low,
    /// The default of most models.
    Medium,
    /// Much.
    High,
    /// Most; only few models have it.
    XHigh,
}

impl Level {
    const ALL: [Self; 5] = [Self::Minimal, Self::Low, Self::Medium, Self::High, Self::XHigh];

    /// The value of `thinkingLevel`.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Minimal => "MINIMAL",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            // Newer than the enum of the API description, where clients send it in lower case.
            Self::XHigh => "xhigh",
        }
    }
}

/// The levels that a model knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Levels(u8);

impl Levels {
    /// All from `lowest` to `highest`.
    pub(super) fn range(lowest: Level, highest: Level) -> Self {
        let within = |level: &&Level| (lowest..=highest).contains(*level);
        Self::of(Level::ALL.iter().filter(within).copied())
    }

    fn of(levels: impl Iterator<Item = Level>) -> Self {
        Self(levels.fold(0, |set, level| set | 1 << level as u8))
    }

    /// The model knows this level.
    pub fn has(self, level: Level) -> bool {
        self.0 & (1 << level as u8) != 0
    }

    /// The level that thinks least.
    pub fn lowest(self) -> Level {
        Level::ALL.into_iter().find(|level| self.has(*level)).unwrap_or(Level::Low)
    }
}

/// How thinking is controlled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thinking {
    /// `thinkingConfig` is an error.
    None,
    /// By `thinkingLevel`; cannot be switched off.
    Level(Levels),
    /// By `thinkingBudget`, in tokens.
    Budget {
        /// Least budget besides 0.
        min: u32,
        /// Greatest budget.
        max: u32,
        /// 0 is allowed.
        can_disable: bool,
    },
}

/// How a request must be written for a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "a table of what a model can do")]
pub struct Rules {
    /// The generation whose rules apply.
    pub family: Family,
    /// How thinking is controlled.
    pub thinking: Thinking,
    /// Most tokens of an answer, where known.
    pub max_output: Option<u64>,
    /// Temperature, top-p and top-k are honoured.
    pub sampling: bool,
    /// Presence and frequency penalties are accepted.
    pub penalties: bool,
    /// More than one candidate can be asked for.
    pub candidates: bool,
    /// The last content may be the model's (prefill).
    pub prefill: bool,
    /// There is a system instruction.
    pub system_instruction: bool,
    /// It can answer with pictures.
    pub images: bool,
    /// It can answer with speech.
    pub speech: bool,
}

impl Rules {
    /// Generation 3 and later: signatures, media resolution per part, files in tool results,
    /// built-in tools beside functions.
    pub fn is_generation_3(&self) -> bool {
        self.family >= Family::Gemini3
    }

    /// Answers may be longer than one call gives: Gemini 4 and later. Such a model is asked by
    /// `streamGenerateContent` even for clients that want no stream, since a call gives more then,
    /// and its answers go through [`Continuation`](crate::gemini::Continuation).
    pub fn long_decode(&self) -> bool {
        self.family >= Family::Gemini4
    }
}

/// The rules for each model of the registry: every request asks for them, more than once.
static KNOWN: LazyLock<HashMap<&str, Rules>> = LazyLock::new(|| {
    let rules = |model: &'static Model| (model.id, refine(pattern::rules(model.id), model));
    all().iter().map(rules).collect()
});

/// The rules for a model name (without `models/`), known or not.
pub fn rules(name: &str) -> Rules {
    KNOWN.get(name).copied().unwrap_or_else(|| pattern::rules(name))
}

fn refine(guess: Rules, model: &Model) -> Rules {
    let thinking = match &model.thinking {
        Some(facts) => read_thinking(facts).unwrap_or(guess.thinking),
        None => guess.thinking,
    };
    let sampling = model.sampling_params.map(|prose| !prose.starts_with("ignored"));
    Rules {
        family: guess.family,
        thinking,
        max_output: model.max_output,
        sampling: sampling.unwrap_or(guess.sampling),
        penalties: model.penalties.unwrap_or(guess.penalties),
        candidates: model.candidate_count.unwrap_or(guess.candidates),
        prefill: model.last_turn_model_allowed.unwrap_or(guess.prefill),
        system_instruction: model.system_instruction.unwrap_or(guess.system_instruction),
        images: guess.images || model.output.contains(&"image"),
        speech: guess.speech || model.output.contains(&"audio"),
    }
}

fn read_thinking(facts: &ThinkingFacts) -> Option<Thinking> {
    match facts.control {
        "level" => Some(Thinking::Level(Levels::of(facts.levels.iter().filter_map(|name| {
            Level::ALL.into_iter().find(|level| level.wire_name().eq_ignore_ascii_case(name))
        })))),
        "budget" => Some(Thinking::Budget {
            min: facts.min?,
            max: facts.max?,
            can_disable: facts.can_disable?,
        }),
        "none" => Some(Thinking::None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(name: &str) -> Vec<Level> {
        match rules(name).thinking {
            Thinking::Level(levels) => {
                Level::ALL.into_iter().filter(|level| levels.has(*level)).collect()
            }
            other => panic!("{name}: {other:?}"),
        }
    }

    #[test]
    fn the_registry_goes_before_the_pattern() {
        use Level::{High, Low, Medium, Minimal, XHigh};
        assert_eq!(levels("gemini-3.8-flash"), [Low, Medium, High]);
        assert_eq!(levels("gemini-3.6-flash"), [Minimal, Low, Medium, High]);
        assert_eq!(levels("gemini-4-hydrogen"), [Low, Medium, High, XHigh]);
        assert_eq!(levels("gemini-3.1-flash-image"), [Minimal, High]);
        let lite = Thinking::Budget { min: 512, max: 24_576, can_disable: true };
        assert_eq!(rules("gemini-2.5-flash-lite").thinking, lite);
        assert_eq!(rules("gemini-3.8-flash").max_output, Some(65_536));
    }

    #[test]
    fn flags_follow_the_model() {
        let early = rules("gemini-3.1-pro-preview");
        assert!(early.sampling && early.prefill && !early.candidates && early.is_generation_3());
        let later = rules("gemini-3.5-flash-lite");
        assert!(!later.sampling && !later.prefill);
        let old = rules("gemini-2.5-pro");
        assert!(old.candidates && !old.penalties && old.prefill && !old.is_generation_3());
        assert!(!rules("gemma-4-31b-it").system_instruction);
    }
}

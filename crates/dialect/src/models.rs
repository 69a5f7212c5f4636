//! What is known of each model, and what is assumed of models that are not known.

/// Generation of a model, which decides how requests are written for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// 2.5 and older: thinking budgets, prefill and candidates allowed.
    Gemini25,
    /// 3 to 3.5: thinking levels, signatures required.
    Gemini3,
    /// 3.6 and later: as 3, without sampling fields, last content must be the user's.
    Gemini36,
    /// 4: as 3.6, with long decode.
    Gemini4,
    /// Open models: no system instruction, no thinking.
    Gemma,
}

//! Which harm is let through.

use serde::Serialize;

/// How much of a harm is let through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SafetySetting {
    /// `HARM_CATEGORY_…`
    pub category: String,
    /// `OFF`, `BLOCK_NONE`, …
    pub threshold: String,
}

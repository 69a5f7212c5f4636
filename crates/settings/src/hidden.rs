//! Text that must not be printed by accident.

use std::fmt;
use std::sync::Arc;

/// A secret setting's text. `Debug` hides it, there is no `Display`; cloning shares it.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(Arc<str>);

impl Hidden {
    /// Wraps a text that shall not be printed.
    pub fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// The text itself: for use, never for printing.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[hidden]")
    }
}

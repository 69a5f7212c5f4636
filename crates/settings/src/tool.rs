//! Tools of Google that settings can name.

use serde::{Deserialize, Serialize};

/// A tool of Google that can be added to requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// Google Search.
    GoogleSearch,
    /// Running code.
    CodeExecution,
    /// Reading URLs.
    UrlContext,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::GoogleSearch, Self::CodeExecution, Self::UrlContext];

    /// The tool's name in settings: `google_search`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GoogleSearch => "google_search",
            Self::CodeExecution => "code_execution",
            Self::UrlContext => "url_context",
        }
    }
}

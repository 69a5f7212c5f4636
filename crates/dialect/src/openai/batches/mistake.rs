//! What is wrong with a line, as a batch tells it that fails for it.

use serde::{Deserialize, Serialize};

use crate::DialectError;

/// What keeps a batch from being done: a member of its `errors`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mistake {
    /// Machine-readable, as in `invalid_json_line`.
    pub code: String,
    /// A sentence for the person who reads it.
    pub message: String,
    /// The field at fault, as in `body.messages[2].content`.
    pub param: Option<String>,
    /// The line of the input file, from 1 on.
    pub line: Option<u64>,
}

impl Mistake {
    /// A mistake that the whole file makes, until a line is named.
    pub fn new(code: &str, param: Option<&str>, message: impl Into<String>) -> Self {
        let param = param.map(str::to_owned);
        Self { code: code.to_owned(), message: message.into(), param, line: None }
    }

    /// The same, of this line.
    #[must_use]
    pub fn at(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }
}

/// A mistake in the request of a line.
impl From<DialectError> for Mistake {
    fn from(error: DialectError) -> Self {
        let error = error.within("body");
        let code = error.code.unwrap_or("invalid_request");
        Self::new(code, error.param.as_deref(), error.message)
    }
}

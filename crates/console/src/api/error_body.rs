use serde::Serialize;
use utoipa::ToSchema;

/// What an answer says when something is wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = Error, example = json!({"error": {"code": "not_found", "message": "There is no such key."}}))]
pub(crate) struct ErrorBody {
    error: Wrong,
}

/// What is wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = ErrorDetail)]
struct Wrong {
    /// The kind, for programs: `unauthorized`, `forbidden`, `not_found`, `invalid`, `conflict` …
    code: &'static str,
    /// For people.
    message: String,
}

impl ErrorBody {
    /// An error of this kind, in these words.
    pub(crate) fn new(code: &'static str, message: String) -> Self {
        Self { error: Wrong { code, message } }
    }
}

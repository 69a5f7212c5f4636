//! What vectors are for: Google's extension of OpenAI's API.

use super::body::Body;
use crate::{DialectError, json::Text};

const DOCUMENT: &str = "RETRIEVAL_DOCUMENT";

/// Google's names of tasks.
const TASKS: [&str; 8] = [
    "RETRIEVAL_QUERY",
    DOCUMENT,
    "SEMANTIC_SIMILARITY",
    "CLASSIFICATION",
    "CLUSTERING",
    "QUESTION_ANSWERING",
    "FACT_VERIFICATION",
    "CODE_RETRIEVAL_QUERY",
];

/// What others call them.
const OTHER_NAMES: [(&str, &str); 5] = [
    ("QUERY", "RETRIEVAL_QUERY"),
    ("SEARCH_QUERY", "RETRIEVAL_QUERY"),
    ("DOCUMENT", DOCUMENT),
    ("SEARCH_DOCUMENT", DOCUMENT),
    ("PASSAGE", DOCUMENT),
];

/// The task, as Google names it.
pub(super) fn read(body: &Body<'_>) -> Result<Option<&'static str>, DialectError> {
    let Some(asked) = &body.task_type else { return Ok(None) };
    let name = asked.decode().trim().to_ascii_uppercase();
    let other = OTHER_NAMES.iter().find(|(other, _)| *other == name).map(|(_, task)| *task);
    let known = TASKS.into_iter().find(|task| *task == name).or(other);
    known.map(Some).ok_or_else(|| {
        let message =
            format!("Invalid value for 'task_type': expected one of {}.", TASKS.join(", "));
        DialectError::invalid("task_type", message)
    })
}

/// The title of a document.
pub(super) fn title<'a>(body: &'a Body<'a>) -> Result<Option<&'a Text<'a>>, DialectError> {
    let title = body.title.as_ref().filter(|title| !title.is_empty());
    if title.is_some() && read(body)? != Some(DOCUMENT) {
        let message =
            format!("Unsupported value for 'title': it goes with task_type {DOCUMENT} only.");
        return Err(DialectError::unsupported("title", message));
    }
    Ok(title)
}

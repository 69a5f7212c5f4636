//! Code that the model ran, as fenced blocks of the text.

use super::answer::{AnswerPart, ExecutableCode};
use crate::json::Text;

/// The block for a part with code or its output.
pub(crate) fn block(part: &AnswerPart<'_>) -> Option<String> {
    if let Some(ExecutableCode { language, code }) = &part.executable_code {
        let language = language.as_ref().map(Text::decode).unwrap_or_default();
        return Some(fence(&language.to_ascii_lowercase(), code.as_ref()));
    }
    part.code_execution_result.as_ref().map(|result| fence("", result.output.as_ref()))
}

fn fence(language: &str, code: Option<&Text<'_>>) -> String {
    let code = code.map(Text::decode).unwrap_or_default();
    format!("\n```{language}\n{}\n```\n", code.trim_end_matches('\n'))
}

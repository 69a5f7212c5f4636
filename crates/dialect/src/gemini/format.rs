//! The form of the answer: text, any JSON, or JSON by a schema.

use serde_json::Value;

use super::{
    content::{Content, Part, Role},
    generation::GenerationConfig,
};

/// The form that the answer must have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Format {
    Text,
    Json,
    /// The cleaned schema.
    Schema(Value),
}

impl Format {
    /// Asks for the form.
    pub(crate) fn configure(self, config: &mut GenerationConfig) {
        if self != Self::Text {
            config.response_mime_type = Some("application/json");
        }
        if let Self::Schema(schema) = self {
            config.response_json_schema = Some(schema);
        }
    }

    /// Asks for the form in words, where a model has no JSON mode.
    pub(crate) fn instruct(&self, contents: &mut [Content<'_>]) {
        let text = match self {
            Self::Text => return,
            Self::Json => "Respond with a JSON object only.".to_owned(),
            Self::Schema(schema) => {
                format!("Respond only with a JSON object that matches this JSON Schema:\n{schema}")
            }
        };
        if let Some(last) = contents.iter_mut().rfind(|content| content.role == Role::User) {
            last.parts.push(Part::text(text));
        }
    }
}

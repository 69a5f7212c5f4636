//! What is added to or taken from requests and answers.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings that change requests and answers.
pub(super) const TABLE: &[Definition] = &[
    Definition::new(
        "TOOLS_CODE_EXECUTION_ENABLED",
        Kind::Bool,
        "false",
        "Add Google's code execution tool to requests of the OpenAI and Anthropic APIs.",
    ),
    Definition::new(
        "URL_CONTEXT_ENABLED",
        Kind::Bool,
        "false",
        "Add Google's URL context tool to requests of the OpenAI and Anthropic APIs for the models of \
         URL_CONTEXT_MODELS.",
    ),
    Definition::new(
        "URL_CONTEXT_MODELS",
        Kind::TextList,
        "gemini-2.5-pro,gemini-2.5-flash,gemini-2.5-flash-lite,gemini-2.0-flash,\
         gemini-2.0-flash-live-001",
        "Models that URL_CONTEXT_ENABLED is about.",
    ),
    Definition::new(
        "SHOW_SEARCH_LINK",
        Kind::Bool,
        "true",
        "List the sources below answers of -search models.",
    ),
    Definition::new(
        "SHOW_THINKING_PROCESS",
        Kind::Bool,
        "true",
        "Ask for thoughts, and hand them to OpenAI chats.",
    ),
    Definition::new(
        "THINKING_BUDGET_MAP",
        Kind::NumberMap { min: -1.0, max: 32_767.0 },
        "",
        "Thinking budget in tokens by model where an OpenAI chat does not say; -1 leaves it to the \
         model, 0 turns thinking off.",
    ),
    Definition::new(
        "SAFETY_SETTINGS",
        Kind::SafetySettings,
        concat!(
            r#"[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"OFF"},"#,
            r#"{"category":"HARM_CATEGORY_HATE_SPEECH","threshold":"OFF"},"#,
            r#"{"category":"HARM_CATEGORY_SEXUALLY_EXPLICIT","threshold":"OFF"},"#,
            r#"{"category":"HARM_CATEGORY_DANGEROUS_CONTENT","threshold":"OFF"},"#,
            r#"{"category":"HARM_CATEGORY_CIVIC_INTEGRITY","threshold":"BLOCK_NONE"}]"#
        ),
        "Safety settings for requests of the OpenAI and Anthropic APIs that bring none.",
    ),
    Definition::new(
        "MODEL_SAFETY_SETTINGS",
        Kind::ModelSafety,
        "",
        "Safety settings for requests that bring none, by model and in every API, Gemini's own \
         included; goes before SAFETY_SETTINGS. A model's name may end with *; the first that fits \
         counts. An empty list leaves it to Google.",
    ),
    Definition::new(
        "MODEL_TOOLS",
        Kind::ModelTools,
        "",
        "Google's tools that are added where a request can have them, by model and in every API, \
         Gemini's own included; goes before TOOLS_CODE_EXECUTION_ENABLED and URL_CONTEXT_ENABLED. A \
         model's name may end with *; the first that fits counts. An empty list adds none.",
    ),
];

//! Names of models.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings about models' names.
pub(super) const TABLE: &[Definition] = &[
    Definition::new(
        "TEST_MODEL",
        Kind::Text,
        "gemini-2.5-flash-lite",
        "Model that a check of a key asks Google about.",
    )
    .aliases(&["HEALTH_CHECK_MODEL"]),
    Definition::new(
        "FILTERED_MODELS",
        Kind::TextList,
        "gemini-1.0-pro-vision-latest,gemini-pro-vision,chat-bison-001,text-bison-001,\
         embedding-gecko-001",
        "Models that are hidden from lists and refused. An empty list ([]) hides none.",
    ),
    Definition::new(
        "MODEL_ALIASES",
        Kind::TextMap,
        "",
        "Names that clients may use for models, as a JSON object: \
         {\"gpt-4o\": \"gemini-2.5-pro\"}.",
    ),
    Definition::new(
        "MODEL_FALLBACKS",
        Kind::ModelChains,
        "",
        "Models that are asked in turn when one cannot answer for a reason of its own: out of quota \
         with every key, overloaded after all attempts, or unknown to Google. A name of \
         MODEL_ALIASES may stand for a model. The models behind another one are not those behind \
         its fallbacks: each list is whole.",
    ),
    Definition::new(
        "CLAUDE_MODELS",
        Kind::TextMap,
        "",
        "Which Gemini model answers for a name of Claude, as a JSON object whose names may hold * \
         for anything, the first that fits: {\"claude-*haiku*\": \"gemini-3.5-flash-lite\"}. \
         Empty chooses by the names opus, sonnet and haiku.",
    ),
    Definition::new(
        "IMAGE_MODELS",
        Kind::TextList,
        "gemini-2.0-flash-exp,gemini-2.5-flash-image-preview",
        "Models that are also offered with the ending -image, which asks for pictures.",
    ),
    Definition::new(
        "SEARCH_MODELS",
        Kind::TextList,
        "gemini-2.5-flash,gemini-2.5-pro",
        "Models that are also offered with the ending -search, which adds Google Search.",
    ),
    Definition::new(
        "THINKING_MODELS",
        Kind::TextList,
        "",
        "Models that are also offered with the endings -non-thinking, which turns thinking off or \
         as low as the model can, and -thinking.",
    ),
    Definition::new(
        "MODEL_PRICES",
        Kind::ModelPrices,
        "[]",
        "What tokens of models cost, for the budgets of client tokens. Goes before the built-in list \
         of Google's prices; the first entry that fits counts, * at the end of a model stands for \
         anything, and until names the last day of a price.",
    ),
    Definition::new(
        "URL_NORMALIZATION_ENABLED",
        Kind::Bool,
        "false",
        "Guess the meant address when a client calls a misspelt one.",
    ),
];

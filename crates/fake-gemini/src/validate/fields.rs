//! The fields of the requests that the simulation takes, as of late 2026.

/// A message's fields.
pub(crate) struct Message {
    /// The type's name, for errors.
    pub(super) name: &'static str,
    pub(super) fields: &'static [(&'static str, Kind)],
    /// Fields of which only one may be set.
    pub(super) one_of: &'static [&'static str],
}

/// What a field holds.
pub(crate) enum Kind {
    Text,
    /// Base64, standard or URL-safe.
    Bytes,
    Number,
    Integer,
    Bool,
    Any,
    /// Any JSON object.
    Struct,
    /// A name of a list; letter case does not matter.
    Enum(&'static [&'static str]),
    Message(&'static Message),
    List(&'static Kind),
    Map(&'static Kind),
}

use Kind::{Any, Bool, Bytes, Enum, Integer, List, Map, Number, Struct, Text};

const fn message(name: &'static str, fields: &'static [(&'static str, Kind)]) -> Message {
    Message { name, fields, one_of: &[] }
}

const fn of(message: &'static Message) -> Kind {
    Kind::Message(message)
}

/// The body of `:generateContent` and `:streamGenerateContent`.
pub(crate) static GENERATE_REQUEST: Message = message(
    "GenerateContentRequest",
    &[
        ("model", Text),
        ("contents", List(&of(&CONTENT))),
        ("systemInstruction", of(&CONTENT)),
        ("tools", List(&of(&TOOL))),
        ("toolConfig", of(&TOOL_CONFIG)),
        ("safetySettings", List(&of(&SAFETY_SETTING))),
        ("generationConfig", of(&GENERATION_CONFIG)),
        ("cachedContent", Text),
        ("serviceTier", Enum(&["unspecified", "standard", "flex", "priority"])),
        ("store", Bool),
        ("continuationToken", Bytes),
        ("processingOptions", Struct),
    ],
);

/// The body of `:countTokens`.
pub(crate) static COUNT_REQUEST: Message = message(
    "CountTokensRequest",
    &[
        ("model", Text),
        ("contents", List(&of(&CONTENT))),
        ("generateContentRequest", of(&GENERATE_REQUEST)),
    ],
);

/// The body of `:embedContent`.
pub(crate) static EMBED_REQUEST: Message = message(
    "EmbedContentRequest",
    &[
        ("model", Text),
        ("content", of(&CONTENT)),
        ("taskType", Enum(TASK_TYPES)),
        ("title", Text),
        ("outputDimensionality", Integer),
    ],
);

/// The body of `:batchEmbedContents`.
pub(crate) static BATCH_EMBED_REQUEST: Message =
    message("BatchEmbedContentsRequest", &[("requests", List(&of(&EMBED_REQUEST)))]);

const TASK_TYPES: &[&str] = &[
    "TASK_TYPE_UNSPECIFIED",
    "RETRIEVAL_QUERY",
    "RETRIEVAL_DOCUMENT",
    "SEMANTIC_SIMILARITY",
    "CLASSIFICATION",
    "CLUSTERING",
    "QUESTION_ANSWERING",
    "FACT_VERIFICATION",
    "CODE_RETRIEVAL_QUERY",
];

static CONTENT: Message = message("Content", &[("role", Text), ("parts", List(&of(&PART)))]);

static PART: Message = Message {
    name: "Part",
    fields: &[
        ("text", Text),
        ("inlineData", of(&BLOB)),
        ("fileData", of(&FILE_DATA)),
        ("functionCall", of(&FUNCTION_CALL)),
        ("functionResponse", of(&FUNCTION_RESPONSE)),
        ("executableCode", of(&EXECUTABLE_CODE)),
        ("codeExecutionResult", of(&CODE_EXECUTION_RESULT)),
        ("toolCall", Struct),
        ("toolResponse", Struct),
        ("audioTranscription", Struct),
        ("thought", Bool),
        ("thoughtSignature", Bytes),
        ("videoMetadata", of(&VIDEO_METADATA)),
        ("mediaProcessing", Enum(&["MEDIA_PROCESSING_UNSPECIFIED", "STATIC", "AGENTIC"])),
        ("mediaResolution", of(&MEDIA_RESOLUTION)),
        ("speechMetadata", Struct),
        ("partMetadata", Struct),
    ],
    one_of: DATA,
};

/// The fields of a part of which one must be set.
pub(super) const DATA: &[&str] = &[
    "text",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
    "audioTranscription",
];

static BLOB: Message =
    message("Blob", &[("mimeType", Text), ("data", Bytes), ("displayName", Text)]);

static FILE_DATA: Message = message("FileData", &[("mimeType", Text), ("fileUri", Text)]);

static FUNCTION_CALL: Message =
    message("FunctionCall", &[("id", Text), ("name", Text), ("args", Struct)]);

static FUNCTION_RESPONSE: Message = message(
    "FunctionResponse",
    &[
        ("id", Text),
        ("name", Text),
        ("response", Struct),
        ("parts", List(&of(&FUNCTION_RESPONSE_PART))),
        ("willContinue", Bool),
        ("scheduling", Enum(&["SCHEDULING_UNSPECIFIED", "SILENT", "WHEN_IDLE", "INTERRUPT"])),
    ],
);

static FUNCTION_RESPONSE_PART: Message =
    message("FunctionResponsePart", &[("inlineData", of(&BLOB)), ("fileData", of(&FILE_DATA))]);

static EXECUTABLE_CODE: Message =
    message("ExecutableCode", &[("id", Text), ("language", Text), ("code", Text)]);

static CODE_EXECUTION_RESULT: Message =
    message("CodeExecutionResult", &[("id", Text), ("outcome", Text), ("output", Text)]);

static VIDEO_METADATA: Message =
    message("VideoMetadata", &[("startOffset", Text), ("endOffset", Text), ("fps", Number)]);

const MEDIA_RESOLUTIONS: &[&str] = &[
    "MEDIA_RESOLUTION_UNSPECIFIED",
    "MEDIA_RESOLUTION_LOW",
    "MEDIA_RESOLUTION_MEDIUM",
    "MEDIA_RESOLUTION_HIGH",
    "MEDIA_RESOLUTION_ULTRA_HIGH",
];

static MEDIA_RESOLUTION: Message =
    message("MediaResolution", &[("level", Enum(MEDIA_RESOLUTIONS)), ("numTokens", Integer)]);

static TOOL: Message = message(
    "Tool",
    &[
        ("functionDeclarations", List(&of(&FUNCTION_DECLARATION))),
        ("googleSearch", Struct),
        ("googleSearchRetrieval", Struct),
        ("codeExecution", Struct),
        ("urlContext", Struct),
        ("googleMaps", Struct),
        ("fileSearch", Struct),
        ("computerUse", Struct),
        ("mcpServers", List(&Struct)),
    ],
);

static FUNCTION_DECLARATION: Message = message(
    "FunctionDeclaration",
    &[
        ("name", Text),
        ("description", Text),
        ("parameters", of(&SCHEMA)),
        ("parametersJsonSchema", Any),
        ("response", of(&SCHEMA)),
        ("responseJsonSchema", Any),
        ("behavior", Enum(&["UNSPECIFIED", "BLOCKING", "NON_BLOCKING"])),
    ],
);

/// The subset of `OpenAPI`; JSON Schema has fields of its own.
static SCHEMA: Message = message(
    "Schema",
    &[
        ("type", Enum(SCHEMA_TYPES)),
        ("format", Text),
        ("title", Text),
        ("description", Text),
        ("nullable", Bool),
        ("enum", List(&Text)),
        ("items", of(&SCHEMA)),
        ("maxItems", Integer),
        ("minItems", Integer),
        ("properties", Map(&of(&SCHEMA))),
        ("required", List(&Text)),
        ("minProperties", Integer),
        ("maxProperties", Integer),
        ("minimum", Number),
        ("maximum", Number),
        ("minLength", Integer),
        ("maxLength", Integer),
        ("pattern", Text),
        ("example", Any),
        ("anyOf", List(&of(&SCHEMA))),
        ("propertyOrdering", List(&Text)),
        ("default", Any),
    ],
);

const SCHEMA_TYPES: &[&str] =
    &["TYPE_UNSPECIFIED", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"];

static TOOL_CONFIG: Message = message(
    "ToolConfig",
    &[
        ("functionCallingConfig", of(&FUNCTION_CALLING_CONFIG)),
        ("retrievalConfig", Struct),
        ("includeServerSideToolInvocations", Bool),
    ],
);

static FUNCTION_CALLING_CONFIG: Message = message(
    "FunctionCallingConfig",
    &[
        ("mode", Enum(&["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"])),
        ("allowedFunctionNames", List(&Text)),
    ],
);

static SAFETY_SETTING: Message = message(
    "SafetySetting",
    &[
        (
            "category",
            Enum(&[
                "HARM_CATEGORY_HARASSMENT",
                "HARM_CATEGORY_HATE_SPEECH",
                "HARM_CATEGORY_SEXUALLY_EXPLICIT",
                "HARM_CATEGORY_DANGEROUS_CONTENT",
                "HARM_CATEGORY_CIVIC_INTEGRITY",
                "HARM_CATEGORY_JAILBREAK",
            ]),
        ),
        (
            "threshold",
            Enum(&[
                "OFF",
                "BLOCK_NONE",
                "BLOCK_ONLY_HIGH",
                "BLOCK_MEDIUM_AND_ABOVE",
                "BLOCK_LOW_AND_ABOVE",
                "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
            ]),
        ),
    ],
);

static GENERATION_CONFIG: Message = message(
    "GenerationConfig",
    &[
        ("candidateCount", Integer),
        ("stopSequences", List(&Text)),
        ("maxOutputTokens", Integer),
        ("temperature", Number),
        ("topP", Number),
        ("topK", Integer),
        ("seed", Integer),
        ("presencePenalty", Number),
        ("frequencyPenalty", Number),
        ("responseMimeType", Text),
        ("responseSchema", of(&SCHEMA)),
        ("responseJsonSchema", Any),
        ("_responseJsonSchema", Any),
        ("responseFormat", Struct),
        ("responseLogprobs", Bool),
        ("logprobs", Integer),
        (
            "responseModalities",
            List(&Enum(&["MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO", "VIDEO"])),
        ),
        ("speechConfig", Struct),
        ("thinkingConfig", of(&THINKING_CONFIG)),
        ("imageConfig", Struct),
        ("mediaResolution", Enum(MEDIA_RESOLUTIONS)),
        ("enableEnhancedCivicAnswers", Bool),
        ("audioTranscriptionConfig", Struct),
        ("translationConfig", Struct),
        ("enableAffectiveDialog", Bool),
    ],
);

static THINKING_CONFIG: Message = message(
    "ThinkingConfig",
    &[
        ("includeThoughts", Bool),
        ("thinkingBudget", Integer),
        (
            "thinkingLevel",
            Enum(&["THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"]),
        ),
    ],
);

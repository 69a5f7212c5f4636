//! What is wanted of a model, whichever API it is put in.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What is sent from the playground.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Play {
    #[serde(flatten)]
    pub(crate) wanted: Wanted,
    /// The id of the key that is to serve; another one of its project does if it cannot.
    #[serde(default)]
    pub(crate) key: String,
    /// The label that the keys must have.
    #[serde(default)]
    pub(crate) tag: String,
    /// The id of the proxy that it goes through, whatever the key is bound to.
    #[serde(default)]
    pub(crate) proxy: String,
}

/// What a model is to do.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PlayWanted)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Wanted {
    /// Go on with a conversation.
    Chat(Chat),
    /// Make pictures, or change some.
    Image(Image),
    /// Read a text aloud.
    Speech(Speech),
    /// Say where texts lie.
    Embedding(Embedding),
    /// Write down what is said.
    Transcription(Transcription),
}

/// In which API a conversation is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PlayDialect)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Dialect {
    /// OpenAI's chat completions.
    Chat,
    /// OpenAI's Responses.
    Responses,
    /// Anthropic's Messages.
    Messages,
    /// Google's own.
    Gemini,
}

/// A conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PlayChat)]
pub(crate) struct Chat {
    pub(crate) dialect: Dialect,
    pub(crate) model: String,
    /// What the model is told before everything else.
    #[serde(default)]
    pub(crate) system: String,
    /// What was said so far, the newest last.
    pub(crate) turns: Vec<Turn>,
    pub(crate) temperature: Option<f64>,
    pub(crate) max_tokens: Option<u32>,
    /// `none`, `minimal`, `low`, `medium` or `high`.
    #[serde(default)]
    pub(crate) effort: String,
    /// Tokens for thinking.
    pub(crate) thinking_budget: Option<u32>,
    #[serde(default)]
    pub(crate) tools: Vec<Tool>,
    /// The JSON schema that the answer is to fit.
    pub(crate) schema: Option<Value>,
    /// What Google is to hold back, of each kind of harm; nothing to leave that to the gateway.
    pub(crate) safety: Option<Safety>,
    /// Whether the answer is told as it comes.
    #[serde(default)]
    pub(crate) stream: bool,
}

/// From which likelihood on harm is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PlaySafety)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Safety {
    BlockLowAndAbove,
    BlockMediumAndAbove,
    BlockOnlyHigh,
    BlockNone,
    Off,
}

/// What somebody said.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PlayTurn)]
pub(crate) struct Turn {
    pub(crate) role: Role,
    #[serde(default)]
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) files: Vec<Attachment>,
}

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PlayRole)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    User,
    Assistant,
}

/// What Google does for the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(as = PlayTool)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tool {
    /// Search the web.
    Search,
    /// Run code.
    Code,
    /// Read what addresses in the prompt lead to.
    Url,
}

/// A file that goes inside the request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = PlayFile)]
pub(crate) struct Attachment {
    pub(crate) name: String,
    /// Its media type.
    pub(crate) mime: String,
    /// Its bytes, in base64.
    pub(crate) data: String,
}

/// Pictures that are wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PlayImage)]
pub(crate) struct Image {
    pub(crate) model: String,
    pub(crate) prompt: String,
    /// As in `1024x1536`, or nothing.
    #[serde(default)]
    pub(crate) size: String,
    pub(crate) n: Option<u8>,
    /// Pictures that are to be changed; without any a new one is made.
    #[serde(default)]
    pub(crate) files: Vec<Attachment>,
}

/// A text that is to be read aloud.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PlaySpeech)]
pub(crate) struct Speech {
    pub(crate) model: String,
    pub(crate) input: String,
    #[serde(default)]
    pub(crate) voice: String,
    /// How to say it.
    #[serde(default)]
    pub(crate) instructions: String,
    /// `mp3`, `wav`, `opus`, `aac`, `flac` or `pcm`.
    #[serde(default)]
    pub(crate) format: String,
}

/// Texts whose places are wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PlayEmbedding)]
pub(crate) struct Embedding {
    pub(crate) model: String,
    pub(crate) texts: Vec<String>,
    pub(crate) dimensions: Option<u32>,
}

/// A recording that is to be written down.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PlayTranscription)]
pub(crate) struct Transcription {
    pub(crate) model: String,
    pub(crate) file: Attachment,
    /// As in `en`, or nothing.
    #[serde(default)]
    pub(crate) language: String,
    /// What it is about.
    #[serde(default)]
    pub(crate) prompt: String,
}

impl Attachment {
    /// As an address that holds everything.
    pub(super) fn data_url(&self) -> String {
        format!("data:{};base64,{}", self.mime, self.data)
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        self.mime.split('/').next() == Some(kind)
    }

    /// The name of an audio format, as OpenAI has it.
    pub(super) fn audio_format(&self) -> &str {
        match self.mime.rsplit('/').next().unwrap_or_default() {
            "mpeg" => "mp3",
            "x-wav" | "wave" | "vnd.wave" => "wav",
            format => format.strip_prefix("x-").unwrap_or(format),
        }
    }
}

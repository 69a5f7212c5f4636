//! What stays of a request until its answer is translated.

/// What is to be done with what is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Write it down.
    Transcribe,
    /// Write it down in English.
    Translate,
}

/// What a transcript is written as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ResponseFormat {
    /// An object with the text.
    #[default]
    Json,
    /// The text.
    Text,
    /// Subtitles of `SubRip`.
    Srt,
    /// Subtitles of the web.
    Vtt,
    /// An object with the text and its times.
    VerboseJson,
    /// An object that says who said what.
    DiarizedJson,
}

impl ResponseFormat {
    const ALL: [(&'static str, Self); 6] = [
        ("json", Self::Json),
        ("text", Self::Text),
        ("srt", Self::Srt),
        ("verbose_json", Self::VerboseJson),
        ("vtt", Self::Vtt),
        ("diarized_json", Self::DiarizedJson),
    ];

    /// The formats of a task, by their names.
    pub(super) fn of(task: Task) -> impl Iterator<Item = (&'static str, Self)> {
        let fits = move |(_, format): &(&str, Self)| {
            task == Task::Transcribe || *format != Self::DiarizedJson
        };
        Self::ALL.into_iter().filter(fits)
    }

    /// It says when something is said.
    pub(super) fn has_times(self) -> bool {
        !matches!(self, Self::Json | Self::Text)
    }

    /// What HTTP calls it.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json | Self::VerboseJson | Self::DiarizedJson => {
                "application/json; charset=utf-8"
            }
            Self::Text | Self::Srt => "text/plain; charset=utf-8",
            Self::Vtt => "text/vtt; charset=utf-8",
        }
    }
}

/// What is needed of a request to translate its answer.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of one request")]
pub struct TranscriptionContext {
    pub(super) model: String,
    pub(super) more_models: usize,
    pub(super) task: Task,
    pub(super) format: ResponseFormat,
    pub(super) stream: bool,
    /// The answer is JSON, with segments in it.
    pub(super) is_structured: bool,
    pub(super) wants_words: bool,
    pub(super) wants_segments: bool,
    /// The language that the client names.
    pub(super) language: Option<String>,
    /// Seconds, where the file says.
    pub(super) duration: Option<f64>,
    pub(super) dropped: Vec<&'static str>,
}

impl TranscriptionContext {
    /// Gemini's name of the model.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// How many models may answer if this one cannot.
    pub fn more_models(&self) -> usize {
        self.more_models
    }

    /// The client wants events.
    pub fn stream(&self) -> bool {
        self.stream
    }

    /// What the transcript is written as.
    pub fn format(&self) -> ResponseFormat {
        self.format
    }

    /// Fields that have no counterpart and were left out.
    pub fn dropped(&self) -> &[&'static str] {
        &self.dropped
    }
}

//! The models on offer, from `data/models.json`, and the lists of them.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::Call;
use crate::errors;
use crate::reply::Reply;

/// A model, as far as the simulation minds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Model {
    pub(crate) id: String,
    family: String,
    status: String,
    context: Option<u64>,
    max_input_tokens: Option<u64>,
    max_output: Option<u64>,
    methods: Vec<String>,
    thinking: Option<Thinking>,
    last_turn_model_allowed: Option<bool>,
    /// Answers may take several calls.
    pub(crate) long_decode: bool,
    pub(crate) dims: Option<Dimensions>,
}

/// How a model's thinking is controlled.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Thinking {
    pub(crate) control: String,
    pub(crate) levels: Vec<String>,
    pub(crate) min: u64,
    pub(crate) max: u64,
    pub(crate) can_disable: bool,
}

/// The sizes of an embedding.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Dimensions {
    pub(crate) default: usize,
    pub(crate) max: usize,
}

impl Model {
    /// 2.0, 2.5, 3.8 …; none for models whose name has no number.
    pub(crate) fn generation(&self) -> Option<f32> {
        self.id.strip_prefix("gemini-")?.split('-').next()?.parse().ok()
    }

    /// From Gemini 3 on calls have ids and signatures, and history is checked more strictly.
    pub(crate) fn is_third_or_later(&self) -> bool {
        self.generation().is_some_and(|generation| generation >= 3.0)
    }

    pub(crate) fn refuses_last_turn_of_model(&self) -> bool {
        self.last_turn_model_allowed == Some(false)
    }

    /// It speaks, and does nothing else.
    pub(crate) fn speaks(&self) -> bool {
        self.family == "tts"
    }

    /// It writes down what it hears, and does nothing else.
    pub(crate) fn transcribes(&self) -> bool {
        self.family == "asr"
    }

    /// How it thinks; none where it does not.
    pub(crate) fn thinking(&self) -> Option<&Thinking> {
        self.thinking.as_ref().filter(|thinking| thinking.control != "none")
    }

    pub(crate) fn input_limit(&self) -> u64 {
        self.max_input_tokens.or(self.context).unwrap_or(1_048_576)
    }

    pub(crate) fn supports(&self, method: &str) -> bool {
        self.methods().iter().any(|known| known == method)
            || method == "streamGenerateContent" && self.supports("generateContent")
            || method == "batchEmbedContents" && self.supports("embedContent")
    }

    fn methods(&self) -> Vec<String> {
        if !self.methods.is_empty() {
            return self.methods.clone();
        }
        let methods: &[&str] = match self.family.as_str() {
            "embedding" => &["embedContent", "countTokens", "asyncBatchEmbedContent"],
            "live" | "music" => &["bidiGenerateContent"],
            _ => &["generateContent", "countTokens"],
        };
        methods.iter().map(ToString::to_string).collect()
    }

    fn is_offered(&self) -> bool {
        !self.status.starts_with("shut down")
    }

    fn resource(&self) -> Value {
        json!({
            "name": format!("models/{}", self.id),
            "version": "001",
            "displayName": display_name(&self.id),
            "description": format!("{} of the simulated Google", display_name(&self.id)),
            "inputTokenLimit": self.input_limit(),
            "outputTokenLimit": self.max_output.unwrap_or(8192),
            "supportedGenerationMethods": self
                .methods()
                .into_iter()
                .filter(|method| method != "streamGenerateContent")
                .collect::<Vec<_>>(),
            "temperature": 1,
            "topP": 0.95,
            "topK": 64,
            "maxTemperature": 2,
            "thinking": self.thinking().is_some(),
        })
    }
}

/// All models, in the order of the file.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Models {
    models: Vec<Model>,
}

impl Models {
    pub(crate) fn load() -> Self {
        serde_json::from_str(include_str!("../data/models.json")).unwrap_or_default()
    }

    /// The model behind a name; aliases lead to what they stand for.
    pub(crate) fn find(&self, name: &str) -> Option<&Model> {
        let name = match name.strip_prefix("models/").unwrap_or(name) {
            "gemini-flash-latest" => "gemini-3.8-flash",
            "gemini-flash-lite-latest" => "gemini-3.5-flash-lite",
            "gemini-pro-latest" => "gemini-3.1-pro-preview",
            "nano-banana-pro-preview" => "gemini-3-pro-image",
            name => name,
        };
        self.models.iter().find(|model| model.id == name && model.is_offered())
    }

    /// `GET /models`, page by page.
    pub(crate) fn list(&self, call: &Call) -> Reply {
        let size = match call.query("pageSize").map(str::parse::<usize>) {
            None | Some(Ok(0)) => 50,
            Some(Ok(size)) => size.min(1000),
            Some(Err(_)) => {
                return errors::invalid_argument("Invalid value at 'page_size' (TYPE_INT32)");
            }
        };
        let start = match call.query("pageToken").filter(|token| !token.is_empty()) {
            None => 0,
            Some(token) => match token.strip_prefix("page-").and_then(|at| at.parse().ok()) {
                Some(start) => start,
                None => return errors::invalid_argument("Page token is invalid."),
            },
        };
        let offered: Vec<&Model> = self.models.iter().filter(|model| model.is_offered()).collect();
        let page = offered.iter().skip(start).take(size);
        let mut body = if call.target.is_vertex {
            let name =
                |model: &&Model| json!({"name": format!("publishers/google/models/{}", model.id)});
            json!({"publisherModels": page.map(name).collect::<Vec<_>>()})
        } else {
            json!({"models": page.map(|model| model.resource()).collect::<Vec<_>>()})
        };
        if start + size < offered.len() {
            body["nextPageToken"] = json!(format!("page-{}", start + size));
        }
        Reply::json(StatusCode::OK, &body)
    }

    /// `GET /models/{model}`.
    pub(crate) fn get(&self, call: &Call) -> Reply {
        let name = call.target.model.as_deref().unwrap_or_default();
        let named = self.models.iter().find(|model| model.id == name && model.is_offered());
        named.map_or_else(
            || errors::model_not_found(&call.target),
            |model| Reply::json(StatusCode::OK, &model.resource()),
        )
    }
}

fn display_name(id: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    id.split('-').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_know_their_generation() {
        let models = Models::load();
        let third = |name: &str| models.find(name).unwrap().is_third_or_later();
        assert!(
            third("gemini-3.8-flash") && third("gemini-4-argon") && third("gemini-flash-latest")
        );
        assert!(!third("gemini-2.5-flash") && !third("gemma-4-31b-it"));
        assert!(models.find("gemini-2.0-flash").is_none(), "it was shut down");
    }

    #[test]
    fn methods_are_supported_by_family() {
        let models = Models::load();
        assert!(models.find("gemini-embedding-001").unwrap().supports("batchEmbedContents"));
        assert!(!models.find("gemini-embedding-001").unwrap().supports("generateContent"));
        assert!(models.find("gemma-4-31b-it").unwrap().supports("streamGenerateContent"));
    }
}

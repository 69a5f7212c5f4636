//! Which surface does a request belong to? Pure: a path, a method's effect and a few headers in,
//! a [`Route`] out.
//!
//! Three public APIs share paths under `/v1`; they are told apart by the caller's credential and
//! headers.

pub(crate) mod express;

use http::HeaderMap;
use keypool::Platform;

use self::express::ExpressCall;
use crate::path::{ModelPath, is_clean, is_plain_name};
use crate::resources::name::ResourcePath;
use crate::routes::batches;
use crate::routes::compat::CompatCall;
use crate::routes::files::Wanted;
use crate::routes::resources::ResourceCall;
use crate::routes::uploads::{self, UploadCall};

/// The protocol that a caller speaks, and that errors to this caller are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dialect {
    /// OpenAI's REST API.
    OpenAi,
    /// Anthropic's Messages API.
    Anthropic,
    /// Google's Gemini API.
    Gemini,
}

impl Dialect {
    /// The name used in logs, metrics and the request log.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
        }
    }
}

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// `/healthz`: the process lives.
    Health,
    /// `/readyz`: the process can serve.
    Ready,
    /// `/metrics`: Prometheus.
    Metrics,
    /// `/api/version`.
    Version,
    /// `/api/cron/health-check`: checks the keys that fail.
    HealthCheck,
    /// `/`: a page of one line for people who open the address in a browser.
    Root,
    /// `/admin/…`, `/api/…` and what the Python project had below `/gemini`: the administrator's.
    Console,
    /// OpenAI `chat/completions`.
    ChatCompletions,
    /// OpenAI `completions`.
    Completions,
    /// OpenAI `responses`.
    Responses,
    /// OpenAI `responses/input_tokens`.
    InputTokens,
    /// OpenAI `responses/compact`.
    Compact,
    /// OpenAI `responses/{id}`.
    Response(&'a str),
    /// OpenAI `responses/{id}/cancel`.
    CancelResponse(&'a str),
    /// OpenAI `responses/{id}/input_items`.
    InputItems(&'a str),
    /// OpenAI `audio/speech`.
    Speech,
    /// OpenAI `audio/transcriptions`.
    Transcriptions,
    /// OpenAI `audio/translations`.
    Translations,
    /// OpenAI `embeddings`.
    Embeddings,
    /// OpenAI `images/generations`.
    GenerateImages,
    /// OpenAI `images/edits`.
    EditImages,
    /// `/images/{name}`: a picture that the gateway keeps.
    Picture(&'a str),
    /// OpenAI `files`.
    OpenAiFiles,
    /// OpenAI `files/{id}`, and its content.
    OpenAiFile(&'a str, Wanted),
    /// OpenAI `batches`.
    Batches,
    /// OpenAI `batches/{id}`, and its `cancel`.
    Batch(&'a str, batches::Wanted),
    /// Anthropic `messages`.
    Messages,
    /// Anthropic `messages/count_tokens`.
    CountTokens,
    /// Anthropic `models`.
    AnthropicModels,
    /// Anthropic `models/{id}`.
    AnthropicModel(&'a str),
    /// OpenAI `models`.
    OpenAiModels,
    /// OpenAI `models/{id}`.
    OpenAiModel(&'a str),
    /// The Gemini API, passed through.
    Gemini(GeminiCall<'a>),
    /// Vertex AI in express mode, passed through.
    Express(ExpressCall<'a>),
    /// The Live API, over WebSocket.
    Live(LiveCall<'a>),
    /// Google's own OpenAI-compatible layer.
    Compat(CompatCall<'a>),
    /// What exists in the project of one key only.
    Resource(ResourceCall<'a>),
    /// An upload of it.
    Upload(UploadCall<'a>),
    /// What follows the beginning of an upload, with no credential but its address.
    UploadGoesOn,
    /// A known surface of the API which this version does not serve yet.
    NotYet(Dialect, &'static str),
    /// Nothing lives here; the error is written in the dialect that the path looks like.
    Unknown(Dialect),
}

/// A Gemini call as its path names it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GeminiCall<'a> {
    /// The path below the host as Google knows it, e.g. `/v1beta/models/m:generateContent`.
    pub(crate) upstream_path: &'a str,
    /// What stands there before the collection of models: `/v1beta`.
    pub(crate) version: &'a str,
    /// The model and method, unless the call lists or describes models.
    pub(crate) model: Option<ModelPath<'a>>,
}

/// A service of the Live API.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LiveCall<'a> {
    /// As it stands below `/ws/`, e.g. `google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent`.
    service: &'a str,
}

/// Ends the name of the method that takes tokens of a session in place of keys.
const CONSTRAINED: &str = "BidiGenerateContentConstrained";

impl LiveCall<'_> {
    fn method(&self) -> &str {
        self.service.rsplit('.').next().unwrap_or_default()
    }

    /// Whether it takes tokens of a session.
    pub(crate) fn is_constrained(&self) -> bool {
        self.method() == CONSTRAINED
    }

    /// The path below Google's address. Its constrained method takes tokens of a session alone; keys
    /// are for the other, which is the same otherwise.
    pub(crate) fn path(&self, by_token: bool) -> String {
        let cut = if self.is_constrained() && !by_token { "Constrained".len() } else { 0 };
        format!("/ws/{}", &self.service[..self.service.len() - cut])
    }

    /// Whether the client's first message names the model.
    pub(crate) fn begins_with_setup(&self) -> bool {
        matches!(self.method(), "BidiGenerateContent" | CONSTRAINED | "BidiGenerateMusic")
    }

    /// Names under which a query may hold the client token.
    pub(crate) fn credentials(&self) -> &'static [&'static str] {
        if self.is_constrained() { &["key", "access_token"] } else { &["key"] }
    }
}

impl Route<'_> {
    /// The dialect in which errors of this route are written.
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Gemini(_)
            | Self::Express(_)
            | Self::Live(_)
            | Self::Resource(_)
            | Self::Upload(_)
            | Self::UploadGoesOn => Dialect::Gemini,
            Self::Messages
            | Self::CountTokens
            | Self::AnthropicModels
            | Self::AnthropicModel(_) => Dialect::Anthropic,
            Self::NotYet(dialect, _) | Self::Unknown(dialect) => *dialect,
            _ => Dialect::OpenAi,
        }
    }

    /// Which of Google's APIs answers it.
    pub(crate) fn platform(&self) -> Platform {
        match self {
            Self::Express(ExpressCall::Model(_) | ExpressCall::Other(_)) => Platform::Vertex,
            _ => Platform::Gemini,
        }
    }
}

/// Finds the route of a request.
///
/// `query` and `headers` matter only on the paths that several APIs share.
pub(crate) fn find<'a>(path: &'a str, query: Option<&str>, headers: &HeaderMap) -> Route<'a> {
    if path == "/admin/" {
        return Route::Console;
    }
    if !is_clean(path) {
        // What is written as %E2%80%A6 in an address may be the gap in a key's mask.
        let is_console = is_console(path) && is_clean(&path.replace('%', ""));
        return if is_console { Route::Console } else { Route::Unknown(Dialect::OpenAi) };
    }
    match path {
        "/" => return Route::Root,
        "/healthz" | "/health" => return Route::Health,
        "/readyz" => return Route::Ready,
        "/metrics" => return Route::Metrics,
        "/api/version" => return Route::Version,
        "/api/cron/health-check" => return Route::HealthCheck,
        _ if path.starts_with("/images/") => return Route::Picture(&path["/images/".len()..]),
        _ if is_console(path) => return Route::Console,
        _ => {}
    }
    for prefix in ["/openai", "/hf"] {
        if let Some(rest) = path.strip_prefix(prefix).filter(|rest| rest.starts_with("/v1/")) {
            return openai(&rest["/v1/".len()..]);
        }
    }
    if let Some(rest) = path.strip_prefix("/gemini").filter(|rest| rest.starts_with('/')) {
        return gemini(rest, query);
    }
    if let Some(rest) = path.strip_prefix("/anthropic/v1/") {
        return anthropic(rest);
    }
    if path.starts_with("/anthropic/") {
        return Route::Unknown(Dialect::Anthropic);
    }
    if path.starts_with("/v1/messages") {
        return anthropic(&path["/v1/".len()..]);
    }
    if let Some(rest) = path.strip_prefix("/vertex-express").filter(|rest| rest.starts_with('/')) {
        return ExpressCall::parse(rest).map_or(Route::Unknown(Dialect::Gemini), Route::Express);
    }
    let Some(rest) = path.strip_prefix("/v1/") else { return gemini(path, query) };
    if is_gemini_path(rest) || (is_shared_path(rest) && speaks_gemini(query, headers)) {
        return gemini(path, query);
    }
    if is_shared_path(rest) && headers.contains_key("anthropic-version") {
        return anthropic(rest);
    }
    match openai(rest) {
        Route::Unknown(_) if speaks_gemini(query, headers) => gemini(path, query),
        found => found,
    }
}

/// Beginnings of the administrator's addresses. The Python project had some among Gemini's.
const CONSOLE: &[&str] = &["/admin/", "/api/", "/gemini/v1beta/reset-", "/gemini/v1beta/verify-"];

fn is_console(path: &str) -> bool {
    path == "/admin" || CONSOLE.iter().any(|beginning| path.starts_with(beginning))
}

fn openai(rest: &str) -> Route<'_> {
    match rest {
        "chat/completions" => return Route::ChatCompletions,
        "completions" => return Route::Completions,
        "responses" => return Route::Responses,
        "responses/input_tokens" => return Route::InputTokens,
        "responses/compact" => return Route::Compact,
        "audio/speech" => return Route::Speech,
        "audio/transcriptions" => return Route::Transcriptions,
        "audio/translations" => return Route::Translations,
        "embeddings" => return Route::Embeddings,
        "images/generations" => return Route::GenerateImages,
        "images/edits" => return Route::EditImages,
        "models" => return Route::OpenAiModels,
        "files" => return Route::OpenAiFiles,
        "batches" => return Route::Batches,
        _ => {}
    }
    if let Some(id) = rest.strip_prefix("models/").filter(|id| !id.is_empty()) {
        return Route::OpenAiModel(id);
    }
    if let Some(rest) = rest.strip_prefix("files/") {
        return match rest.split_once('/') {
            None => Route::OpenAiFile(rest, Wanted::File),
            Some((id, "content")) => Route::OpenAiFile(id, Wanted::Content),
            Some(_) => Route::Unknown(Dialect::OpenAi),
        };
    }
    if let Some(rest) = rest.strip_prefix("responses/") {
        return response(rest);
    }
    if let Some(rest) = rest.strip_prefix("batches/") {
        return match rest.split_once('/') {
            None => Route::Batch(rest, batches::Wanted::Batch),
            Some((id, "cancel")) => Route::Batch(id, batches::Wanted::Cancel),
            Some(_) => Route::Unknown(Dialect::OpenAi),
        };
    }
    Route::Unknown(Dialect::OpenAi)
}

/// Below `responses/`.
fn response(rest: &str) -> Route<'_> {
    match rest.split_once('/') {
        None if rest.is_empty() => Route::Unknown(Dialect::OpenAi),
        None => Route::Response(rest),
        Some((id, "input_items")) => Route::InputItems(id),
        Some((id, "cancel")) => Route::CancelResponse(id),
        Some(_) => Route::Unknown(Dialect::OpenAi),
    }
}

fn anthropic(rest: &str) -> Route<'_> {
    match rest {
        "messages" => return Route::Messages,
        "messages/count_tokens" => return Route::CountTokens,
        "models" => return Route::AnthropicModels,
        _ => {}
    }
    if let Some(id) = rest.strip_prefix("models/").filter(|id| !id.is_empty()) {
        return Route::AnthropicModel(id);
    }
    match rest.split('/').next() {
        Some("messages") => Route::NotYet(Dialect::Anthropic, "message batches"),
        Some("files") => Route::NotYet(Dialect::Anthropic, "Anthropic files"),
        _ => Route::Unknown(Dialect::Anthropic),
    }
}

fn gemini<'a>(path: &'a str, query: Option<&str>) -> Route<'a> {
    let Some((version, rest)) = path.get(1..).and_then(|path| path.split_once('/')) else {
        return Route::Unknown(Dialect::OpenAi);
    };
    let below = &path[..=version.len()];
    match version {
        _ if is_version(version) => {}
        "upload" => return upload(path, rest, query),
        "ws" if is_plain_name(rest) => return Route::Live(LiveCall { service: rest }),
        "ws" => return Route::Unknown(Dialect::Gemini),
        _ => return Route::Unknown(Dialect::OpenAi),
    }
    if rest == "models" {
        return Route::Gemini(GeminiCall { upstream_path: path, version: below, model: None });
    }
    if let Some(rest) = rest.strip_prefix("openai/").filter(|rest| !rest.is_empty()) {
        return Route::Compat(CompatCall { upstream_path: path, rest });
    }
    let is_of_tuned_model =
        rest.starts_with("tunedModels/") && rest.rsplit(':').next().is_some_and(is_of_model);
    if let Some(path_of) = ResourcePath::parse(rest).filter(|_| !is_of_tuned_model) {
        return Route::Resource(ResourceCall { upstream_path: path, path: path_of });
    }
    if is_of_tuned_model || rest.starts_with("models/") || rest.starts_with("dynamic/") {
        return match ModelPath::parse(rest) {
            Some(model) => {
                let model = Some(model);
                Route::Gemini(GeminiCall { upstream_path: path, version: below, model })
            }
            None => Route::Unknown(Dialect::Gemini),
        };
    }
    match ResourcePath::parse_any(rest) {
        Some(path_of) => Route::Resource(ResourceCall { upstream_path: path, path: path_of }),
        None => Route::Unknown(Dialect::Gemini),
    }
}

/// Below `/upload/`.
fn upload<'a>(path: &'a str, rest: &'a str, query: Option<&str>) -> Route<'a> {
    let versioned = rest.split_once('/').filter(|(version, _)| is_version(version));
    match versioned.and_then(|(_, rest)| ResourcePath::parse_any(rest)) {
        Some(_) if uploads::is_named(query) => Route::UploadGoesOn,
        Some(path_of) => Route::Upload(UploadCall { upstream_path: path, path: path_of }),
        None => Route::Unknown(Dialect::Gemini),
    }
}

/// What is asked of a tuned model as of any other, and not about it.
fn is_of_model(method: &str) -> bool {
    matches!(
        method,
        "generateContent"
            | "streamGenerateContent"
            | "countTokens"
            | "batchGenerateContent"
            | "asyncBatchEmbedContent"
            | "generateText"
    )
}

fn is_version(segment: &str) -> bool {
    matches!(segment, "v1beta" | "v1alpha" | "v1")
}

/// Families of paths below a version that belong to the Gemini API alone.
const GEMINI_FAMILIES: &[&str] = &[
    "agents",
    "auth_tokens",
    "cachedContents",
    "corpora",
    "credentials",
    "decisions",
    "dynamic",
    "environments",
    "fileSearchStores",
    "generatedFiles",
    "interactions",
    "operations",
    "triggers",
    "tunedModels",
    "voices",
    "webhooks",
];

fn is_gemini_path(rest: &str) -> bool {
    let family = rest.split(['/', ':']).next().unwrap_or(rest);
    GEMINI_FAMILIES.contains(&family)
        || rest.rsplit('/').next().is_some_and(|last| last.contains(':'))
}

fn is_shared_path(rest: &str) -> bool {
    matches!(rest.split('/').next(), Some("models" | "files" | "batches"))
}

fn speaks_gemini(query: Option<&str>, headers: &HeaderMap) -> bool {
    headers.contains_key("x-goog-api-key")
        || headers.contains_key("x-goog-api-client")
        || headers.contains_key("x-goog-upload-protocol")
        || query.is_some_and(|query| query.split('&').any(|pair| pair.starts_with("key=")))
}

#[cfg(test)]
mod tests;

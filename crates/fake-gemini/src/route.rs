//! Which method of the API a path names.

use http::Method;

use crate::older;

/// Where Vertex AI in express mode is.
const VERTEX: [&str; 2] = ["/v1beta1/publishers/google", "/v1/publishers/google"];

/// A method that the simulation knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    ListModels,
    GetModel,
    GenerateContent,
    StreamGenerateContent,
    CountTokens,
    EmbedContent,
    BatchEmbedContents,
    /// A method whose models are gone.
    Older,
    /// Anything of the OpenAI-compatible layer.
    Compat,
    /// Anything about what exists in a project.
    Resource,
    /// Anything below `/upload`.
    Upload,
    /// What the simulation itself has seen, for tests in other languages.
    Inspect,
    /// Anything else.
    Unknown,
}

/// What a request line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) operation: Operation,
    /// Whether it is asked of Vertex AI, which takes other keys.
    pub(crate) is_vertex: bool,
    /// `v1beta`, `v1` or `v1alpha`.
    pub(crate) version: String,
    /// The model without `models/`.
    pub(crate) model: Option<String>,
    /// The operation as the journal writes it.
    pub(crate) label: String,
    /// The path below the version, of resources and uploads.
    pub(crate) resource: String,
}

impl Target {
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        let Some(rest) = VERTEX.iter().find_map(|address| path.strip_prefix(address)) else {
            return Self::of_gemini(method, path);
        };
        let target = Self::of_gemini(method, &format!("/v1beta{rest}"));
        let operation = match target.operation {
            Operation::GenerateContent
            | Operation::StreamGenerateContent
            | Operation::CountTokens
            | Operation::ListModels => target.operation,
            _ => Operation::Unknown,
        };
        Self { operation, is_vertex: true, ..target }
    }

    fn of_gemini(method: &Method, path: &str) -> Self {
        let mut segments = path.trim_start_matches('/').splitn(3, '/');
        let version = segments.next().unwrap_or_default().to_owned();
        let (collection, rest) = (segments.next(), segments.next());
        if version == "_fake" {
            return Self::new(Operation::Inspect, version, None, collection.unwrap_or_default());
        }
        if version == "upload" {
            let resource = rest.unwrap_or_default();
            return Self::about(Operation::Upload, collection.unwrap_or_default(), resource);
        }
        if collection == Some("openai") {
            let resource = rest.unwrap_or_default();
            return Self::about(Operation::Compat, &version, resource);
        }
        if let Some(resource) = resource(path) {
            return Self::about(Operation::Resource, &version, &resource);
        }
        let is_version = matches!(version.as_str(), "v1beta" | "v1" | "v1alpha");
        if let (true, Some(of @ ("tunedModels" | "dynamic")), Some(rest)) =
            (is_version, collection, rest)
            && let Some((id, label)) = decoded(rest).split_once(':')
        {
            return Self::new(
                operation(method, label),
                version,
                Some(&format!("{of}/{id}")),
                label,
            );
        }
        if !is_version || collection != Some("models") {
            return Self::new(Operation::Unknown, version, None, "");
        }
        let Some(rest) = rest.filter(|rest| !rest.is_empty()).map(decoded) else {
            return match *method {
                Method::GET => Self::new(Operation::ListModels, version, None, "models.list"),
                _ => Self::new(Operation::Unknown, version, None, ""),
            };
        };
        match rest.split_once(':') {
            Some((model, label)) => {
                Self::new(operation(method, label), version, Some(model), label)
            }
            None if *method == Method::GET && !rest.contains('/') => {
                Self::new(Operation::GetModel, version, Some(&rest), "models.get")
            }
            None => Self::new(Operation::Unknown, version, None, ""),
        }
    }

    fn about(operation: Operation, version: &str, resource: &str) -> Self {
        let resource = decoded(resource);
        let model = resource.strip_prefix("models/").and_then(|rest| rest.split([':', '/']).next());
        let family = resource.split(['/', ':']).next().unwrap_or_default();
        let target = Self::new(operation, version.to_owned(), model, family);
        Self { resource, ..target }
    }

    fn new(operation: Operation, version: String, model: Option<&str>, label: &str) -> Self {
        let (model, label) = (model.map(str::to_owned), label.to_owned());
        Self { operation, is_vertex: false, version, model, label, resource: String::new() }
    }
}

/// What a path is about below its version, if it is about something that exists in a project.
fn resource(path: &str) -> Option<String> {
    const FAMILIES: [&str; 18] = [
        "files",
        "cachedContents",
        "batches",
        "operations",
        "fileSearchStores",
        "corpora",
        "generatedFiles",
        "interactions",
        "environments",
        "triggers",
        "webhooks",
        "credentials",
        "auth_tokens",
        "decisions",
        "tunedModels",
        "agents",
        "voices",
        // Not of this year.
        "gizmos",
    ];
    let (version, rest) = path.trim_start_matches('/').split_once('/')?;
    let rest = decoded(rest);
    let family = rest.split(['/', ':']).next()?;
    let method = rest.rsplit_once(':').map(|(_, method)| method);
    let is_long = matches!(
        method,
        Some("batchGenerateContent" | "asyncBatchEmbedContent" | "predictLongRunning")
    );
    let asks = |method: &str| method.ends_with("enerateContent") || method == "generateText";
    let generates = method.is_some_and(asks) && !is_long;
    let is_of_model = family == "models" && (is_long || rest.contains("/operations"));
    let is_known = matches!(version, "v1beta" | "v1" | "v1alpha")
        && (is_of_model || FAMILIES.contains(&family) && !generates);
    is_known.then_some(rest)
}

fn operation(method: &Method, label: &str) -> Operation {
    match (method, label) {
        (&Method::POST, "generateContent") => Operation::GenerateContent,
        (&Method::POST, "streamGenerateContent") => Operation::StreamGenerateContent,
        (&Method::POST, "countTokens") => Operation::CountTokens,
        (&Method::POST, "embedContent") => Operation::EmbedContent,
        (&Method::POST, "batchEmbedContents") => Operation::BatchEmbedContents,
        (&Method::POST, label) if older::KNOWN.contains(&label) => Operation::Older,
        _ => Operation::Unknown,
    }
}

/// Percent-decoding, leaving what is not decodable as it is.
pub(crate) fn decoded(text: &str) -> String {
    let hex = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%'
            && let (Some(high), Some(low)) = (hex(bytes.get(at + 1)), hex(bytes.get(at + 2)))
        {
            out.push((high * 16 + low) as u8);
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(method: &Method, path: &str) -> (Operation, Option<String>) {
        let target = Target::of(method, path);
        (target.operation, target.model)
    }

    #[test]
    fn paths_name_operations() {
        let model = Some("gemini-3.8-flash".to_owned());
        for (method, path, operation, named) in [
            (Method::GET, "/v1beta/models", Operation::ListModels, None),
            (Method::GET, "/v1/models/gemini-3.8-flash", Operation::GetModel, model.clone()),
            (
                Method::POST,
                "/v1alpha/models/gemini-3.8-flash:countTokens",
                Operation::CountTokens,
                model.clone(),
            ),
            (
                Method::POST,
                "/v1beta/models/gemini-3.8-flash%3AgenerateContent",
                Operation::GenerateContent,
                model.clone(),
            ),
            (Method::POST, "/v1beta/models/gemini-3.8-flash:dance", Operation::Unknown, model),
            (Method::POST, "/v2/models/x:generateContent", Operation::Unknown, None),
            (Method::GET, "/v1beta/files", Operation::Resource, None),
            (Method::POST, "/upload/v1beta/files", Operation::Upload, None),
            (
                Method::GET,
                "/v1beta/models/veo/operations/o",
                Operation::Resource,
                Some("veo".to_owned()),
            ),
            (
                Method::POST,
                "/v1beta1/publishers/google/models/x:countTokens",
                Operation::CountTokens,
                Some("x".to_owned()),
            ),
            (Method::GET, "/v1beta1/publishers/google/files", Operation::Unknown, None),
            (Method::GET, "/", Operation::Unknown, None),
        ] {
            assert_eq!(target(&method, path), (operation, named), "{path}");
        }
    }
}

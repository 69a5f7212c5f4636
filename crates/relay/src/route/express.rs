//! Vertex AI in express mode, below `/vertex-express`: the Gemini API's paths on keys of their own.

use super::GeminiCall;
use crate::path::ModelPath;

/// Where Google's publisher stands in Vertex AI's own paths. The address of the API ends with it.
const PUBLISHER: &str = "publishers/google/";

/// A call of Vertex AI in express mode.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ExpressCall<'a> {
    /// The list of models, or one of them. Vertex AI lists otherwise, so the Gemini API answers.
    Models(GeminiCall<'a>),
    /// A method of a model.
    Model(GeminiCall<'a>),
    /// Anything else, by its path below the address of the API.
    Other(&'a str),
}

impl<'a> ExpressCall<'a> {
    /// Reads a path below `/vertex-express`. The version is any: the address of the API has its own.
    pub(super) fn parse(path: &'a str) -> Option<Self> {
        let (version, rest) = path.get(1..)?.split_once('/')?;
        if !matches!(version, "v1" | "v1alpha" | "v1beta" | "v1beta1") {
            return None;
        }
        let own = rest.strip_prefix(PUBLISHER);
        let below = own.unwrap_or(rest);
        let target = &path[path.len() - below.len() - 1..];
        let is_of_models = below == "models" || below.starts_with("models/");
        if !is_of_models {
            return Some(Self::Other(target));
        }
        let model = if below == "models" { None } else { Some(ModelPath::parse(below)?) };
        if model.is_some_and(|model| model.method.is_some()) {
            return Some(Self::Model(GeminiCall { upstream_path: target, version: "", model }));
        }
        if own.is_some() {
            return Some(Self::Other(target));
        }
        let version = &path[..=version.len()];
        Some(Self::Models(GeminiCall { upstream_path: path, version, model }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_below_the_address_of_the_api() {
        for path in ["/v1beta/models/m:countTokens", "/v1/publishers/google/models/m:countTokens"] {
            let Some(ExpressCall::Model(call)) = ExpressCall::parse(path) else { panic!("{path}") };
            assert_eq!((call.upstream_path, call.version), ("/models/m:countTokens", ""));
        }
        let other = |path| match ExpressCall::parse(path) {
            Some(ExpressCall::Other(path)) => path,
            call => panic!("{call:?}"),
        };
        assert_eq!(other("/v1beta1/publishers/google/models"), "/models");
        assert_eq!(other("/v1beta1/publishers/google/models/m"), "/models/m");
        assert_eq!(other("/v1beta/operations/o:wait"), "/operations/o:wait");
        for path in ["/v2/models", "/v1beta", "/v1beta/models/a@b:x", "/"] {
            assert_eq!(ExpressCall::parse(path), None, "{path}");
        }
    }

    #[test]
    fn models_are_those_of_the_gemini_api() {
        for (path, model) in [("/v1beta/models", None), ("/v1beta/models/m", Some("m"))] {
            let Some(ExpressCall::Models(call)) = ExpressCall::parse(path) else {
                panic!("{path}")
            };
            assert_eq!((call.upstream_path, call.version), (path, "/v1beta"));
            assert_eq!(call.model.map(|model| model.model), model);
        }
    }
}

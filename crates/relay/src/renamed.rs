//! Gemini calls whose path names a model that only the gateway knows.

use std::borrow::Cow;

use bytes::Bytes;
use dialect::models::{Changes, Offers, Resolved, rules};
use http::StatusCode;

use crate::answer::Fault;
use crate::path::{ModelPath, is_plain_name};
use crate::route::GeminiCall;

/// A call in Google's words.
pub(crate) struct Renamed<'a> {
    /// The path below the host.
    pub(crate) path: Cow<'a, str>,
    /// Google's name of the model.
    pub(crate) model: Option<Cow<'a, str>>,
    changes: Changes,
}

impl<'a> Renamed<'a> {
    /// A call that names a model of Google stays as it is, whatever else is offered.
    pub(crate) fn new(offers: &Offers, call: &GeminiCall<'a>) -> Result<Self, Fault> {
        let as_it_is = |model: Option<&'a str>| Self {
            path: Cow::Borrowed(call.upstream_path),
            model: model.map(Cow::Borrowed),
            changes: Changes::default(),
        };
        let Some(ModelPath { model: asked, method }) = call.model else {
            return Ok(as_it_is(None));
        };
        let Resolved { model, changes } = offers.resolve(asked);
        if model == asked {
            return Ok(as_it_is(Some(asked)));
        }
        if !model.split('/').all(is_plain_name) {
            let message = format!("The alias `{asked}` leads to no model's name (MODEL_ALIASES).");
            return Err(Fault::new(StatusCode::NOT_FOUND, "model_not_found", message));
        }
        let version = call.upstream_path.split('/').nth(1).unwrap_or_default();
        let collection = if model.contains('/') { "" } else { "models/" };
        let (colon, method) = method.map_or(("", ""), |method| (":", method));
        let path = format!("/{version}/{collection}{model}{colon}{method}");
        Ok(Self { path: path.into(), model: Some(model.into()), changes })
    }

    /// The body with what the name asks for, and whether that is less than it asks for.
    pub(crate) fn body(&self, method: Option<&str>, body: Bytes) -> Result<(Bytes, bool), Fault> {
        let generates = matches!(method, Some("generateContent" | "streamGenerateContent"));
        let Some(model) = self.model.as_deref().filter(|_| generates && !self.changes.is_empty())
        else {
            return Ok((body, false));
        };
        let changed = self.changes.apply(&rules(model), &body)?;
        Ok((changed.body.into(), changed.search_dropped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(model: &str, method: Option<&str>, path: &str) -> Result<(String, String), Fault> {
        let alias = |(alias, name): (&str, &str)| (alias.to_owned(), name.to_owned());
        let offers = Offers {
            aliases: [("gpt-4o", "gemini-2.5-flash"), ("mine", "tunedModels/x"), ("bad", "a b")]
                .map(alias)
                .into(),
            code_execution: true,
            ..Offers::default()
        };
        let model = Some(ModelPath { model, method });
        let renamed = Renamed::new(&offers, &GeminiCall { upstream_path: path, model })?;
        let (body, _) = renamed.body(method, Bytes::from_static(b" {} "))?;
        Ok((renamed.path.into_owned(), String::from_utf8(body.to_vec()).unwrap()))
    }

    #[test]
    fn names_of_google_and_their_bodies_stay_as_they_are() {
        let path = "/v1/models/gemini-2.5-flash:generateContent";
        let (told, body) = renamed("gemini-2.5-flash", Some("generateContent"), path).unwrap();
        assert_eq!((told.as_str(), body.as_str()), (path, " {} "));
    }

    #[test]
    fn aliases_lead_to_their_models() {
        let call = renamed("gpt-4o", Some("generateContent"), "/v1/models/gpt-4o:generateContent");
        let (path, body) = call.unwrap();
        assert_eq!(path, "/v1/models/gemini-2.5-flash:generateContent");
        assert!(body.contains("codeExecution"), "{body}");
        let (path, body) = renamed("mine", None, "/v1beta/models/mine").unwrap();
        assert_eq!((path.as_str(), body.as_str()), ("/v1beta/tunedModels/x", " {} "));
        let fault = renamed("bad", None, "/v1beta/models/bad").unwrap_err();
        assert_eq!(fault.code, Some("model_not_found"));
    }
}

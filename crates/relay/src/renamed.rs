//! Gemini calls whose path names a model that only the gateway knows.

use std::borrow::Cow;

use bytes::Bytes;
use dialect::gemini::SafetySetting;
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
    /// How many models may answer if this one cannot.
    pub(crate) more_models: usize,
    /// What is changed in the body; `None` if that stays as it is.
    changes: Option<Changes>,
    safety_settings: &'a [SafetySetting],
}

impl<'a> Renamed<'a> {
    /// A call that names a model of Google stays as it is, whatever else is offered, except for what
    /// is set for this model. `turn` says which of the models that may answer is asked.
    pub(crate) fn new(
        offers: &'a Offers,
        call: &GeminiCall<'a>,
        turn: usize,
    ) -> Result<Self, Fault> {
        let path = Cow::Borrowed(call.upstream_path);
        let Some(ModelPath { model: asked, method }) = call.model else {
            let (more_models, changes, safety_settings) = (0, None, [].as_slice());
            return Ok(Self { path, model: None, more_models, changes, safety_settings });
        };
        let generates = matches!(method, Some("generateContent" | "streamGenerateContent"));
        let Resolved { model, changes, more_models } = offers.resolve(asked, turn);
        let safety_settings = offers.safety_settings.get(&model).map_or(&[][..], Vec::as_slice);
        let more_models = if generates { more_models } else { 0 };
        if model == asked {
            let changes = offers.of_model(&model);
            let is_changed = generates && !(changes.is_empty() && safety_settings.is_empty());
            let changes = is_changed.then_some(changes);
            let model = Some(Cow::Borrowed(asked));
            return Ok(Self { path, model, more_models, changes, safety_settings });
        }
        if !model.split('/').all(is_plain_name) {
            let message = format!("The alias `{asked}` leads to no model's name (MODEL_ALIASES).");
            return Err(Fault::new(StatusCode::NOT_FOUND, "model_not_found", message));
        }
        let collection = if model.contains('/') { "" } else { "models/" };
        let (colon, method) = method.map_or(("", ""), |method| (":", method));
        let path = format!("{}/{collection}{model}{colon}{method}", call.version).into();
        let changes = generates.then_some(changes);
        Ok(Self { path, model: Some(model.into()), more_models, changes, safety_settings })
    }

    /// The body with what the name asks for, and whether that is less than it asks for.
    pub(crate) fn body(&self, body: &Bytes) -> Result<(Bytes, bool), Fault> {
        let (Some(model), Some(changes)) = (self.model.as_deref(), &self.changes) else {
            return Ok((body.clone(), false));
        };
        let own = changes.apply_natively(&rules(model), model, self.safety_settings, body)?;
        Ok((own.body.into(), own.search_dropped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version_of(path: &str) -> &str {
        &path[..path[1..].find('/').unwrap_or_default() + 1]
    }

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
        let renamed = Renamed::new(
            &offers,
            &GeminiCall { upstream_path: path, version: version_of(path), model },
            0,
        )?;
        let (body, _) = renamed.body(&Bytes::from_static(b" {} "))?;
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

//! `GET /v1/models` and `GET /v1/models/{id}`.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::aliases::alias_of;
use crate::{
    json::{self, Text, number::Integer},
    models::find,
};

/// Anthropic's, for clients that name no limit.
const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 1000;

/// The piece of the list that a client asks for, by its query.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window<'a> {
    /// How many models at most.
    pub limit: Option<usize>,
    /// The list begins after this one.
    pub after_id: Option<&'a str>,
    /// The list ends before this one.
    pub before_id: Option<&'a str>,
}

#[derive(Serialize)]
struct ModelList<'m> {
    data: &'m [ModelObject],
    has_more: bool,
    first_id: Option<&'m str>,
    last_id: Option<&'m str>,
}

#[derive(Clone, Serialize)]
struct ModelObject {
    r#type: &'static str,
    id: String,
    display_name: String,
    created_at: String,
    max_input_tokens: Option<u64>,
    max_tokens: Option<u64>,
    lifecycle: &'static str,
    line: Option<&'static str>,
    deprecated_at: Option<&'static str>,
    retires_at: Option<&'static str>,
    capabilities: Option<&'static str>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Page<'a> {
    models: Option<Vec<Listed<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Listed<'a> {
    name: Option<Text<'a>>,
    display_name: Option<Text<'a>>,
    input_token_limit: Option<Integer>,
    output_token_limit: Option<Integer>,
    supported_generation_methods: Option<Vec<Text<'a>>>,
}

/// The list object: all models of Gemini's list pages that `keep` accepts (by id, without
/// `models/`), in their order, without repetitions, and after each that can hold a conversation the
/// name under which Claude Code shows it. Pages that cannot be read are left out.
pub fn list<'a>(
    pages: impl IntoIterator<Item = &'a [u8]>,
    keep: &dyn Fn(&str) -> bool,
    window: Window<'_>,
) -> Vec<u8> {
    let mut seen = HashSet::new();
    let mut models = Vec::new();
    for page in pages {
        let Ok(Page { models: listed }) = serde_json::from_slice(page) else { continue };
        for model in listed.into_iter().flatten() {
            let Some(name) = model.name.as_ref().map(Text::decode) else { continue };
            let id = name.strip_prefix("models/").unwrap_or(&name);
            if keep(id) && seen.insert(id.to_owned()) {
                let object = object(id, &model);
                let alias = alias_of(id).filter(|_| model.converses());
                models.push(object.clone());
                models.extend(alias.map(|id| ModelObject { id, ..object }));
            }
        }
    }
    let (data, has_more) = cut(&models, window);
    let id = |model: Option<&'_ ModelObject>| model.map(|model| model.id.clone());
    let (first, last) = (id(data.first()), id(data.last()));
    let (first_id, last_id) = (first.as_deref(), last.as_deref());
    json::to_vec(&ModelList { data, has_more, first_id, last_id })
}

/// One model object, for the id that the client asked for and the body of Gemini's model.
pub fn one(id: &str, gemini_body: &[u8]) -> Vec<u8> {
    let listed: Listed<'_> = serde_json::from_slice(gemini_body).unwrap_or_default();
    let name = listed.name.as_ref().map_or_else(|| id.into(), Text::decode);
    let model = name.strip_prefix("models/").unwrap_or(&name);
    json::to_vec(&ModelObject { id: id.to_owned(), ..object(model, &listed) })
}

fn cut<'m>(models: &'m [ModelObject], window: Window<'_>) -> (&'m [ModelObject], bool) {
    let limit = window.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let place = |id: Option<&str>| models.iter().position(|model| Some(model.id.as_str()) == id);
    if let Some(end) = place(window.before_id) {
        let start = end.saturating_sub(limit);
        return (&models[start..end], start > 0);
    }
    let rest = place(window.after_id).map_or(models, |at| &models[at + 1..]);
    (&rest[..rest.len().min(limit)], rest.len() > limit)
}

fn object(id: &str, listed: &Listed<'_>) -> ModelObject {
    let known = find(id);
    let released = known.and_then(|model| model.released).unwrap_or("1970-01-01");
    let name = listed.display_name.as_ref().map(Text::decode).filter(|name| !name.is_empty());
    let limit = |limit: Option<Integer>| limit.and_then(|Integer(limit)| u64::try_from(limit).ok());
    ModelObject {
        r#type: "model",
        id: id.to_owned(),
        display_name: name.unwrap_or(id.into()).into_owned(),
        created_at: format!("{released}T00:00:00Z"),
        max_input_tokens: limit(listed.input_token_limit).or(known.and_then(|model| model.context)),
        max_tokens: limit(listed.output_token_limit).or(known.and_then(|model| model.max_output)),
        lifecycle: "active",
        line: None,
        deprecated_at: None,
        retires_at: None,
        capabilities: None,
    }
}

impl Listed<'_> {
    fn converses(&self) -> bool {
        let methods = self.supported_generation_methods.iter().flatten();
        methods.into_iter().any(|method| method.decode() == "generateContent")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const PAGES: [&[u8]; 3] = [
        br#"{"models":[{"name":"models/gemini-3.8-flash","displayName":"Gemini 3.8 Flash","inputTokenLimit":1048576,"outputTokenLimit":65536,"supportedGenerationMethods":["generateContent"]},{"name":"models/aqa"}]}"#,
        br#"{"models":[{"name":"models/gemini-3.8-flash"},{"name":"models/gemini-embedding-2","supportedGenerationMethods":["embedContent"]}]}"#,
        b"<html>",
    ];

    fn listed(window: Window<'_>) -> Value {
        serde_json::from_slice(&list(PAGES, &|id| id != "aqa", window)).unwrap()
    }

    fn ids(list: &Value) -> Vec<&str> {
        list["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect()
    }

    #[test]
    fn pages_are_joined_and_claude_code_finds_its_names() {
        let list = listed(Window::default());
        assert_eq!(
            ids(&list),
            ["gemini-3.8-flash", "claude-gemini-3.8-flash", "gemini-embedding-2"]
        );
        assert_eq!(
            (&list["first_id"], &list["has_more"]),
            (&"gemini-3.8-flash".into(), &false.into())
        );
        insta::assert_snapshot!(list["data"][1], @r#"{"type":"model","id":"claude-gemini-3.8-flash","display_name":"Gemini 3.8 Flash","created_at":"2026-09-02T00:00:00Z","max_input_tokens":1048576,"max_tokens":65536,"lifecycle":"active","line":null,"deprecated_at":null,"retires_at":null,"capabilities":null}"#);
    }

    #[test]
    fn windows_move_over_the_list() {
        let window = Window { limit: Some(1), ..Window::default() };
        let first = listed(window);
        assert_eq!((ids(&first), &first["has_more"]), (vec!["gemini-3.8-flash"], &true.into()));
        let after = Window { after_id: first["last_id"].as_str(), ..Window::default() };
        assert_eq!(ids(&listed(after)), ["claude-gemini-3.8-flash", "gemini-embedding-2"]);
        let before = listed(Window { before_id: Some("gemini-embedding-2"), ..window });
        assert_eq!(
            (ids(&before), &before["has_more"]),
            (vec!["claude-gemini-3.8-flash"], &true.into())
        );
        assert_eq!(ids(&listed(Window { after_id: Some("gone"), ..window })), ids(&first));
    }

    #[test]
    fn one_model_keeps_the_name_that_was_asked_for() {
        let model: Value = serde_json::from_slice(&one(
            "claude-gemini-3.8-flash",
            br#"{"name":"models/gemini-3.8-flash"}"#,
        ))
        .unwrap();
        assert_eq!(model["id"], "claude-gemini-3.8-flash");
        assert_eq!(model["created_at"], "2026-09-02T00:00:00Z");
        assert_eq!(model["max_tokens"], 65_536);
    }
}

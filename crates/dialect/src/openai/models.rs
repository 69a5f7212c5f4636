//! `GET /v1/models` and `GET /v1/models/{id}`.

use std::{borrow::Cow, collections::HashSet};

use serde::{Deserialize, Serialize};

use crate::{
    json::{self, Text},
    models::{Offers, find},
};

#[derive(Serialize)]
struct ModelList<'a> {
    object: &'static str,
    data: Vec<ModelObject<'a>>,
}

#[derive(Serialize)]
struct ModelObject<'a> {
    id: Cow<'a, str>,
    object: &'static str,
    created: i64,
    owned_by: &'static str,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Page<'a> {
    models: Option<Vec<Listed<'a>>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Listed<'a> {
    name: Option<Text<'a>>,
}

/// The list object: all models of Gemini's list pages that `keep` accepts (by id, without
/// `models/`), in their order, without repetitions. Pages that cannot be read are left out.
pub fn list<'a>(pages: impl IntoIterator<Item = &'a [u8]>, keep: &dyn Fn(&str) -> bool) -> Vec<u8> {
    offered(pages, keep, &Offers::default())
}

/// As [`list`], with the names that the gateway offers beside Google's: those with endings behind
/// their models, aliases at the end.
pub fn offered<'a>(
    pages: impl IntoIterator<Item = &'a [u8]>,
    keep: &dyn Fn(&str) -> bool,
    offers: &Offers,
) -> Vec<u8> {
    let mut seen = HashSet::new();
    let mut data = Vec::new();
    for page in pages {
        let Ok(Page { models }) = serde_json::from_slice(page) else { continue };
        for name in models.into_iter().flatten().filter_map(|model| model.name) {
            let name = name.decode();
            let id = name.strip_prefix("models/").unwrap_or(&name);
            if keep(id) && seen.insert(id.to_owned()) {
                data.push(object(Cow::Owned(id.to_owned())));
                let names = offers.beside(id).into_iter().map(|(name, _)| name);
                let names = names.filter(|name| keep(name) && seen.insert(name.clone()));
                data.extend(names.map(|name| object(Cow::Owned(name))));
            }
        }
    }
    let more = offers.beside_all(&|name| seen.contains(name));
    data.extend(more.into_iter().filter(|name| keep(name)).map(|name| object(Cow::Owned(name))));
    json::to_vec(&ModelList { object: "list", data })
}

/// One model object, for the id that the client asked for.
pub fn one(id: &str) -> Vec<u8> {
    json::to_vec(&object(Cow::Borrowed(id.strip_prefix("models/").unwrap_or(id))))
}

fn object(id: Cow<'_, str>) -> ModelObject<'_> {
    let created = find(&id).and_then(crate::models::Model::released_at).unwrap_or(0);
    ModelObject { id, object: "model", created, owned_by: "google" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_joined() {
        let pages = [
            br#"{"models":[{"name":"models/gemini-3.8-flash","x":1},{"name":"models/aqa"}],"nextPageToken":"t"}"#.as_slice(),
            br#"{"models":[{"name":"models/gemini-3.8-flash"},{"name":"models/gemini-new"}]}"#,
            b"{}",
            b"<html>",
        ];
        let list = String::from_utf8(list(pages, &|id| id != "aqa")).unwrap();
        assert_eq!(
            list,
            r#"{"object":"list","data":[{"id":"gemini-3.8-flash","object":"model","created":1788307200,"owned_by":"google"},{"id":"gemini-new","object":"model","created":0,"owned_by":"google"}]}"#
        );
    }

    #[test]
    fn offered_names_stand_behind_their_models() {
        let page = br#"{"models":[{"name":"models/gemini-2.5-flash"},{"name":"models/aqa"}]}"#;
        let offers = Offers {
            search: vec!["gemini-2.5-flash".into(), "gemini-2.5-pro".into()],
            aliases: [("gpt-4o".into(), "gemini-2.5-flash-search".into())].into(),
            ..Offers::default()
        };
        let list = offered([page.as_slice()], &|_| true, &offers);
        let list: serde_json::Value = serde_json::from_slice(&list).unwrap();
        let ids: Vec<&str> = list["data"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|model| model["id"].as_str())
            .collect();
        assert_eq!(ids, ["gemini-2.5-flash", "gemini-2.5-flash-search", "aqa", "gpt-4o"]);
    }

    #[test]
    fn one_model() {
        let model = String::from_utf8(one("models/gemini-3.8-flash")).unwrap();
        assert_eq!(
            model,
            r#"{"id":"gemini-3.8-flash","object":"model","created":1788307200,"owned_by":"google"}"#
        );
    }
}

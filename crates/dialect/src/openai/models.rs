//! `GET /v1/models` and `GET /v1/models/{id}`.

use std::{borrow::Cow, collections::HashSet};

use serde::{Deserialize, Serialize};

use crate::{
    json::{self, Text},
    models::find,
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
    let mut seen = HashSet::new();
    let mut data = Vec::new();
    for page in pages {
        let Ok(Page { models }) = serde_json::from_slice(page) else { continue };
        for name in models.into_iter().flatten().filter_map(|model| model.name) {
            let name = name.decode();
            let id = name.strip_prefix("models/").unwrap_or(&name);
            if keep(id) && seen.insert(id.to_owned()) {
                data.push(object(Cow::Owned(id.to_owned())));
            }
        }
    }
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
    fn one_model() {
        let model = String::from_utf8(one("models/gemini-3.8-flash")).unwrap();
        assert_eq!(
            model,
            r#"{"id":"gemini-3.8-flash","object":"model","created":1788307200,"owned_by":"google"}"#
        );
    }
}

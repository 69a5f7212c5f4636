//! Gemini's own list of models, with the names that the gateway offers beside it.

use serde::Deserialize;

use super::Offers;
use crate::json::{Object, Text};

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Page<'a> {
    models: Option<Vec<Object<'a>>>,
}

/// A page of `GET /v1beta/models` with a copy of each offered model behind the one it stands for,
/// and without models that `keep` refuses (by their names without `models/`). `None` if the page is
/// no list, or if nothing changes.
pub fn extend(page: &[u8], offers: &Offers, keep: &dyn Fn(&str) -> bool) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(page).ok()?;
    let models = serde_json::from_str::<Page<'_>>(text).ok()?.models?;
    let mut all = Vec::with_capacity(models.len());
    let mut changed = false;
    for model in models {
        let name = string(&model, "name").unwrap_or_default();
        let id = name.strip_prefix("models/").unwrap_or(&name).to_owned();
        if !keep(&id) {
            changed = true;
            continue;
        }
        let title = string(&model, "displayName").unwrap_or_else(|| id.clone());
        let copies =
            offers.beside(&id).into_iter().filter(|(name, _)| keep(name)).map(|(name, behind)| {
                let mut copy = model.clone();
                copy.put("name", &format!("models/{name}"));
                copy.put("displayName", &format!("{title}{behind}"));
                copy
            });
        let copies: Vec<Object<'_>> = copies.collect();
        changed |= !copies.is_empty();
        all.push(model);
        all.extend(copies);
    }
    if !changed {
        return None;
    }
    let mut page = Object::read(text)?;
    page.put("models", &all);
    Some(page.to_vec())
}

fn string(model: &Object<'_>, name: &str) -> Option<String> {
    let text: Text<'_> = serde_json::from_str(model.get(name)?).ok()?;
    Some(text.decode().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_stand_behind_their_models() {
        let offers = Offers { search: vec!["gemini-2.5-flash".into()], ..Offers::default() };
        let page = br#"{"models":[{"name":"models/gemini-2.5-flash","displayName":"Flash","inputTokenLimit":1},{"name":"models/aqa"}],"nextPageToken":"t"}"#;
        insta::assert_snapshot!(String::from_utf8(extend(page, &offers, &|_| true).unwrap()).unwrap(), @r#"{"nextPageToken":"t","models":[{"name":"models/gemini-2.5-flash","displayName":"Flash","inputTokenLimit":1},{"inputTokenLimit":1,"name":"models/gemini-2.5-flash-search","displayName":"Flash For Search"},{"name":"models/aqa"}]}"#);
        assert_eq!(extend(page, &Offers::default(), &|_| true), None);
        assert_eq!(extend(b"<html>", &offers, &|_| true), None);
    }

    #[test]
    fn refused_models_are_left_out() {
        let offers = Offers { search: vec!["a".into(), "b".into()], ..Offers::default() };
        let page = br#"{"models":[{"name":"models/a"},{"name":"models/b"}]}"#;
        let keep = |name: &str| !matches!(name, "a" | "b-search");
        let list = String::from_utf8(extend(page, &offers, &keep).unwrap()).unwrap();
        assert_eq!(list, r#"{"models":[{"name":"models/b"}]}"#);
    }
}

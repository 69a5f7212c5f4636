//! Settings by model: JSON objects whose names are models'.

use indexmap::IndexMap;

use super::{Problem, collection, headers, quoted, safety};
use crate::hidden::Hidden;
use crate::tool::Tool;
use crate::value::SafetySetting;

/// Models to the models that are tried after them.
pub(super) fn chains(text: &str) -> Result<IndexMap<String, Vec<String>>, Problem> {
    let written: IndexMap<String, Vec<String>> = read(text)?;
    let mut chains = IndexMap::with_capacity(written.len());
    for (model, next) in written {
        let model = plain(&model)?;
        if next.is_empty() {
            return Err(format!("has no model to try after {model:?}"));
        }
        let next = next.iter().map(|name| plain(name)).collect::<Result<Vec<_>, _>>()?;
        if let Some(twice) = (1..next.len()).find(|&at| next[..at].contains(&next[at])) {
            return Err(format!("names {:?} twice after {model:?}", next[twice]));
        }
        if chains.contains_key(&model) {
            return Err(format!("names {model:?} twice"));
        }
        chains.insert(model, next);
    }
    match circle(&chains) {
        Some(circle) => Err(format!("goes round in a circle: {}", circle.join(" → "))),
        None => Ok(chains),
    }
}

/// Models that lead back to the first of them.
fn circle(chains: &IndexMap<String, Vec<String>>) -> Option<Vec<&str>> {
    chains.keys().find_map(|start| {
        let mut seen = Vec::new();
        way(chains, start, start, &mut seen)
    })
}

fn way<'c>(
    chains: &'c IndexMap<String, Vec<String>>,
    from: &'c str,
    to: &str,
    seen: &mut Vec<&'c str>,
) -> Option<Vec<&'c str>> {
    seen.push(from);
    for next in chains.get(from)? {
        if next == to {
            return Some(vec![from, next]);
        }
        if seen.contains(&next.as_str()) {
            continue;
        }
        if let Some(mut rest) = way(chains, next, to, seen) {
            rest.insert(0, from);
            return Some(rest);
        }
    }
    None
}

/// A model's name as clients may write it, without `models/`.
fn plain(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    let name = name.strip_prefix("models/").unwrap_or(name);
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-._:@/".contains(letter);
    if name.is_empty() || !name.chars().all(fits) {
        return Err(format!("has {name:?}, which is no model's name"));
    }
    Ok(name.to_owned())
}

/// Headers by model. Problems never quote a value.
pub(super) fn headers(text: &str) -> Result<IndexMap<String, IndexMap<String, Hidden>>, Problem> {
    let written: IndexMap<String, IndexMap<String, String>> = collection::object(text)?;
    by_pattern(written, headers::checked)
}

/// Tools by model.
pub(super) fn tools(text: &str) -> Result<IndexMap<String, Vec<Tool>>, Problem> {
    by_pattern(read(text)?, Ok)
}

/// Safety settings by model.
pub(super) fn safety(text: &str) -> Result<IndexMap<String, Vec<SafetySetting>>, Problem> {
    by_pattern(read(text)?, |settings: Vec<SafetySetting>| {
        safety::check(&settings)?;
        Ok(settings)
    })
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<IndexMap<String, T>, Problem> {
    serde_json::from_str(text)
        .or_else(|error| {
            serde_json::from_str(&collection::with_double_quotes(text)).map_err(|_| error)
        })
        .map_err(|error| quoted(text, &format!("is no such JSON object ({error})")))
}

/// Names may end with `*`.
fn by_pattern<T, U>(
    written: IndexMap<String, T>,
    mut check: impl FnMut(T) -> Result<U, Problem>,
) -> Result<IndexMap<String, U>, Problem> {
    let checked = written.into_iter().map(|(name, value)| {
        let name = name.trim();
        let name = match name.strip_suffix('*') {
            Some("") => "*".to_owned(),
            Some(start) => format!("{}*", plain(start)?),
            None => plain(name)?,
        };
        Ok((name, check(value)?))
    });
    checked.collect()
}

//! Lists and maps in all the forms that people write them. Problems here never quote the text,
//! because it may be secret.

use indexmap::IndexMap;

use super::{Problem, unquoted};

/// A JSON list; the same with single quotes or (as shells leave it) without quotes; or texts
/// separated by commas or whitespace. Empty entries and repetitions fall away.
pub(crate) fn list(text: &str) -> Result<Vec<String>, Problem> {
    let entries = if text.starts_with('[') { bracketed(text)? } else { separated(text) };
    let mut kept = Vec::with_capacity(entries.len());
    for entry in entries {
        let entry = entry.trim();
        if !entry.is_empty() && !kept.iter().any(|known| known == entry) {
            kept.push(entry.to_owned());
        }
    }
    Ok(kept)
}

fn bracketed(text: &str) -> Result<Vec<String>, Problem> {
    if let Ok(entries) = serde_json::from_str::<Vec<String>>(text) {
        return Ok(entries);
    }
    let inner = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .ok_or("starts like a list but has no ] at its end")?;
    let entries: Vec<String> = inner.split(',').map(|entry| unquoted(entry).to_owned()).collect();
    if entries.iter().any(|entry| entry.contains(['"', '\'', '[', ']', '{', '}'])) {
        return Err("is no list of texts".to_owned());
    }
    Ok(entries)
}

fn separated(text: &str) -> Vec<String> {
    text.split(|letter: char| letter == ',' || letter.is_whitespace())
        .map(|entry| unquoted(entry).to_owned())
        .collect()
}

/// A JSON object of texts, also with single quotes.
pub(super) fn texts(text: &str) -> Result<IndexMap<String, String>, Problem> {
    object(text)
}

/// A JSON object of texts that are among these words.
pub(super) fn choices(text: &str, words: &[&str]) -> Result<IndexMap<String, String>, Problem> {
    let texts = texts(text)?;
    match texts.iter().find(|(_, word)| !words.contains(&word.as_str())) {
        Some((name, _)) => Err(format!("has another word for {name:?}")),
        None => Ok(texts),
    }
}

/// A JSON object of numbers (also written as texts), also with single quotes.
pub(super) fn numbers(text: &str, min: f64, max: f64) -> Result<IndexMap<String, f64>, Problem> {
    let object: IndexMap<String, serde_json::Value> = object(text)?;
    object
        .into_iter()
        .map(|(name, value)| {
            let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
            match number {
                Some(number) if (min..=max).contains(&number) => Ok((name, number)),
                Some(_) => Err(format!("has a number out of bounds at {name:?}")),
                None => Err(format!("has no number at {name:?}")),
            }
        })
        .collect()
}

pub(super) fn object<T: serde::de::DeserializeOwned>(
    text: &str,
) -> Result<IndexMap<String, T>, Problem> {
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&with_double_quotes(text)))
        .map_err(|_| "is no such JSON object".to_owned())
}

/// What a Python dictionary prints, as JSON.
pub(super) fn with_double_quotes(text: &str) -> String {
    text.replace('\'', "\"")
}

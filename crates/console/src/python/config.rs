//! `/api/config`: all settings as one flat object.
//!
//! Secrets show as words or masks. Whoever sends the object back changes nothing with those: what
//! reads as it was shown stays as it is.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use keypool::Platform;
use secret::PoolKey;
use serde_json::{Map, Value};
use settings::{Kind, Row};
use store::{AddKey, NewKey, Source};

use super::pool;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::keys;
use crate::changes::settings as changes;
use crate::error::Error;

/// Settings that are lists of keys, and for which of Google's APIs those are.
const KEYS: [(&str, Platform); 2] =
    [("API_KEYS", Platform::Gemini), ("VERTEX_API_KEYS", Platform::Vertex)];
const TOKENS: &str = "ALLOWED_TOKENS";

/// `GET /api/config`.
pub(crate) async fn read(State(console): State<Console>) -> Result<Json<Value>, Error> {
    Ok(Json(Value::Object(object(&console).await?)))
}

async fn object(console: &Console) -> Result<Map<String, Value>, Error> {
    let rows = changes::resolved(console).await?.rows();
    let mut object: Map<String, Value> =
        rows.iter().map(|row| (row.name.to_owned(), value(row))).collect();
    for (setting, platform) in KEYS {
        let keys = pool::all_of(console, platform).into_iter().map(|key| Value::from(key.name));
        object.insert(setting.to_owned(), keys.collect());
    }
    let tokens = console.store.list_tokens().await?;
    let tokens = tokens.into_iter().filter(|token| token.revoked_at.is_none());
    object.insert(TOKENS.to_owned(), tokens.map(|token| Value::from(token.mask)).collect());
    Ok(object)
}

/// `PUT /api/config`: what the object names gets these values; names that nobody knows do nothing.
pub(crate) async fn change(
    State(console): State<Console>,
    identity: Identity,
    wanted: Result<Json<Map<String, Value>>, JsonRejection>,
) -> Result<Json<Value>, Error> {
    let Json(wanted) = wanted?;
    let now = object(&console).await?;
    let mut texts = BTreeMap::new();
    for (name, value) in &wanted {
        let Some(definition) = settings::find(name) else { continue };
        let is_as_shown = now.get(definition.name) == Some(value);
        if is_as_shown || value.is_null() || is_list(definition.name) {
            continue;
        }
        texts.insert(definition.name.to_owned(), Some(text(value)));
    }
    let planned = changes::plan(&console, &texts).await?;
    let lists = KEYS.iter().filter_map(|&(setting, platform)| {
        let wanted = wanted.get(setting)?.as_array()?;
        let there = now.get(setting).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        Some(KeyList { setting, platform, there, wanted })
    });
    let lists: Vec<_> =
        lists.map(|list| Ok((list.new_keys()?, list))).collect::<Result<_, Error>>()?;
    changes::save(&console, &identity, &planned).await?;
    for (added, list) in lists {
        list.change(&console, &identity, added).await?;
    }
    read(State(console)).await
}

/// What is no setting here, but managed on its own.
fn is_list(name: &str) -> bool {
    name == TOKENS || KEYS.iter().any(|(setting, _)| *setting == name)
}

/// `POST /api/config/reset`: every setting goes back to the environment or its default.
pub(crate) async fn reset(
    State(console): State<Console>,
    identity: Identity,
) -> Result<Json<Value>, Error> {
    let stored = console.store.stored_settings().await?;
    let known = stored.into_keys().filter(|name| settings::find(name).is_some());
    let planned = changes::plan(&console, &known.map(|name| (name, None)).collect()).await?;
    changes::save(&console, &identity, &planned).await?;
    read(State(console)).await
}

/// A list of keys, as it is and as it is to be.
struct KeyList<'a> {
    setting: &'static str,
    platform: Platform,
    there: &'a [Value],
    wanted: &'a [Value],
}

impl KeyList<'_> {
    /// Those that are no names of keys that are there.
    fn new_keys(&self) -> Result<Vec<NewKey>, Error> {
        let parse = |text: &Value| {
            let key = PoolKey::parse(text.as_str().unwrap_or_default());
            let invalid = |error| Error::invalid(self.setting, format!("a key {error}"));
            key.map(|key| NewKey::new(key).of(self.platform)).map_err(invalid)
        };
        self.wanted.iter().filter(|text| !self.there.contains(text)).map(parse).collect()
    }

    /// Adds new keys, and removes those that are left out.
    async fn change(
        &self,
        console: &Console,
        identity: &Identity,
        added: Vec<NewKey>,
    ) -> Result<(), Error> {
        let mut kept = Vec::new();
        for key in added {
            let (AddKey::Added(id) | AddKey::Exists(id)) =
                console.store.add_key(key, Source::Admin).await?;
            kept.push(id);
        }
        let left_out = self.there.iter().filter(|name| !self.wanted.contains(name));
        for name in left_out.filter_map(Value::as_str) {
            let found = pool::find_of(&console.store, self.platform, name).await?;
            if let Some(key) = found.filter(|key| !kept.contains(&key.id)) {
                keys::remove(console, identity, key.id.as_str()).await?;
            }
        }
        if !kept.is_empty() {
            let count = kept.len().to_string();
            console.store.note(&identity.actor, "keys.add", "", &count).await?;
        }
        Ok(())
    }
}

/// A setting's value with the type that it had.
fn value(row: &Row) -> Value {
    let Some(text) = row.value.as_deref() else { return Value::String(String::new()) };
    let kind = settings::find(row.name).map(|definition| definition.kind);
    match kind {
        Some(Kind::Seconds { .. }) => seconds(text),
        Some(Kind::Text | Kind::Choice(_) | Kind::Secret | Kind::Url) => text.into(),
        _ if row.secret => text.into(),
        _ => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
    }
}

/// `90s` as 90, `1500ms` as 1.5.
fn seconds(text: &str) -> Value {
    let millis = text.strip_suffix("ms").and_then(|number| number.parse::<f64>().ok());
    let whole = text.strip_suffix('s').and_then(|number| number.parse::<u64>().ok());
    match (whole, millis) {
        (Some(whole), _) => whole.into(),
        (None, Some(millis)) => (millis / 1000.0).into(),
        (None, None) => text.into(),
    }
}

/// A value as settings are written.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_numbers_of_seconds() {
        assert_eq!(seconds("90s"), 90);
        assert_eq!(seconds("1500ms"), 1.5);
        assert_eq!(seconds("soon"), "soon");
    }
}

//! Changes of settings: checked together, saved together, and undone together.

mod seen;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use settings::{Resolved, Row, SettingError};
use store::SettingChange;

use crate::State;
use crate::access::Identity;
use crate::error::Error;

pub(crate) use seen::{Conflict, Merged, Seen, merge, revision};

/// A setting that gets another value; without one it goes back to the environment or the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) name: String,
    /// As people may see it; nothing for a secret.
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    pub(crate) secret: bool,
    /// What stood in the store before; nothing if the value came from elsewhere.
    pub(crate) stored: Option<String>,
}

/// All settings as they are now.
pub(crate) async fn resolved(state: &State) -> Result<Resolved, Error> {
    let imported = state.store.imported_settings().await?;
    Ok(resolve(state, &state.store.stored_settings().await?)?.with_imported(&imported))
}

fn resolve(state: &State, stored: &BTreeMap<String, String>) -> Result<Resolved, Error> {
    Resolved::new(state.environment.as_ref(), stored).map_err(|errors| {
        let problem = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        Error::invalid("environment", problem)
    })
}

/// What would change if these values were saved: names with new texts, `None` to go back. Values
/// that are there already are no change.
pub(crate) async fn plan(
    state: &State,
    wanted: &BTreeMap<String, Option<String>>,
) -> Result<Vec<Change>, Error> {
    let stored = state.store.stored_settings().await?;
    let now = resolved(state).await?;
    let mut changes = Vec::new();
    for (name, text) in wanted {
        let definition = settings::known(name).map_err(|error| refused(&error))?;
        let row = now.row(definition.name).map_err(|error| refused(&error))?;
        let after = text.as_deref().map(|text| settings::validate(definition.name, text));
        let after = after.transpose().map_err(|error| refused(&error))?;
        let before_stored = stored.get(definition.name);
        let is_same = match &after {
            Some(after) => Some(after) == row.value.as_ref() || Some(after) == before_stored,
            None => before_stored.is_none(),
        };
        if !is_same {
            let secret = definition.is_secret();
            changes.push(Change {
                name: definition.name.to_owned(),
                before: row.value.filter(|_| !secret),
                after,
                secret,
                stored: before_stored.filter(|_| !secret).cloned(),
            });
        }
    }
    refuse_beside_others(&after(state, stored, &changes)?, &now)?;
    Ok(changes)
}

/// All settings as they would be once these changes are saved.
pub(crate) async fn foreseen(state: &State, changes: &[Change]) -> Result<Resolved, Error> {
    after(state, state.store.stored_settings().await?, changes)
}

fn after(
    state: &State,
    mut stored: BTreeMap<String, String>,
    changes: &[Change],
) -> Result<Resolved, Error> {
    for change in changes {
        match &change.after {
            Some(after) => stored.insert(change.name.clone(), after.clone()),
            None => stored.remove(&change.name),
        };
    }
    resolve(state, &stored)
}

/// Some values are wrong only beside others.
fn refuse_beside_others(then: &Resolved, now: &Resolved) -> Result<(), Error> {
    let new = then.warnings.iter().find(|warning| !now.warnings.contains(warning));
    new.map_or(Ok(()), |warning| Err(refused(warning)))
}

/// Saves planned changes, all or none, whoever has saved what meanwhile.
pub(crate) async fn save(
    state: &State,
    identity: &Identity,
    changes: &[Change],
) -> Result<(), Error> {
    save_over(state, identity, changes, None).await.map(drop)
}

/// The same, unless what is stored is no longer what was `seen`; returns whether it was.
pub(crate) async fn save_over(
    state: &State,
    identity: &Identity,
    changes: &[Change],
    seen: Option<&BTreeMap<String, String>>,
) -> Result<bool, Error> {
    if changes.is_empty() {
        return Ok(true);
    }
    if state.gateway.configuration().settings.security.settings_readonly {
        return Err(Error::Conflict(
            "SETTINGS_READONLY is set: the environment is final, change values there.".to_owned(),
        ));
    }
    let rows: Vec<_> = changes
        .iter()
        .map(|change| SettingChange {
            name: &change.name,
            value: change.after.as_deref(),
            secret: change.secret,
        })
        .collect();
    match seen {
        None => state.store.change_settings(&rows).await?,
        Some(seen) if state.store.change_settings_seen(&rows, seen).await? => {}
        Some(_) => return Ok(false),
    }
    let names: Vec<_> = changes.iter().map(|change| change.name.as_str()).collect();
    let shown: Vec<_> = changes.iter().map(Change::without_secret).collect();
    let detail = serde_json::to_string(&shown).unwrap_or_default();
    state.store.note(&identity.actor, "settings.save", &names.join(", "), &detail).await?;
    Ok(true)
}

/// The changes that undo those of an entry of the audit log. Secrets cannot be undone, since they
/// are not in it.
pub(crate) fn undoing(detail: &str) -> BTreeMap<String, Option<String>> {
    let changes: Vec<Change> = serde_json::from_str(detail).unwrap_or_default();
    changes
        .into_iter()
        .filter(|change| !change.secret)
        .map(|change| (change.name, change.stored))
        .collect()
}

/// Rows of which a name, a value or an explanation contains all the words that are looked for.
pub(crate) fn found(rows: Vec<Row>, words: &str) -> Vec<Row> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let contains = |row: &Row| {
        let text = format!("{} {} {}", row.name, row.help, row.group).to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    rows.into_iter().filter(contains).collect()
}

impl Change {
    /// As it may be shown.
    pub(crate) fn without_secret(&self) -> Self {
        let after = self.after.clone().filter(|_| !self.secret);
        Self { after, ..self.clone() }
    }
}

fn refused(error: &SettingError) -> Error {
    Error::invalid("setting", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_written_down_and_not_undone() {
        let change = |secret| Change {
            name: if secret { "AUTH_TOKEN" } else { "MAX_RETRIES" }.to_owned(),
            before: None,
            after: Some("5".to_owned()),
            secret,
            stored: Some("3".to_owned()),
        };
        let shown = [change(true).without_secret(), change(false).without_secret()];
        assert_eq!(shown[0].after, None);
        let detail = serde_json::to_string(&shown).unwrap();
        let expected = BTreeMap::from([("MAX_RETRIES".to_owned(), Some("3".to_owned()))]);
        assert_eq!(undoing(&detail), expected);
        assert!(undoing("no JSON").is_empty());
    }
}

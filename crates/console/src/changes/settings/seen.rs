//! What a form was made from, so that two people who change settings at a time overwrite nothing of
//! each other's without knowing.

use std::collections::BTreeMap;

use keypool::Timestamp;
use settings::Row;
use store::AuditFilter;

use super::{Change, plan, resolved};
use crate::State;
use crate::error::Error;

/// Entries of the audit log in which it is looked who has changed something.
const LOOKED_AT: u32 = 50;

/// Marks of values, by the setting's name. Nobody can read a value from its mark.
#[derive(Debug, Default)]
pub(crate) struct Seen(BTreeMap<String, String>);

/// What is wanted, held against what others have saved since it was seen.
pub(crate) struct Merged {
    /// What nobody else has touched.
    pub(crate) changes: Vec<Change>,
    /// What somebody else has changed otherwise.
    pub(crate) conflicts: Vec<Conflict>,
    /// What is stored, for whoever saves over it.
    pub(crate) stored: BTreeMap<String, String>,
    /// The marks of what is there now.
    pub(crate) seen: Seen,
}

/// A setting that two people have changed, each to something else.
pub(crate) struct Conflict {
    /// From theirs to what is wanted.
    pub(crate) change: Change,
    /// Who was first, and when, as far as the audit log tells.
    pub(crate) by: Option<(String, Timestamp)>,
}

impl Seen {
    /// The marks that a form brings back, in fields called `_seen.` and the setting's name.
    pub(crate) fn of_fields(fields: &BTreeMap<String, String>) -> Self {
        let marks = fields.iter().filter_map(|(field, mark)| {
            field.strip_prefix("_seen.").map(|name| (name.to_owned(), mark.clone()))
        });
        Self(marks.collect())
    }

    /// The marks of these settings as they are.
    pub(crate) fn of_rows<'r>(
        state: &State,
        rows: impl IntoIterator<Item = &'r Row>,
        stored: &BTreeMap<String, String>,
    ) -> Self {
        let marks = rows.into_iter().map(|row| {
            let value = stored.get(row.name).or(row.value.as_ref());
            (row.name.to_owned(), mark(state, row.name, value.map(String::as_str)))
        });
        Self(marks.collect())
    }

    pub(crate) fn of(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// What changes if these values are saved by somebody who has `seen` others. What they have not
/// touched, and somebody else has, is left as it is now.
pub(crate) async fn merge(
    state: &State,
    mut wanted: BTreeMap<String, Option<String>>,
    seen: &Seen,
) -> Result<Merged, Error> {
    let stored = state.store.stored_settings().await?;
    let rows = resolved(state).await?.rows();
    let now = Seen::of_rows(state, &rows, &stored);
    let is_changed = |name: &str| seen.of(name).is_some_and(|seen| now.of(name) != Some(seen));
    wanted.retain(|name, text| {
        let untouched = text.as_deref().is_some_and(|text| {
            let text = settings::validate(name, text).ok();
            text.is_some_and(|text| Some(mark(state, name, Some(&text)).as_str()) == seen.of(name))
        });
        !(untouched && is_changed(name))
    });
    let (disputed, changes): (Vec<_>, Vec<_>) =
        plan(state, &wanted).await?.into_iter().partition(|change| is_changed(&change.name));
    let mut conflicts = Vec::new();
    for change in disputed {
        let by = last_change(state, &change.name).await?;
        conflicts.push(Conflict { change, by });
    }
    Ok(Merged { changes, conflicts, stored, seen: now })
}

fn mark(state: &State, name: &str, value: Option<&str>) -> String {
    state.store.mark(&format!("{name}={}", value.unwrap_or_default()))
}

async fn last_change(state: &State, name: &str) -> Result<Option<(String, Timestamp)>, Error> {
    let filter = AuditFilter { action: Some("settings.".to_owned()), ..AuditFilter::default() };
    let entries = state.store.audit_log(LOOKED_AT, &filter).await?;
    let entry = entries.into_iter().find(|entry| entry.object.split(", ").any(|one| one == name));
    Ok(entry.map(|entry| (entry.actor, entry.at)))
}

/// A mark of all that is stored: another one means that somebody has changed a setting.
pub(crate) fn revision(state: &State, stored: &BTreeMap<String, String>) -> String {
    let text = serde_json::to_string(stored).unwrap_or_default();
    state.store.mark(&text)
}

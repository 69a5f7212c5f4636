//! `keys check`: one call to Google per key that costs no quota, and what its answer teaches.

use jobs::{Checker, Finding};
use serde::Serialize;
use store::StoredKey;

use super::change;
use crate::boot::Boot;
use crate::failure::Failure;
use crate::output::{self, Table};

/// Checks the keys that are meant, or all.
pub(super) async fn run(boot: &Boot, references: &[String], json: bool) -> Result<(), Failure> {
    let store = &boot.store;
    let keys = if references.is_empty() {
        store.list_keys().await?
    } else {
        change::find_all(store, references).await?
    };
    let checker = Checker::new(&boot.resolved.settings)
        .map_err(|error| Failure::configuration(error.to_string()))?;
    let findings = checker.check(store, &keys).await?;
    let items: Vec<_> =
        keys.iter().zip(&findings).map(|(key, finding)| Item::new(key, finding)).collect();
    if json { output::print_json(&items) } else { show(&items) }
}

/// A checked key as `--json` shows it.
#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    key: &'a str,
    name: Option<&'a str>,
    /// `alive`, `dead` or `unclear`.
    result: &'static str,
    reason: Option<&'static str>,
    message: Option<&'a str>,
}

impl<'a> Item<'a> {
    fn new(key: &'a StoredKey, finding: &'a Finding) -> Self {
        let (result, reason, message) = match finding {
            Finding::Alive { remark } => ("alive", None, remark.as_deref()),
            Finding::Dead { reason, words } => {
                ("dead", Some(reason.as_str()), Some(words.as_str()))
            }
            Finding::Unclear { why } => ("unclear", None, Some(why.as_str())),
        };
        let name = key.name.as_deref();
        Self { id: key.id.as_str(), key: &key.mask, name, result, reason, message }
    }
}

fn show(items: &[Item<'_>]) -> Result<(), Failure> {
    if items.is_empty() {
        return output::print("No keys to check.");
    }
    let mut table = Table::new(["ID", "KEY", "NAME", "RESULT", "REASON", "GOOGLE'S WORDS"]);
    for item in items {
        table.row([
            item.id.to_owned(),
            item.key.to_owned(),
            item.name.unwrap_or_default().to_owned(),
            item.result.to_owned(),
            item.reason.unwrap_or_default().to_owned(),
            item.message.unwrap_or_default().replace(char::is_control, " "),
        ]);
    }
    output::print(&table.to_string())
}

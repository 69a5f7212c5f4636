//! What the database holds: settings that can be used, and secrets that open.

use settings::Resolved;
use store::Store;

use crate::Check;

const SECRETS: &str = "sealed secrets";

/// A line for all settings, or one for each that cannot be used.
pub(crate) fn settings(resolved: &Resolved) -> Vec<Check> {
    const NAME: &str = "settings";
    if resolved.warnings.is_empty() {
        let changed =
            resolved.rows().iter().filter(|row| row.source != settings::Origin::Default).count();
        return vec![Check::ok(NAME, format!("{changed} differ from their defaults, all valid"))];
    }
    let warnings = resolved.warnings.iter();
    let advice = "save another value, or go back with `gemini-balance config unset NAME`";
    warnings.map(|warning| Check::warn(NAME, warning.to_string(), advice)).collect()
}

/// Whether the master key opens what is sealed.
pub(crate) async fn secrets(store: &Store) -> Check {
    let keys = match store.list_keys().await {
        Ok(keys) => keys,
        Err(error) => return Check::fail(SECRETS, error.to_string(), "see to the database first"),
    };
    let shut: Vec<_> =
        keys.iter().filter(|key| key.secret.is_none()).map(|key| key.mask.as_str()).collect();
    if shut.is_empty() {
        return Check::ok(SECRETS, format!("the master key opens all {}", keys.len()));
    }
    Check::fail(
        SECRETS,
        format!("{} of {} keys do not open: {}", shut.len(), keys.len(), shut.join(", ")),
        "restore a backup, or remove these keys and add them anew",
    )
}

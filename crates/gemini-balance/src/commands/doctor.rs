//! `doctor`: what is wrong here, and what to do about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::doctor::{Check, Verdict};
use secret::Vault;
use settings::{Resolved, Storage};
use store::{OpenError, Store, StoreOptions};

use crate::environment::Environment;
use crate::failure::Failure;
use crate::{master_key, output};

/// Looks at everything that can be looked at, and says what it found.
pub(super) async fn run(json: bool) -> Result<(), Failure> {
    let checks = examine().await;
    if json {
        output::print_json(&checks)?;
    } else {
        show(&checks)?;
    }
    let is_ill = checks.iter().any(|check| check.verdict == Verdict::Fail);
    if is_ill { Err(Failure::Told) } else { Ok(()) }
}

async fn examine() -> Vec<Check> {
    let environment = match Environment::load() {
        Ok(environment) => environment,
        Err(failure) => return told("environment", failure),
    };
    let resolved = match Resolved::new(&environment, &BTreeMap::new()) {
        Ok(resolved) => resolved,
        Err(errors) => return told("settings", errors.into()),
    };
    let storage = &resolved.settings.storage;
    let file = ::doctor::database_file(storage.database_url.expose());
    let mut checks: Vec<Check> = file.iter().map(|file| ::doctor::folder(file)).collect();
    checks.extend(file.iter().flat_map(|file| ::doctor::disk(file)));
    match open(storage).await {
        Ok(store) => {
            checks
                .push(Check::ok("database", format!("{} is open and migrated", store.shown_url())));
            let stored = match store.stored_settings().await {
                Ok(stored) => Resolved::new(&environment, &stored).unwrap_or(resolved),
                Err(_) => resolved,
            };
            checks.extend(::doctor::examine(&stored, &store).await);
            store.close().await;
        }
        Err(check) => checks.push(check),
    }
    checks
}

/// A line for each thing that is wrong with the settings.
fn told(name: &str, failure: Failure) -> Vec<Check> {
    let lines = match failure {
        Failure::Configuration(lines) => lines,
        Failure::Failed(error) => vec![format!("{error:#}")],
        Failure::ReaderGone | Failure::Told => Vec::new(),
    };
    let advice = "put it right in the environment or the file .env; see .env.example";
    lines.into_iter().map(|line| Check::fail(name, line, advice)).collect()
}

async fn open(storage: &Storage) -> Result<Store, Check> {
    let key = match master_key::find_existing(storage) {
        Ok(Some(key)) => key,
        Ok(None) => {
            return Err(Check::warn(
                "master key",
                "there is none yet",
                "the first start makes one beside the database; keep a copy of it elsewhere",
            ));
        }
        Err(failure) => {
            let line = told("master key", failure).pop().map(|check| check.says);
            let advice = "give the key that the secrets were sealed with";
            return Err(Check::fail("master key", line.unwrap_or_default(), advice));
        }
    };
    let vault = Arc::new(Vault::new(&key));
    let url = storage.database_url.expose();
    let opened = Store::open(url, vault, StoreOptions::without_migration()).await;
    opened.map_err(|error| match error {
        OpenError::WrongMasterKey { .. } => Check::fail(
            "master key",
            error.to_string(),
            "give the key that the secrets were sealed with, or restore a backup",
        ),
        OpenError::NotMigrated { .. } => {
            Check::warn("database", error.to_string(), "start the gateway once: it sees to that")
        }
        OpenError::Unreachable { .. } | OpenError::Busy { .. } => Check::fail(
            "database",
            error.to_string(),
            "see whether the server runs, and whether DATABASE_URL names it",
        ),
        _ => Check::fail("database", error.to_string(), "put DATABASE_URL right"),
    })
}

fn show(checks: &[Check]) -> Result<(), Failure> {
    let width = checks.iter().map(|check| check.name.chars().count()).max().unwrap_or_default();
    let mut lines = Vec::new();
    for check in checks {
        let (verdict, name) = (check.verdict.as_str(), &check.name);
        lines.push(format!("{verdict:4}  {name:width$}  {}", check.says));
        if let Some(advice) = &check.advice {
            lines.push(format!("      {:width$}  → {advice}", ""));
        }
    }
    output::print(&lines.join("\n"))
}

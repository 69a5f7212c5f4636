//! `keys`: the pool.

mod add;
mod change;
mod check;
mod edit;
mod list;
mod transfer;

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use secret::PoolKey;
use store::StoreError;

use crate::boot::Boot;
use crate::cli::Keys;
use crate::environment::Environment;
use crate::failure::Failure;

/// Does what the command line says about keys.
pub(crate) async fn run(environment: Environment, command: Keys) -> Result<(), Failure> {
    let boot = Boot::open(environment).await?;
    let store = &boot.store;
    match command {
        Keys::Add(arguments) => add::run(store, arguments).await,
        Keys::Edit(arguments) => edit::run(store, arguments).await,
        Keys::List { json } => list::run(store, json).await,
        Keys::Check { keys, json } => check::run(&boot, &keys, json).await,
        Keys::Enable(references) => change::enable(store, &references.keys).await,
        Keys::Disable(references) => change::disable(store, &references.keys).await,
        Keys::Remove(references) => change::remove(store, &references.keys).await,
        Keys::Import { file, json } => transfer::import(store, &file, json).await,
        Keys::Export { reveal, json } => transfer::export(store, reveal, json).await,
    }
}

/// The text of a file, or of standard input for `-`.
fn read(path: &Path) -> Result<String, Failure> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("standard input cannot be read")?;
        return Ok(text);
    }
    let text = fs::read_to_string(path);
    Ok(text.with_context(|| format!("{} cannot be read", path.display()))?)
}

/// Keys in any form of a list, without comment lines. Problems never quote a key.
fn parse(text: &str) -> Result<Vec<Arc<PoolKey>>, Failure> {
    let lines: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let wrong = |problem: String| Failure::configuration(format!("the list of keys {problem}"));
    let entries = settings::split_list(&lines.join("\n")).map_err(wrong)?;
    let keys = entries.iter().enumerate().map(|(index, entry)| {
        PoolKey::parse(entry)
            .map(Arc::new)
            .map_err(|error| Failure::configuration(format!("key number {}: {error}", index + 1)))
    });
    keys.collect()
}

/// What people say about keys may be too long, or no tag: then it is the command that is wrong.
fn refused(error: StoreError) -> Failure {
    match error {
        StoreError::TooLong { .. } | StoreError::TooLarge { .. } | StoreError::Tag(_) => {
            Failure::configuration(error.to_string())
        }
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_among_comments() {
        let keys = parse("# mine\nAIzaOne\n  # other\nAIzaTwo, AIzaThree\n").unwrap();
        let texts: Vec<_> = keys.iter().map(|key| key.expose()).collect();
        assert_eq!(texts, ["AIzaOne", "AIzaTwo", "AIzaThree"]);
        assert!(parse("# nothing").unwrap().is_empty());
    }

    #[test]
    fn a_wrong_key_is_named_by_its_place() {
        let Err(Failure::Configuration(lines)) = parse("AIzaOne canary{ä}") else { panic!() };
        assert!(
            lines[0].starts_with("key number 2: ") && !lines[0].contains("canary"),
            "{lines:?}"
        );
    }
}

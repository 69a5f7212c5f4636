//! `config`: the settings, and where their values come from.

use std::io::Read as _;

use anyhow::Context as _;
use settings::{Group, Origin, Resolved, Row};

use super::audited;
use crate::boot::Boot;
use crate::cli::{Config, ListSettings};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::{self, Table};

/// A longer value is cut in the table; `config get` shows all of it.
const WIDEST: usize = 56;

/// Does what the command line says about settings.
pub(crate) async fn run(environment: Environment, command: Config) -> Result<(), Failure> {
    let boot = Boot::open(environment).await?;
    for warning in &boot.resolved.warnings {
        output::hint(&format!("warning: the saved value is not used: {warning}"));
    }
    match command {
        Config::List(arguments) => list(&boot, &arguments),
        Config::Get { name, json } => get(&boot, &name, json),
        Config::Set { name, value, stdin } => {
            let value = if stdin { standard_input()? } else { value.unwrap_or_default() };
            Box::pin(set(boot, &name, &value)).await
        }
        Config::Unset { name } => Box::pin(unset(boot, &name)).await,
    }
}

fn list(boot: &Boot, arguments: &ListSettings) -> Result<(), Failure> {
    if let Some(group) = &arguments.group {
        check_group(group)?;
    }
    let mut rows = boot.resolved.rows();
    rows.retain(|row| {
        arguments.group.as_ref().is_none_or(|group| row.group.eq_ignore_ascii_case(group))
            && !(arguments.changed && row.source == Origin::Default && row.via.is_none())
    });
    if arguments.json {
        return output::print_json(&rows);
    }
    let mut table = Table::new(["NAME", "VALUE", "SOURCE", "GROUP", "NOTE"]);
    for row in &rows {
        table.row([
            row.name.to_owned(),
            output::cut(row.value.as_deref().unwrap_or_default(), WIDEST),
            source(row),
            row.group.to_owned(),
            note(row).to_owned(),
        ]);
    }
    output::print(&table.to_string())
}

fn get(boot: &Boot, name: &str, json: bool) -> Result<(), Failure> {
    let row = boot.resolved.row(name)?;
    if json {
        return output::print_json(&row);
    }
    let lines = [
        format!("{} = {}", row.name, row.value.as_deref().unwrap_or("(not set)")),
        format!("  source   {}", source(&row)),
        format!("  default  {}", row.default.unwrap_or("(not set)")),
        format!("  accepts  {}", row.kind),
        format!("  group    {}", row.group),
        format!("  meaning  {}", row.help),
        format!("  note     {}", note(&row)),
    ];
    let shown = if note(&row).is_empty() { &lines[..6] } else { &lines[..] };
    output::print(&shown.join("\n"))
}

async fn set(boot: Boot, name: &str, value: &str) -> Result<(), Failure> {
    refuse_readonly(&boot)?;
    let canonical = settings::validate(name, value)?;
    let definition = settings::known(name)?;
    refuse_beside_others(&boot, definition.name, &canonical).await?;
    let stored = boot.store.stored_settings().await?.remove(definition.name);
    boot.store.set_setting(definition.name, &canonical, definition.is_secret()).await?;
    noted(&boot, definition.name, stored, Some(&canonical)).await?;
    let row = Boot::open(boot.environment).await?.resolved.row(name)?;
    output::print(&format!(
        "{} = {} ({})",
        row.name,
        row.value.as_deref().unwrap_or("-"),
        took(&row)
    ))
}

async fn unset(boot: Boot, name: &str) -> Result<(), Failure> {
    // A saved name that is none any more can be taken away too.
    let name = settings::find(name).map_or(name, |definition| definition.name);
    let stored = boot.store.stored_settings().await?.remove(name);
    if !boot.store.unset_setting(name).await? {
        settings::known(name)?;
        return output::print(&format!("{name}: nothing was saved"));
    }
    noted(&boot, name, stored, None).await?;
    match Boot::open(boot.environment).await?.resolved.row(name) {
        Ok(row) => {
            let value = row.value.as_deref().unwrap_or("(not set)");
            output::print(&format!("{name} = {value} ({}; {})", source(&row), took(&row)))
        }
        Err(_) => output::print(&format!("{name}: the saved value is gone")),
    }
}

/// Writes down what was changed, as the console does: so that it can be rolled back there.
async fn noted(
    boot: &Boot,
    name: &str,
    stored: Option<String>,
    after: Option<&str>,
) -> Result<(), Failure> {
    let is_secret = settings::find(name).is_none_or(|definition| definition.is_secret());
    let before = boot.resolved.row(name).ok().and_then(|row| row.value);
    let change = serde_json::json!({
        "name": name,
        "before": before.filter(|_| !is_secret),
        "after": after.filter(|_| !is_secret),
        "secret": is_secret,
        "stored": stored.filter(|_| !is_secret),
    });
    let detail = serde_json::Value::from(vec![change]).to_string();
    audited::note(&boot.store, "settings.save", name, &detail).await
}

/// A value may be wrong only beside those of other settings.
async fn refuse_beside_others(boot: &Boot, name: &str, value: &str) -> Result<(), Failure> {
    let mut stored = boot.store.stored_settings().await?;
    stored.insert(name.to_owned(), value.to_owned());
    let resolved = Resolved::new(&boot.environment, &stored)?;
    let before = &boot.resolved.warnings;
    let new = resolved.warnings.into_iter().find(|warning| !before.contains(warning));
    new.map_or(Ok(()), |warning| Err(warning.into()))
}

fn refuse_readonly(boot: &Boot) -> Result<(), Failure> {
    if boot.resolved.settings.security.settings_readonly {
        return Err(Failure::configuration(
            "SETTINGS_READONLY: is true, so the environment is final; change the value there",
        ));
    }
    Ok(())
}

fn check_group(name: &str) -> Result<(), Failure> {
    let names = Group::ALL.map(Group::name);
    if names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    Err(Failure::configuration(format!(
        "--group: there is no group {name:?}; accepted: {}",
        names.join(", ")
    )))
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("standard input cannot be read")?;
    Ok(text)
}

fn source(row: &Row) -> String {
    let layer = match row.source {
        Origin::Default => "default",
        Origin::Environment => "environment",
        Origin::Stored => "saved",
        Origin::Imported => "imported",
    };
    row.via.map_or_else(|| layer.to_owned(), |via| format!("{layer} ({via})"))
}

fn note(row: &Row) -> &'static str {
    match (row.effective, row.stored_allowed, row.restart) {
        (false, _, _) => "no effect in this version",
        (true, false, _) => "environment only",
        (true, true, true) => "at the next start",
        (true, true, false) => "",
    }
}

fn took(row: &Row) -> &'static str {
    match (row.effective, row.restart) {
        (false, _) => "understood, but without an effect in this version",
        (true, true) => "from the next start on",
        (true, false) => "a running server takes it up within 2 seconds",
    }
}

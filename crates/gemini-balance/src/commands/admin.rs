//! `admin`: who may use the console, for whoever is locked out of it.

use std::io;

use anyhow::{Context as _, anyhow};
use console::{Password, choose_password};
use serde::Serialize;
use store::{Role, Store};

use super::audited;
use crate::boot::Boot;
use crate::cli::{Admin, PasswordSource};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::{self, Table};

/// Does what the command line says about people.
pub(crate) async fn run(environment: Environment, command: Admin) -> Result<(), Failure> {
    let Boot { store, .. } = Boot::open(environment).await?;
    match command {
        Admin::List { json } => list(&store, json).await,
        Admin::Add { name, role, password } => add(&store, &name, role.into(), &password).await,
        Admin::Remove { name } => {
            there(store.remove_administrator(&name).await?, &name)?;
            audited::note(&store, "people.remove", &name, "").await?;
            output::print(&format!("{name} removed"))
        }
        Admin::ResetPassword { name, password } => reset(&store, &name, &password).await,
        Admin::TotpOff { name } => {
            there(store.set_totp(&name, None, None).await?, &name)?;
            audited::note(&store, "people.totp_off", &name, "").await?;
            output::print(&format!("{name} signs in without a second factor"))
        }
    }
}

/// Somebody, as JSON shows them.
#[derive(Serialize)]
struct Person {
    id: String,
    name: String,
    role: &'static str,
    second_factor: bool,
    created_at: Option<String>,
}

async fn list(store: &Store, json: bool) -> Result<(), Failure> {
    let people = store.administrators().await?;
    if json {
        let people = people.into_iter().map(|person| Person {
            id: person.id,
            name: person.name,
            role: person.role.as_str(),
            second_factor: person.totp.is_some(),
            created_at: output::iso(person.created_at),
        });
        return output::print_json(&people.collect::<Vec<_>>());
    }
    if people.is_empty() {
        output::hint("Nobody besides whoever knows AUTH_TOKEN: `admin add` adds somebody.");
        return Ok(());
    }
    let mut table = Table::new(["NAME", "ROLE", "SECOND FACTOR", "ADDED"]);
    for person in people {
        let factor = if person.totp.is_some() { "on" } else { "off" };
        table.row([
            person.name,
            person.role.as_str().to_owned(),
            factor.to_owned(),
            output::moment(person.created_at),
        ]);
    }
    output::print(&table.to_string())
}

async fn add(
    store: &Store,
    name: &str,
    role: Role,
    source: &PasswordSource,
) -> Result<(), Failure> {
    let name = name.trim();
    if name.is_empty() || name.chars().any(char::is_control) || name == "admin" {
        return Err(Failure::configuration(
            "a name is needed that can be seen, and \"admin\" is whoever knows AUTH_TOKEN",
        ));
    }
    let password = password(source).await?;
    let is_made = password.made.is_some();
    store.add_administrator(name, role, &password.hash, is_made).await?;
    audited::note(store, "people.add", name, role.as_str()).await?;
    told(name, &password, "added")
}

async fn reset(store: &Store, name: &str, source: &PasswordSource) -> Result<(), Failure> {
    let password = password(source).await?;
    let is_made = password.made.is_some();
    there(store.reset_password(name, &password.hash, is_made).await?, name)?;
    audited::note(store, "people.reset_password", name, "").await?;
    told(name, &password, "has another password")
}

async fn password(source: &PasswordSource) -> Result<Password, Failure> {
    let mut line = String::new();
    if source.stdin {
        io::stdin().read_line(&mut line).context("standard input cannot be read")?;
    }
    let typed = source.stdin.then(|| line.trim_end_matches(['\r', '\n']));
    let chosen = choose_password(typed).await;
    chosen.map_err(|error| Failure::configuration(format!("the password {error}")))
}

/// Prints the password alone where one was made, so that it can be piped.
fn told(name: &str, password: &Password, what: &str) -> Result<(), Failure> {
    let Some(made) = &password.made else { return output::print(&format!("{name} {what}")) };
    output::print(made)?;
    output::hint(&format!("{name} {what}. Keep it now: it cannot be shown again."));
    Ok(())
}

fn there(is_there: bool, name: &str) -> Result<(), Failure> {
    if is_there { Ok(()) } else { Err(anyhow!("there is nobody called {name:?}").into()) }
}

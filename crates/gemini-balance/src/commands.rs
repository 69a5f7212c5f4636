//! One command a file.

mod admin;
mod audited;
mod backup;
mod completions;
mod config;
mod doctor;
mod healthcheck;
mod import;
mod keys;
mod notify;
mod openapi;
mod restore;
mod tokens;

use anyhow::Context as _;

use crate::cli::{Cli, Command};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::{demo, serve};

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Some(Command::Completions { shell }) => return completions::run(shell),
        Some(Command::Openapi) => return openapi::run(),
        Some(Command::Doctor { json }) => return wait(doctor::run(json)),
        _ => {}
    }
    let environment = Environment::load()?;
    match cli.command {
        None | Some(Command::Serve) => serve::run(environment),
        Some(Command::Demo) => demo::run(environment),
        Some(Command::Keys(keys)) => wait(keys::run(environment, keys)),
        Some(Command::Tokens(tokens)) => wait(tokens::run(environment, tokens)),
        Some(Command::Admin(admin)) => wait(admin::run(environment, admin)),
        Some(Command::Config(config)) => wait(config::run(environment, config)),
        Some(Command::Notify(command)) => wait(notify::run(environment, command)),
        Some(Command::Import(arguments)) => wait(import::run(environment, arguments)),
        Some(Command::Backup(arguments)) => wait(backup::run(environment, arguments)),
        Some(Command::Restore(arguments)) => wait(restore::run(environment, arguments)),
        Some(Command::Healthcheck(healthcheck)) => healthcheck::run(&environment, healthcheck),
        Some(Command::Doctor { json }) => wait(doctor::run(json)),
        Some(Command::Openapi) => openapi::run(),
        Some(Command::Completions { shell }) => completions::run(shell),
    }
}

/// Commands other than serving do one thing after the other: one thread is enough.
fn wait<F: Future<Output = Result<(), Failure>>>(work: F) -> Result<(), Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime could be started")?
        .block_on(work)
}

//! The binary: command line, configuration, composition of all parts, life cycle. No logic.

mod app;
mod boot;
mod cli;
mod commands;
mod demo;
mod environment;
mod failure;
mod lifecycle;
mod master_key;
mod output;
mod serve;

use std::process::ExitCode;

use clap::Parser as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match commands::run(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

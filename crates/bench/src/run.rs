//! All measurements, in turns.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::load::{Measured, measure};
use crate::report::{Report, progress};
use crate::scenario::{SCENARIOS, Scenario};
use crate::target::Program;
use crate::{mock, process};

/// The mock and the clients run here.
const OWN_CORE: usize = 0;
/// The program under test runs here.
const PROGRAM_CORE: usize = 1;
/// Enough for the clients and the mock at 2000 streams.
const FILES_NEEDED: u64 = 5000;

/// Measures everything and prints the report; false if something is wrong.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    process::pin_self(OWN_CORE)?;
    let limit = process::open_files_limit().unwrap_or(u64::MAX);
    ensure!(limit >= FILES_NEEDED, "only {limit} files may be open; run `ulimit -n 16384` first");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(all(arguments))
}

async fn all(arguments: &Arguments) -> Result<bool> {
    let upstream = mock::start()?;
    let programs: Vec<_> = [
        Some(Program::Nginx(arguments.nginx.clone())),
        arguments.gateway.clone().map(Program::Gateway),
    ]
    .into_iter()
    .flatten()
    .collect();
    let scenarios: Vec<_> = SCENARIOS
        .iter()
        .filter(|one| {
            arguments.only.is_empty() || arguments.only.iter().any(|name| name == one.name)
        })
        .collect();
    ensure!(!scenarios.is_empty(), "no scenario of that name");
    let mut results: BTreeMap<(usize, &str), Vec<Measured>> = BTreeMap::new();
    for round in 0..arguments.rounds() {
        for (index, scenario) in scenarios.iter().enumerate() {
            // Whoever is second finds the machine warmer: each is first in turn.
            let turn = (0..programs.len()).map(|at| (at + round + index) % programs.len());
            for program in turn.filter_map(|at| programs.get(at)) {
                let measured = one(arguments, scenario, program, upstream).await?;
                progress(round + 1, scenario, program.name(), &measured);
                results.entry((index, program.name())).or_default().push(measured);
            }
        }
    }
    let report = Report::new(&scenarios, &results);
    report.print()?;
    Ok(report.all_whole() && (!arguments.check || report.all_bars_met()))
}

/// A fresh process for each measurement, so that peaks of memory are its own.
async fn one(
    arguments: &Arguments,
    scenario: &Scenario,
    program: &Program,
    upstream: SocketAddr,
) -> Result<Measured> {
    let running = program.start(upstream, PROGRAM_CORE)?;
    let words = scenario.traffic.words(program.translates());
    let (warm_up, window) = (arguments.warm_up(), arguments.window());
    measure(scenario, words, running.address, &running.tree, warm_up, window)
        .await
        .with_context(|| format!("{} in {}: {}", program.name(), scenario.name, running.log()))
}

//! `simulator`: how well the pool uses keys, on virtual time: hours within a second.
//!
//! ```sh
//! cargo run --release -p simulator                                  # the runs that have to be seen
//! cargo run --release -p simulator -- crates/simulator/example.json # a pool of your own
//! ```
//!
//! A *scenario* is all that a run depends on, its seed included; a *world* runs it event by event
//! and makes a *report*. The gateway in it behaves as the relay does. `docs/pool.md` describes the
//! pool file and the table.

#![expect(clippy::expect_used, reason = "the keys are made here")]

mod random;

mod google;
mod scenario;

mod oracle;
mod report;
mod world;

mod pool_file;
mod scenarios;

#[cfg(test)]
mod tests;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::scenario::Scenario;

fn main() -> ExitCode {
    let files: Vec<_> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    match print_table(&files) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where stderr is closed there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "simulator: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn print_table(files: &[PathBuf]) -> Result<()> {
    let scenarios = if files.is_empty() {
        scenarios::all()
    } else {
        files.iter().map(|file| read(file)).collect::<Result<_>>()?
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", report::HEADER)?;
    for scenario in &scenarios {
        writeln!(out, "{}", world::run(scenario))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Scenario> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    pool_file::parse(&text).with_context(|| format!("{shown} is no pool file"))
}

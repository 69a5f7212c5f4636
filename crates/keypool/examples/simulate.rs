//! Prints how well the pool uses what simulated keys can give:
//! `cargo run --release -p keypool --example simulate`.

#![expect(clippy::expect_used, reason = "an example may panic")]

use std::io::Write as _;

#[path = "../tests/simulation/google.rs"]
mod google;
#[path = "../tests/simulation/oracle.rs"]
mod oracle;
#[path = "../tests/simulation/random.rs"]
mod random;
#[path = "../tests/simulation/report.rs"]
mod report;
#[path = "../tests/simulation/scenarios.rs"]
mod scenarios;
#[path = "../tests/simulation/world.rs"]
mod world;

use scenarios::{
    bad_keys, clock_steps, daily_quota, loads, long_day, outages, shared_project, thousand_keys,
    tokens,
};

const HEADER: &str = "\
| run | offered | possible | served | of possible | 429 learning | 429 after | per answer | refused | failed | cut | Retry-After off by |
| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |";

fn main() -> std::io::Result<()> {
    let mut all = loads();
    all.extend([90, 150].map(shared_project));
    all.extend([80, 120, 200].map(thousand_keys));
    all.extend([80, 150].map(tokens));
    all.extend([daily_quota(), long_day(), bad_keys(false), bad_keys(true)]);
    all.extend([outages(), clock_steps()]);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{HEADER}")?;
    for scenario in all {
        writeln!(out, "{}", world::run(&scenario))?;
    }
    Ok(())
}

//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

/// Measures the CPU time and memory of gemini-balance and nginx, side by side.
#[derive(Debug, Parser)]
#[command(name = "bench", version)]
pub(crate) struct Arguments {
    /// The release binary of the gateway; without it only nginx is measured
    #[arg(long)]
    pub(crate) gateway: Option<PathBuf>,
    /// The nginx to compare with
    #[arg(long, default_value = "nginx")]
    pub(crate) nginx: PathBuf,
    /// How often each scenario is measured, programs taking turns; the median counts
    #[arg(long, default_value_t = 3)]
    pub(crate) rounds: usize,
    /// How long each measurement lasts, in seconds
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// One short round: to see that everything works, not to quote
    #[arg(long)]
    quick: bool,
    /// Only these scenarios, by name
    #[arg(long, value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Fail when a bar is missed, not only when an answer is wrong
    #[arg(long)]
    pub(crate) check: bool,
}

impl Arguments {
    /// How many rounds are run.
    pub(crate) fn rounds(&self) -> usize {
        if self.quick { 1 } else { self.rounds.max(1) }
    }

    /// How long a measurement lasts.
    pub(crate) fn window(&self) -> Duration {
        Duration::from_secs_f64(if self.quick { 1.0 } else { self.seconds.clamp(0.1, 600.0) })
    }

    /// How long a program runs under load before it is measured.
    pub(crate) fn warm_up(&self) -> Duration {
        Duration::from_millis(if self.quick { 300 } else { 1000 })
    }
}

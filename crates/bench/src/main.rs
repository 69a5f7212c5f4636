//! What a request costs, measured side by side with nginx as a plain proxy.
//!
//! One process holds a mock of Google and a load generator, pinned to one core; the program under
//! test runs on another. Cost is user and system time of the program's process tree, as the kernel
//! counts it, by completed requests: that holds on a busy machine, where times and rates do not.
//! nginx is measured in the same minutes, so that the ratio says something on any machine.

mod answer;
mod arguments;
mod load;
mod mock;
mod process;
mod report;
mod run;
mod scenario;
mod target;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match run::run(&arguments::Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            report::complain(&error);
            ExitCode::FAILURE
        }
    }
}

//! The built program from outside, as those who run it see it.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod cli;
mod keys_check;
mod program;

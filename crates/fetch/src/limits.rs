//! How much of everything one file may take.

use std::time::Duration;

/// The limits of one fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, in bytes, counted as they come in.
    pub bytes: usize,
    /// Longest time to connect, for each hop: name, TCP and TLS together.
    pub connect: Duration,
    /// Longest wait for an answer's head, and longest pause within its body.
    pub idle: Duration,
    /// Longest time for everything: waiting for a turn, all hops, the whole body.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 20 << 20,
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(5),
            total: Duration::from_secs(10),
        }
    }
}

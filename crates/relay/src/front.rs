//! The front door: sockets, limits and timers around each connection.
//!
//! `axum::serve` and its like leave Nagle on and arm no timer at all; here every accepted socket
//! gets its options, every head a deadline, and every worker its own event loop, so that a request
//! is served from its first to its last byte on one thread.

mod connection;
mod listener;
mod worker;

pub(crate) use connection::socket;
pub use listener::Listener;
pub use worker::{Workers, serve};

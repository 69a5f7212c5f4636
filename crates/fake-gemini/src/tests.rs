//! The simulation, seen through real sockets.

mod answers;
mod faults;
mod harness;
mod keys;
mod quotas;
mod resources;
mod surface;

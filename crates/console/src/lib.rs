//! The administrator's side of the gateway: what can be seen and done below `/api/admin`.
//!
//! One endpoint a file, in [`api`]; who may in is decided in [`access`], and what goes wrong is
//! told by [`error`]. [`Console`] is what the front door hands requests to.

mod access;
mod api;
mod error;
mod mounted;
mod state;

pub use mounted::Console;
pub use state::State;

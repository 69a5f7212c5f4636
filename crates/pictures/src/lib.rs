//! Hosts for pictures: how each takes an upload and names what it took.
//!
//! * [`Upload`] is a picture with its name; [`Upload::request`] is pure and makes a host's request of
//!   it, [`address`] finds the picture's address in what the host answers.
//! * [`send`] carries one to the other, over a connection of its own, within a minute.
//!
//! Hosts are named by the administrator, so no policy stands between; the gateway's proxies are for
//! calls to Google.

mod address;
mod error;
mod form;
mod oss;
mod s3;
mod upload;
mod wire;

pub use address::address;
pub use error::UploadError;
pub use upload::{Outgoing, Upload};
pub use wire::send;

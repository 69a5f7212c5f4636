//! Every setting, defined once: name, group, type, bounds, default, help; layers and sources.
//!
//! Pure: nothing here reads the environment or a file. The binary hands in a [`Source`] and what an
//! administrator stored; [`Resolved`] holds the typed [`Settings`] and where each value came from.

mod error;
mod hidden;
mod resolved;
mod snapshot;

pub use error::SettingError;
pub use hidden::Hidden;
pub use resolved::{Resolved, Source};
pub use snapshot::{
    LogFormat, Logging, Models, PoolSettings, Security, Server, Settings, Storage,
    UpstreamSettings, UrlFetch,
};

//! Every setting, defined once: name, group, type, bounds, default, help; layers and sources.
//!
//! Pure: nothing here reads the environment or a file. The binary hands in a [`Source`] and what an
//! administrator stored; [`Resolved`] holds the typed [`Settings`] and where each value came from.
//! The table is in `groups`, one file a chapter; everything else is derived from it.

mod definition;
mod groups;
mod kind;

mod parse;
mod value;

mod chains;
mod compose;
mod layers;
mod pictures;
mod read;
mod resolved;
mod snapshot;
mod speech;

mod error;
mod hidden;
mod notifications;
mod prices;
mod quota_limit;
mod render;
mod row;
mod tool;
mod validate;

pub use definition::{Definition, Group, Scope};
pub use error::SettingError;
pub use groups::{definitions, find, nearest};
pub use hidden::Hidden;
pub use kind::Kind;
pub use layers::Origin;
pub use notifications::{DailyHours, Notifications, NotifiedEvent};
pub use pictures::{PictureHost, Pictures};
pub use prices::{LongPrice, ModelPrice, PriceList, Rate, list_prices};
pub use quota_limit::{QuotaLimit, QuotaOwner};
pub use render::{env_example, markdown};
pub use resolved::{Resolved, Source};
pub use row::Row;
pub use snapshot::{
    BackupSettings, FakeStream, Generation, Jobs, LogFormat, Logging, Models, PoolSettings,
    PoolStrategy, ProxyState, Security, Server, Settings, Storage, Streams, Typing,
    UpstreamSettings, UrlFetch,
};
pub use speech::{Pace, Speech};
pub use tool::Tool;
pub use validate::{known, split_list, validate};
pub use value::SafetySetting;

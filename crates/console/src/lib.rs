//! The administrator's side of the gateway: the pages below `/admin` and the JSON below
//! `/api/admin`.
//!
//! One page a file in [`pages`], one endpoint a file in [`api`]; their texts are in [`words`], their
//! templates in `templates/`. Who may in is decided in [`access`], what browsers are told about
//! every answer in [`headers`], and what goes wrong is told by [`error`]. [`Console`] is what the
//! front door hands requests to.

mod access;
mod api;
mod assets;
mod changes;
mod connect;
mod cookies;
mod csv;
mod effects;
mod error;
mod files;
mod format;
mod groups;
mod headers;
mod heat;
mod models;
mod mounted;
mod moving;
mod openapi;
mod page;
mod pages;
mod play;
mod pool;
mod proxies;
mod python;
mod qr;
mod query;
mod routes;
mod shell;
mod site;
mod state;
mod traffic;
mod trials;
mod upkeep;
mod words;
mod work;

pub use access::password::{Password, PasswordError, choose_password};
pub use mounted::Console;
pub use openapi::document as openapi_document;
pub use pages::setup::OpenForClaimError;
pub use routes::Route;
pub use site::listing;
pub use state::State;
pub use words::catalogue;

//! The public API: front door, client tokens, routes, the attempt loop, streams, the ledger.
//!
//! A request's way, top to bottom: [`front`] takes the connection, [`service`] finds the route and
//! lets the client in, one of [`routes`] translates, [`attempts`] tries keys until one answers,
//! [`stream`] hands events on as they come, and [`ledger`] writes one record down.

pub mod front;

mod service;

mod path;
mod route;

mod client_address;
mod credential;
mod tokens;

mod routes;

mod attempts;
mod calls;
mod checks;
mod client_options;
mod estimate;
mod explaining;
mod fallbacks;
mod fetching;
mod fingerprint;
mod headers_shown;
mod hedging;
mod lease;
mod limits;
mod lost;
mod offering;
mod outline;
mod pace;
mod patience;
mod retry_budget;
mod trail;
mod turns;

mod decode;
mod stream;
mod translation;

mod activity;
mod answer;
mod archive;
mod asked_by_administrator;
mod background;
mod body;
mod bound;
mod elsewhere;
mod entrance;
mod exchange;
mod form;
mod gallery;
mod gateway;
mod keeper;
mod ledger;
mod live;
pub mod mount;
mod own_address;
mod publishing;
mod removal;
mod renamed;
mod request_body;
mod resources;
mod takeover;
mod ways;
mod within;

mod clock;

pub use archive::Archive;
pub use asked_by_administrator::NoModels;
pub use checks::{CheckReport, Checks};
pub use client_options::{InvalidUpstream, build as build_clients};
pub use clock::now;
pub use elsewhere::Elsewhere;
pub use fingerprint::egress_seed;
pub use gallery::Gallery;
pub use gateway::{Configuration, Gateway, Parts};
pub use limits::{Amount, Limit, MeterNews, Meters, Standing, day_in, utc_day};
pub use live::{KeepHandles, KeptSessions, LiveSession};
pub use removal::Removal;
pub use resources::Resources;
pub use tokens::{Client, TokenTable};
pub use turns::keep_turns;
pub use upstream::USUAL_WEIGHT;
pub use ways::{Way, home_of, weighed_ways};
pub use within::{Behalf, BrokenOff, Reply, Within};

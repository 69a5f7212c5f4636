//! What the gateway tells its owner.
//!
//! * [`Watch`], [`Quiet`] and [`Digest`] decide what is told and when: pure, time is an argument.
//! * [`Message`] is what is told, in words for people and in fields for machines.
//! * [`Channel`] is a way to the owner, [`Courier`] goes it: with time limits, some times if need be,
//!   following no redirect. Addresses are the administrator's own, so private ones may be reached.

mod message;

mod alarm;
mod deaths;
mod digest;
mod quiet;
mod watch;

mod channel;
mod courier;
mod post;

pub use channel::Channel;
pub use courier::Courier;
pub use deaths::DeadKey;
pub use digest::{DayNumbers, Digest, PastDay};
pub use message::{About, Message, State};
pub use post::DeliveryError;
pub use quiet::Quiet;
pub use watch::{Failures, Watch};

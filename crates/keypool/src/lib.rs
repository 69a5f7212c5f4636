//! Which key serves the next request, and what its outcome teaches: a pure state machine.
//!
//! What Google limits is not a key but a project, for each model and window. So the pool keeps
//! *cells* (project × model) that count what was used and may be used, and *keys* that are alive or
//! dead. [`Pool::admit`] chooses a key and reserves, [`Pool::settle`] corrects and learns from what
//! became of it, [`Pool::enqueue`] lets requests wait in fair turns, [`Pool::explain`] tells why.
//! `docs/pool.md` explains the model to users. There is no clock, no task and no file in here: time
//! is an argument, and what has to be stored is handed out by [`Pool::take_changes`] and
//! [`Pool::take_usage`].

mod labels;

mod pacific;
mod timestamp;

mod admission;
mod declared;
mod domain;
mod key;
mod learned;
mod outcome;
mod platform;
mod policy;
mod snapshot;
mod window;

mod agenda;
mod blame;
mod block;
mod breaker;
mod cell;
mod foreign;
mod guess;
mod hints;
mod lane;
mod lanes;
mod limits;
mod map;
mod meter;
mod quotas;
mod ring;
mod roster;
mod setbacks;
mod slot_set;
mod speed;
mod sticky;
mod tags;

mod account;
mod bond;
mod checkup;
mod doubt;
mod explain;
mod forecast;
mod foresight;
mod heat;
mod look;
mod pause;
mod pool;
mod prospect;
mod route;
mod select;
mod serving;
mod settle;
mod spare;
mod survey;
mod verdict;
mod waiting;
mod ways;

#[cfg(test)]
mod fixture;
mod sync;

pub use admission::{
    Admission, Ask, Census, Credential, Lease, Refusal, Ticket, Tried, WaitCause, WaitFor,
};
pub use blame::EgressId;
pub use bond::Bond;
pub use checkup::FailingKey;
pub use declared::DeclaredLimit;
pub use domain::Domain;
pub use explain::{
    Against, Chosen, Decision, Explanation, KeyExplanation, Skipped, SkippedFor, SkippedKey,
};
pub use forecast::Forecast;
pub use heat::{QuotaCell, QuotaUse};
pub use key::{Health, KeyId, KeySpec};
pub use labels::UnknownLabel;
pub use learned::{
    CellName, Learned, LearnedCell, LearnedKey, LearnedLimit, LearnedUsage, ReplicaId, Subject,
    Used,
};
pub use look::KeyView;
pub use outcome::{DeathReason, Outcome, Phase, QuotaSpent, Scope, Usage};
pub use pacific::next_pacific_midnight;
pub use platform::{PerPlatform, Platform};
pub use policy::{Backoff, Policy, Strategy};
pub use pool::Pool;
pub use prospect::Prospect;
pub use select::ChosenFor;
pub use serving::{KnownLimit, LimitSource};
pub use snapshot::{
    AvoidedFor, AvoidedSnapshot, BlockSnapshot, Counters, KeySnapshot, KeyState, Snapshot, Totals,
};
pub use speed::FirstByte;
pub use timestamp::Timestamp;
pub use waiting::WaiterId;
pub use ways::{EgressCounters, EgressSnapshot};
pub use window::Window;

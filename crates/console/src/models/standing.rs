//! How the keys of the pools stand for a model.

use keypool::{Census, Platform, Timestamp};
use relay::Gateway;
use serde::Serialize;
use utoipa::ToSchema;

/// How many keys can serve a model, and why the others cannot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ModelKeys)]
pub(crate) struct Keys {
    pub(crate) ready: usize,
    /// Out of a quota that is renewed soon.
    pub(crate) cooling: usize,
    /// Out of a quota of the day.
    pub(crate) exhausted: usize,
    pub(crate) dead: usize,
    pub(crate) disabled: usize,
}

/// Tells it of many models: those that nobody has asked for stand alike, and are looked at once.
pub(crate) struct Standings<'g> {
    gateway: &'g Gateway,
    now: Timestamp,
    unasked: Keys,
}

impl<'g> Standings<'g> {
    pub(crate) fn new(gateway: &'g Gateway, now: Timestamp) -> Self {
        Self { gateway, now, unasked: Keys::of(gateway, None, now) }
    }

    pub(crate) fn of(&self, model: &str) -> Keys {
        let is_known =
            Platform::ALL.iter().any(|platform| self.gateway.pool(*platform).knows_model(model));
        if is_known { Keys::of(self.gateway, Some(model), self.now) } else { self.unasked }
    }
}

impl Keys {
    pub(crate) fn of(gateway: &Gateway, model: Option<&str>, now: Timestamp) -> Self {
        let (mut census, mut exhausted) = (Census::default(), 0);
        for platform in Platform::ALL {
            let pool = gateway.pool(*platform);
            let standing = pool.standing(model).0;
            if standing.blocked > 0 {
                exhausted += pool.exhausted(model, now).min(standing.blocked);
            }
            census = census.plus(standing);
        }
        Self {
            ready: census.ready,
            cooling: census.blocked - exhausted,
            exhausted,
            dead: census.dead,
            disabled: census.disabled,
        }
    }
}

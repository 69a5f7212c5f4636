//! How many keys take another way out when the ways change.

use keypool::{EgressId, KeyId, KeyState, Platform};
use serde::Serialize;
use settings::UpstreamSettings;
use utoipa::ToSchema;

use crate::State;
use crate::error::Error;
use crate::pool::each;

/// How many keys move to another way out, of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = KeyMoves)]
pub(crate) struct Moves {
    pub(crate) moved: usize,
    pub(crate) of: usize,
}

impl Moves {
    /// Those between two versions of the settings. Nothing moves where each attempt takes a way by
    /// chance.
    pub(crate) async fn between(
        state: &State,
        now: &UpstreamSettings,
        then: &UpstreamSettings,
    ) -> Result<Self, Error> {
        if now == then {
            return Ok(Self::default());
        }
        let (now, then) = (homes(now)?, homes(then)?);
        let mut moves = Self::default();
        each(&state.gateway, relay::now(), |key| {
            if key.platform != Platform::Gemini || key.state == KeyState::Disabled {
                return;
            }
            moves.of += 1;
            if let (Some(now), Some(then)) = (now(key.id, key.egress), then(key.id, key.egress))
                && now != then
            {
                moves.moved += 1;
            }
        })
        .await;
        Ok(moves)
    }
}

/// Where each key is at home by these settings; those that are bound to a way are so there.
fn homes(
    settings: &UpstreamSettings,
) -> Result<impl Fn(&KeyId, Option<EgressId>) -> Option<EgressId>, Error> {
    let clients = relay::build_clients(settings)
        .map_err(|error| Error::invalid("setting", error.to_string()))?;
    Ok(move |key: &KeyId, bound: Option<EgressId>| {
        let client = &clients.gemini;
        let bound = bound.filter(|way| client.has_way(*way));
        bound.or_else(|| client.home(relay::egress_seed(key, 0)))
    })
}

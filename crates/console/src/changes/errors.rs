//! What people decide of failed attempts that are alike, and what they do to the keys that met them.

use std::sync::Arc;

use serde_json::json;

use super::difference::{Difference, detail};
use super::keys::{self, Meant};
use crate::State;
use crate::access::Identity;
use crate::error::Error;
use crate::groups::{LOOKED_AT, Lately, Standing, kind_of};
use crate::work::{Action, Job};

/// Ignores a group, declares it dealt with, or takes that back.
pub(crate) async fn mark(
    state: &State,
    identity: &Identity,
    group: &str,
    standing: Standing,
) -> Result<(), Error> {
    let kind = kind_of(group)?;
    let marks = state.store.error_marks().await?;
    let before = marks.get(&kind.label()).map_or("open", |mark| mark.mark.as_str());
    state.store.mark_errors(&kind, standing.mark(), &identity.actor).await?;
    let action = match standing {
        Standing::Open => "errors.reopen",
        Standing::Ignored => "errors.ignore",
        Standing::Resolved => "errors.resolve",
    };
    let changes = [Difference::of("state", Some(before), Some(standing.as_str()))];
    let detail = detail("", &changes);
    Ok(state.store.note(&identity.actor, action, &kind.label(), &detail).await?)
}

/// Does something to the keys that met a group's errors lately, as a job.
pub(crate) async fn act(
    state: &State,
    identity: &Identity,
    group: &str,
    action: &str,
    lately: &Lately,
) -> Result<Arc<Job>, Error> {
    let kind = kind_of(group)?;
    let action = match action {
        "verify" => Action::Verify,
        "disable" => Action::Disable,
        "reset" => Action::Reset,
        _ => return Err(Error::invalid("action", "accepted are verify, disable and reset")),
    };
    let keys = state.store.keys_that_met(&kind, lately.since(), LOOKED_AT).await?;
    if keys.is_empty() {
        return Err(Error::invalid("group", "has met no key in this time"));
    }
    let detail = json!({"action": action.name(), "keys": keys.len()}).to_string();
    state.store.note(&identity.actor, "errors.act", &kind.label(), &detail).await?;
    keys::act(state, identity, action, Meant::These(keys)).await
}

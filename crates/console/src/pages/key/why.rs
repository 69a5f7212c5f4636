//! *Why is this key skipped?*: what a request for a model, of a client, would ask of it.

use std::collections::BTreeSet;

use keypool::{BlockSnapshot, Decision, KeySnapshot, Timestamp, WaitCause, Window};
use serde::Deserialize;
use store::{LoggedRequest, StoredToken};

use crate::State;
use crate::error::Error;
use crate::pool::{Check, Key, Step, why};
use crate::words::choices::ChoicesWords;
use crate::words::keys::KeysWords;
use crate::words::{Language, fill, fill2};

/// Which request is meant.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    model: Option<String>,
    /// The id of a client token.
    client: String,
}

/// What is asked of a key, and what comes out.
pub(super) struct Reasons {
    /// Models that may be asked about; an empty one stands for calls about none.
    pub(super) models: Vec<String>,
    pub(super) model: String,
    /// The client tokens that are in use.
    pub(super) clients: Vec<StoredToken>,
    pub(super) client: String,
    pub(super) steps: Vec<Reason>,
    /// What such a request would be told now.
    pub(super) verdict: String,
    /// The key that it would be given: id and mask.
    pub(super) chosen: Option<(String, String)>,
}

/// A step in words.
pub(super) struct Reason {
    pub(super) label: &'static str,
    pub(super) says: String,
    pub(super) holds: Option<bool>,
    /// That it is another's turn is no fault.
    pub(super) is_fault: bool,
    pub(super) until: Option<i64>,
}

impl Reason {
    pub(super) fn icon(&self) -> &'static str {
        match self.holds {
            Some(true) => "circle-check",
            Some(false) if self.is_fault => "circle-x",
            Some(false) | None => "circle-alert",
        }
    }

    fn new(
        w: &'static KeysWords,
        choices: &'static ChoicesWords,
        key: &KeySnapshot,
        block: Option<&BlockSnapshot>,
        step: &Step,
    ) -> Self {
        let out_of_quota = || block.map(|block| spent(w, block)).unwrap_or_default();
        let (label, detail) = match step.check {
            Check::Enabled => (w.enabled, w.enabled_no.to_owned()),
            Check::Valid => (w.valid, fill(w.valid_no, Key::new(key.clone()).reason())),
            Check::Label => (w.label_fits, String::new()),
            Check::Model => (w.model_allowed, w.model_allowed_no.to_owned()),
            Check::Pause => (w.not_paused, w.paused_no.to_owned()),
            Check::Quota => (w.quota, out_of_quota()),
            Check::Count => (w.room, out_of_quota()),
            Check::Lately => (w.sound, String::new()),
            Check::Tier => (w.tier_first, String::new()),
            Check::Turn => (w.turn, String::new()),
        };
        let reason = step.why.map(|why| choices.says(why.as_str()));
        let says = match step.holds {
            Some(true) => w.fine.to_owned(),
            Some(false) if detail.is_empty() => reason.unwrap_or_default().to_owned(),
            Some(false) => detail,
            None => w.not_asked.to_owned(),
        };
        let is_fault = step.holds == Some(false) && step.check != Check::Turn;
        let until = step.until.map(Timestamp::millis);
        Self { label, says, holds: step.holds, is_fault, until }
    }
}

impl Reasons {
    pub(super) async fn new(
        state: &State,
        language: Language,
        key: &KeySnapshot,
        wanted: Wanted,
        recent: &[LoggedRequest],
    ) -> Result<Self, Error> {
        let (w, choices) = (KeysWords::of(language), ChoicesWords::of(language));
        let models = models(key, recent);
        let model = wanted.model.unwrap_or_else(|| probable(key, recent));
        let mut clients = state.store.list_tokens().await?;
        clients.retain(|client| client.revoked_at.is_none());
        let client = clients.iter().find(|client| client.id == wanted.client);
        let told = why(state, key, &model, client, relay::now());
        let told = told.ok_or(Error::NotFound("There is no such key in the pool."))?;
        let block = block(key, &model);
        let steps = told.steps.iter().map(|step| Reason::new(w, choices, key, block, step));
        let steps = steps.collect();
        let (verdict, chosen) = verdict(w, choices, &told.decision);
        Ok(Self { models, model, client: wanted.client, clients, steps, verdict, chosen })
    }
}

/// What can be asked about: what it is out of, and what it has served lately.
fn models(key: &KeySnapshot, recent: &[LoggedRequest]) -> Vec<String> {
    let blocked = key.blocks.iter().filter_map(|block| block.model.as_deref());
    let served = recent.iter().filter_map(|request| request.model.as_deref());
    let models: BTreeSet<&str> = blocked.chain(served).collect();
    models.into_iter().map(str::to_owned).collect()
}

/// The model that somebody who looks has probably in mind.
fn probable(key: &KeySnapshot, recent: &[LoggedRequest]) -> String {
    let blocked = key.blocks.iter().max_by_key(|block| block.until);
    let blocked = blocked.and_then(|block| block.model.as_deref());
    let served = recent.iter().find_map(|request| request.model.as_deref());
    blocked.or(served).unwrap_or_default().to_owned()
}

/// What keeps the key from serving a model for longest.
fn block<'k>(key: &'k KeySnapshot, model: &str) -> Option<&'k BlockSnapshot> {
    let is_meant = |block: &&BlockSnapshot| {
        let is_of_model = block.model.as_deref().is_none_or(|name| name == model);
        is_of_model && block.window != Window::Paused
    };
    key.blocks.iter().filter(is_meant).max_by_key(|block| block.until)
}

fn spent(w: &KeysWords, block: &BlockSnapshot) -> String {
    let model = block.model.as_deref().unwrap_or(w.all_models);
    let model = if model.is_empty() { w.no_model } else { model };
    fill2(w.quota_no, model, block.quota_id.as_deref().unwrap_or(block.window.as_str()))
}

/// What comes out, in words, and the key that is chosen.
fn verdict(
    w: &KeysWords,
    choices: &'static ChoicesWords,
    decision: &Decision,
) -> (String, Option<(String, String)>) {
    match decision {
        Decision::Chosen(chosen) => {
            let key = (chosen.key.as_str().to_owned(), chosen.mask.to_string());
            (fill(w.would_be_given, choices.says(chosen.why.as_str())), Some(key))
        }
        Decision::Wait { until, cause: WaitCause { window, .. } } => {
            let until = crate::format::absolute(*until);
            (fill2(w.would_wait, until, window.as_str()), None)
        }
        Decision::Refused(_) => (w.would_be_refused.to_owned(), None),
    }
}

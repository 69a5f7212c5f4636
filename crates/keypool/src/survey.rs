//! The pool shows how it stands.

use std::sync::Arc;

use crate::block::Block;
use crate::map::Map;
use crate::roster::{Key, KeySlot, Project, ProjectSlot};
use crate::setbacks::{Avoidance, Setbacks};
use crate::{
    AvoidedSnapshot, BlockSnapshot, Domain, Health, KeyId, KeySnapshot, KeyState, Pool, Snapshot,
    Timestamp, Totals,
};

impl Pool {
    /// How everything stands. Copies everything: for people who look, not for every request.
    pub fn snapshot(&self, now: Timestamp) -> Snapshot {
        let mut setbacks = Listing::default();
        for (model, one) in self.setbacks() {
            setbacks.add(model, one, now);
        }
        setbacks.sort();
        let keys = self.roster.keys().map(|(slot, key)| {
            let blocks = setbacks.blocks.get(&key.project).cloned().unwrap_or_default();
            let avoided = setbacks.avoided.get(&slot).cloned().unwrap_or_default();
            self.describe(key, (blocks, avoided), now)
        });
        Snapshot { totals: self.totals(now), keys: keys.collect() }
    }

    /// How everything stands, in numbers only. Looks at every project, and copies nothing.
    pub fn totals(&self, now: Timestamp) -> Totals {
        let headcount = self.roster.headcount();
        let projects = self.roster.projects();
        let cooling = projects.filter(|project| project.cooling_until > now);
        let cooling = cooling.map(|project| project.usable).sum();
        Totals {
            total: headcount.total,
            ready: headcount.usable().saturating_sub(cooling),
            cooling,
            dead: headcount.dead,
            disabled: headcount.disabled,
            in_flight: headcount.in_flight,
        }
    }

    /// Whether Google still accepts a key; `None` if the pool does not hold it.
    pub fn health(&self, id: &KeyId) -> Option<Health> {
        Some(self.roster.key(self.roster.key_slot(id)?)?.health)
    }

    /// The setbacks of all models together, and of each model.
    pub(crate) fn setbacks(&self) -> impl Iterator<Item = (Option<&Arc<str>>, &Setbacks)> {
        let of_models = self.lanes.owned().map(|lane| (lane.model(), &lane.setbacks));
        std::iter::once((None, &self.wide)).chain(of_models)
    }

    pub(crate) fn describe(
        &self,
        key: &Key,
        (blocks, avoided): (Vec<BlockSnapshot>, Vec<AvoidedSnapshot>),
        now: Timestamp,
    ) -> KeySnapshot {
        let project = self.roster.project(key.project);
        let is_cooling = project.is_some_and(|project| project.cooling_until > now);
        let own = || Domain::Key(key.spec.id.clone());
        KeySnapshot {
            id: key.spec.id.clone(),
            platform: key.spec.platform,
            name: key.spec.name.clone(),
            mask: key.credential.mask.clone(),
            domain: project.map_or_else(own, |project| project.domain.clone()),
            is_guess: project.is_some_and(Project::is_guess),
            weight: key.spec.weight,
            tier: key.spec.tier,
            tags: key.spec.tags.clone(),
            egress: key.spec.egress,
            batch: key.spec.batch.clone(),
            state: key.state(is_cooling),
            blocks,
            avoided,
            in_flight: key.in_flight,
            counters: key.counters,
            last_error: key.last_error,
            first_byte: key.speed.as_ref().and_then(|speed| speed.told()),
        }
    }
}

impl Key {
    /// How it stands, if it is known whether its project is out of something.
    pub(crate) fn state(&self, is_cooling: bool) -> KeyState {
        match self.health {
            _ if !self.spec.enabled => KeyState::Disabled,
            Health::Dead { reason, since } => KeyState::Dead { reason, since },
            Health::Alive if is_cooling => KeyState::Cooling,
            Health::Alive => KeyState::Ready,
        }
    }
}

/// The setbacks of all lanes, by whom they concern.
#[derive(Default)]
struct Listing {
    blocks: Map<ProjectSlot, Vec<BlockSnapshot>>,
    avoided: Map<KeySlot, Vec<AvoidedSnapshot>>,
}

impl Listing {
    /// Adds what is not over yet.
    fn add(&mut self, model: Option<&Arc<str>>, setbacks: &Setbacks, now: Timestamp) {
        for (project, block) in setbacks.blocks().filter(|(_, block)| block.until > now) {
            self.blocks.entry(project).or_default().push(shown_block(model, block));
        }
        for (key, avoidance) in setbacks.avoidances().filter(|(_, one)| one.until > now) {
            self.avoided.entry(key).or_default().push(shown_avoidance(model, avoidance));
        }
    }

    fn sort(&mut self) {
        let blocks = self.blocks.values_mut();
        blocks.for_each(|blocks| blocks.sort_by(|one, other| one.model.cmp(&other.model)));
        let avoided = self.avoided.values_mut();
        avoided.for_each(|avoided| avoided.sort_by(|one, other| one.model.cmp(&other.model)));
    }
}

pub(crate) fn shown_block(model: Option<&Arc<str>>, block: &Block) -> BlockSnapshot {
    BlockSnapshot {
        model: model.cloned(),
        until: block.until,
        window: block.window,
        limit: block.limit,
        quota_id: block.quota_id.clone(),
    }
}

pub(crate) fn shown_avoidance(model: Option<&Arc<str>>, avoidance: &Avoidance) -> AvoidedSnapshot {
    AvoidedSnapshot { model: model.cloned(), until: avoidance.until, why: avoidance.why }
}

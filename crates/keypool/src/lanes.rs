//! All lanes: the shared one, and those of models that have setbacks of their own.

use std::sync::Arc;

use crate::lane::Lane;
use crate::map::Map;

/// Longer names are no model's: nothing is learned about them.
const LONGEST_NAME: usize = 256;

/// The shared lane and the models' own. Their number is bounded, since clients choose the names.
#[derive(Debug)]
pub(crate) struct Lanes {
    shared: Lane,
    own: Vec<Lane>,
    places: Map<Arc<str>, usize>,
    /// The place of the last that was asked for. One request asks for the same many times, and
    /// to compare a name costs less than to find it.
    latest: usize,
}

impl Lanes {
    pub(crate) fn new(seed: u64) -> Self {
        Self { shared: Lane::shared(seed), own: Vec::new(), places: Map::default(), latest: 0 }
    }

    /// The lane that a model uses.
    pub(crate) fn of(&mut self, model: &str) -> &mut Lane {
        match self.find(model) {
            Some(place) => {
                self.latest = place;
                self.own.get_mut(place).unwrap_or(&mut self.shared)
            }
            None => &mut self.shared,
        }
    }

    /// The lane of a model's own, if it has one.
    pub(crate) fn own(&mut self, model: &str) -> Option<&mut Lane> {
        let place = self.find(model)?;
        self.latest = place;
        self.own.get_mut(place)
    }

    /// Whether a model has a lane of its own.
    pub(crate) fn has_own(&self, model: &str) -> bool {
        self.find(model).is_some()
    }

    /// Every lane.
    pub(crate) fn all(&mut self) -> impl Iterator<Item = &mut Lane> {
        std::iter::once(&mut self.shared).chain(&mut self.own)
    }

    /// The lanes of models that have one of their own.
    pub(crate) fn owned(&self) -> impl Iterator<Item = &Lane> {
        self.own.iter()
    }

    /// A lane of the model's own, made if there is none. At the bound the lane that matters least
    /// is given up for it: one without blocks or use, and of those the one that served longest ago.
    /// `None` if the name is no model's.
    pub(crate) fn own_or_new(&mut self, model: &Arc<str>, bound: usize) -> Option<&mut Lane> {
        if self.has_own(model) {
            return self.own(model);
        }
        if model.len() > LONGEST_NAME || bound == 0 {
            return None;
        }
        while self.own.len() >= bound {
            self.give_up_the_least();
        }
        self.latest = self.own.len();
        self.places.insert(Arc::clone(model), self.latest);
        self.own.push(self.shared.split_off(Arc::clone(model)));
        self.own.last_mut()
    }

    /// The lane that a model uses.
    pub(crate) fn at(&self, model: &str) -> &Lane {
        self.find(model).and_then(|place| self.own.get(place)).unwrap_or(&self.shared)
    }

    /// The lanes of models that have one of their own.
    pub(crate) fn owned_mut(&mut self) -> impl Iterator<Item = &mut Lane> {
        self.own.iter_mut()
    }

    /// Lets a model share again if it has no setbacks left.
    pub(crate) fn tidy(&mut self, model: &str) {
        let own = self.find(model).and_then(|place| self.own.get(place));
        if own.is_some_and(Lane::is_empty) {
            self.give_up(model);
        }
    }

    /// Lets all models share again that have no setbacks left.
    pub(crate) fn tidy_all(&mut self) {
        let idle = |lane: &&Lane| lane.is_empty();
        let models: Vec<_> =
            self.own.iter().filter(idle).filter_map(|lane| lane.model().cloned()).collect();
        for model in models {
            self.give_up(&model);
        }
    }

    fn give_up_the_least(&mut self) {
        let worth = |lane: &&Lane| {
            let name = lane.model().cloned();
            let used = !lane.quotas.is_empty();
            (!lane.is_empty(), lane.setbacks.has_blocks() || used, lane.last_serial, name)
        };
        let least = self.own.iter().min_by_key(worth).and_then(|lane| lane.model().cloned());
        if let Some(model) = least {
            self.give_up(&model);
        }
    }

    fn give_up(&mut self, model: &str) {
        let Some(place) = self.places.remove(model) else { return };
        let lane = self.own.swap_remove(place);
        self.shared.rejoin(&lane);
        if let Some(moved) = self.own.get(place).and_then(Lane::model) {
            self.places.insert(Arc::clone(moved), place);
        }
    }

    fn find(&self, model: &str) -> Option<usize> {
        let latest = self.own.get(self.latest).and_then(Lane::model);
        if latest.is_some_and(|latest| are_equal(latest, model)) {
            return Some(self.latest);
        }
        self.places.get(model).copied()
    }
}

/// A ticket's name is the lane's own, and need not be read to be compared.
fn are_equal(latest: &str, model: &str) -> bool {
    std::ptr::eq(latest, model) || latest == model
}

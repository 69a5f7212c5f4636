//! Who is in the pool: keys and the projects they belong to, each at a fixed place.

use std::sync::Arc;
use std::time::Duration;

use smallvec::{SmallVec, smallvec};

use crate::declared::Declared;
use crate::foresight::{fetch, fetch_place};
use crate::map::Map;
use crate::speed::Speed;
use crate::tags::Tags;
use crate::{Counters, Credential, Domain, Health, KeyId, KeySpec, Outcome, Phase, Timestamp};

/// For how long after a fault a key is not given to requests that have met one already.
const DOUBTED: Duration = Duration::from_mins(10);

/// Of how many keys of a project memory is asked for before it is needed.
const FORESEEN: usize = 2;

/// The place of a key. It is given to another key when this one has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct KeySlot(pub(crate) u32);

/// The place of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ProjectSlot(pub(crate) u32);

/// A key and what is known of it as a whole. What a choice depends on lies close together, for
/// in a large pool it is read from memory that no cache holds.
#[derive(Debug)]
pub(crate) struct Key {
    /// As the administrator wants it.
    pub(crate) spec: Box<KeySpec>,
    /// What a request is handed.
    pub(crate) credential: Arc<Credential>,
    /// `spec.tier`.
    pub(crate) tier: u8,
    /// `spec.enabled`.
    enabled: bool,
    /// Where its project stands.
    pub(crate) project: ProjectSlot,
    /// Differs from that of every other key, and every other secret, that ever had this place.
    pub(crate) generation: u32,
    /// Whether Google accepts it.
    pub(crate) health: Health,
    /// Broken links since its last success.
    pub(crate) broken_links: u32,
    /// Whether Google has given a whole answer through it, since it was added, revived or last mute.
    pub(crate) has_answered: bool,
    /// When it last failed in a way that another key might not have.
    pub(crate) last_fault: Option<Timestamp>,
    /// Tickets that are not settled yet.
    pub(crate) in_flight: u32,
    /// What it has done.
    pub(crate) counters: Counters,
    /// How its last failure is called.
    pub(crate) last_error: Option<&'static str>,
    /// How fast its answers began; nothing before the first.
    pub(crate) speed: Option<Box<Speed>>,
}

impl Key {
    /// Whether it may be given to a request at all.
    pub(crate) fn is_usable(&self) -> bool {
        self.enabled && !self.health.is_dead()
    }

    /// Reads what a lease of this key will count in, so that the memory is there by then.
    pub(crate) fn fetch_credential(&self) {
        std::hint::black_box(Arc::strong_count(&self.credential));
    }

    /// Whether it has served, and not failed for a while.
    pub(crate) fn is_sound(&self, now: Timestamp) -> bool {
        let failed = self.last_fault.is_some_and(|at| now.saturating_since(at) < DOUBTED);
        self.counters.served > 0 && !failed
    }

    /// Takes an outcome into the counters.
    pub(crate) fn note(&mut self, outcome: &Outcome, now: Timestamp) {
        match outcome {
            Outcome::ClientFault => self.has_answered = true,
            Outcome::Cancelled { .. } => {}
            Outcome::Served { .. } | Outcome::Empty { .. } => {
                self.has_answered = true;
                self.counters.served += 1;
                self.broken_links = 0;
            }
            Outcome::QuotaSpent(_) => {
                self.has_answered = true;
                self.counters.quota_spent += 1;
                self.counters.last_failed = Some(now);
                self.last_error = Some(outcome.label());
            }
            _ => {
                self.note_failure(outcome, now);
                self.counters.last_failed = Some(now);
                self.last_error = Some(outcome.label());
            }
        }
    }

    fn note_failure(&mut self, outcome: &Outcome, now: Timestamp) {
        self.counters.failed += 1;
        match outcome {
            // The way to Google, not the key.
            Outcome::LinkBroken(Phase::Connect | Phase::Tls) | Outcome::RegionRefused => {}
            Outcome::LinkBroken(phase) => {
                self.last_fault = Some(now);
                self.broken_links = self.broken_links.saturating_add(1);
                if matches!(phase, Phase::FirstByte | Phase::Idle) {
                    self.has_answered = false;
                }
            }
            _ => {
                self.last_fault = Some(now);
                self.has_answered = true;
            }
        }
    }
}

/// Keys that share their quotas.
#[derive(Debug)]
pub(crate) struct Project {
    /// Whose quotas they are.
    pub(crate) domain: Domain,
    /// Its keys, at least one.
    pub(crate) keys: SmallVec<[KeySlot; 2]>,
    /// How many of them are usable.
    pub(crate) usable: usize,
    /// When the last of its blocks is over.
    pub(crate) cooling_until: Timestamp,
    /// Whose turn it is among its keys, for models of which nothing is known.
    pub(crate) turn: u32,
    /// Differs from that of every other project that ever had this place.
    pub(crate) generation: u32,
}

impl Project {
    /// Whether it is nobody's word that its keys belong together.
    pub(crate) fn is_guess(&self) -> bool {
        matches!(self.domain, Domain::Key(_)) && self.keys.len() > 1
    }
}

/// Keys in numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Headcount {
    pub(crate) total: usize,
    pub(crate) disabled: usize,
    /// Enabled, and dead.
    pub(crate) dead: usize,
    pub(crate) in_flight: u64,
}

impl Headcount {
    /// Neither disabled nor dead.
    pub(crate) fn usable(self) -> usize {
        self.total.saturating_sub(self.disabled + self.dead)
    }
}

/// All keys and projects.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    keys: Vec<Option<Key>>,
    free_keys: Vec<KeySlot>,
    key_by_id: Map<KeyId, KeySlot>,
    projects: Vec<Option<Project>>,
    free_projects: Vec<ProjectSlot>,
    project_by_domain: Map<Domain, ProjectSlot>,
    headcount: Headcount,
    generations: u32,
    /// Which projects have keys with which label.
    pub(crate) tags: Tags,
    /// Limits that the administrator knows.
    pub(crate) declared: Declared,
    /// Whether every key has a share of its own, not every project.
    pub(crate) shares_by_key: bool,
}

impl Roster {
    pub(crate) fn new(shares_by_key: bool) -> Self {
        Self { shares_by_key, ..Self::default() }
    }

    pub(crate) fn headcount(&self) -> Headcount {
        self.headcount
    }

    pub(crate) fn key(&self, slot: KeySlot) -> Option<&Key> {
        self.keys.get(slot.0 as usize)?.as_ref()
    }

    pub(crate) fn key_slot(&self, id: &KeyId) -> Option<KeySlot> {
        self.key_by_id.get(id).copied()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = (KeySlot, &Key)> {
        (0..).map(KeySlot).zip(&self.keys).filter_map(|(slot, key)| Some((slot, key.as_ref()?)))
    }

    /// The keys at so many places from `from` on, and how many places there are.
    pub(crate) fn keys_from(
        &self,
        from: usize,
        most: usize,
    ) -> (impl Iterator<Item = &Key>, usize) {
        (self.keys.iter().skip(from).take(most).flatten(), self.keys.len())
    }

    pub(crate) fn project(&self, slot: ProjectSlot) -> Option<&Project> {
        self.projects.get(slot.0 as usize)?.as_ref()
    }

    /// Brings a project near, whose keys will be [fetched](Self::fetch_keys) soon.
    pub(crate) fn fetch_project(&self, slot: ProjectSlot) {
        fetch_place(&self.projects, slot.0 as usize);
    }

    /// Brings the first keys of a project near.
    pub(crate) fn fetch_keys(&self, slot: ProjectSlot) {
        let Some(project) = self.project(slot) else { return };
        for key in project.keys.iter().take(FORESEEN) {
            fetch_place(&self.keys, key.0 as usize);
        }
    }

    /// Brings near what the next lease of a project will count in.
    pub(crate) fn fetch_credentials(&self, slot: ProjectSlot) {
        let Some(project) = self.project(slot) else { return };
        for key in project.keys.iter().take(FORESEEN).filter_map(|key| self.key(*key)) {
            fetch(&*key.credential);
            fetch(&key.counters.last_used);
            fetch(&key.in_flight);
        }
    }

    pub(crate) fn project_slot(&self, domain: &Domain) -> Option<ProjectSlot> {
        self.project_by_domain.get(domain).copied()
    }

    /// Whose quota it is that others know by this name: also the guess that a key is part of here.
    pub(crate) fn owner_of(&self, domain: &Domain) -> Option<ProjectSlot> {
        let project = self.project_slot(domain);
        let Domain::Key(id) = domain else { return project };
        let guessed = || {
            let key = self.key(self.key_slot(id)?)?;
            key.spec.project.is_none().then_some(key.project)
        };
        project.or_else(guessed)
    }

    pub(crate) fn projects(&self) -> impl Iterator<Item = &Project> {
        self.projects.iter().flatten()
    }

    /// How many attempts with keys of a project are under way.
    pub(crate) fn in_flight(&self, project: ProjectSlot) -> u64 {
        let keys = self.project(project).map(|project| project.keys.as_slice());
        let keys = keys.unwrap_or_default().iter().filter_map(|key| self.key(*key));
        keys.map(|key| u64::from(key.in_flight)).sum()
    }

    pub(crate) fn project_slots(&self) -> impl Iterator<Item = ProjectSlot> {
        let places = (0..).map(ProjectSlot).zip(&self.projects);
        places.filter_map(|(slot, project)| project.as_ref().map(|_| slot))
    }

    /// Changes a key, keeping the numbers right.
    pub(crate) fn change<T>(
        &mut self,
        slot: KeySlot,
        change: impl FnOnce(&mut Key) -> T,
    ) -> Option<T> {
        let key = self.keys.get_mut(slot.0 as usize)?.as_mut()?;
        let mut project = self.projects.get_mut(key.project.0 as usize).and_then(Option::as_mut);
        count(&mut self.headcount, project.as_deref_mut(), key, false);
        let result = change(key);
        count(&mut self.headcount, project, key, true);
        Some(result)
    }

    /// Notes that a key is given to a request.
    pub(crate) fn start(&mut self, slot: KeySlot, now: Timestamp) -> Option<&Key> {
        let key = self.keys.get_mut(slot.0 as usize)?.as_mut()?;
        key.in_flight += 1;
        key.counters.last_used = Some(now);
        self.headcount.in_flight += 1;
        if let Some(project) = self.projects.get_mut(key.project.0 as usize)?.as_mut() {
            project.turn = project.turn.wrapping_add(1);
        }
        Some(key)
    }

    /// As [`Lane::keep_turn`](crate::lane::Lane::keep_turn), for models of which nothing is known.
    pub(crate) fn keep_turn(&mut self, project: ProjectSlot) {
        if let Some(Some(project)) = self.projects.get_mut(project.0 as usize) {
            project.turn = project.turn.wrapping_sub(1);
        }
    }

    /// Notes that an attempt with a key has ended, if the key that began it is still here.
    pub(crate) fn end(&mut self, slot: KeySlot, generation: u32) -> Option<&mut Key> {
        let key = self.keys.get_mut(slot.0 as usize)?.as_mut()?;
        if key.generation != generation {
            return None;
        }
        key.in_flight = key.in_flight.saturating_sub(1);
        self.headcount.in_flight = self.headcount.in_flight.saturating_sub(1);
        Some(key)
    }

    /// Notes that a project is out of something until then.
    pub(crate) fn cool(&mut self, slot: ProjectSlot, until: Timestamp) {
        if let Some(project) = self.projects.get_mut(slot.0 as usize).and_then(Option::as_mut) {
            project.cooling_until = project.cooling_until.max(until);
        }
    }

    /// Notes that nothing is known of what a project is out of.
    pub(crate) fn thaw(&mut self, slot: ProjectSlot) {
        if let Some(project) = self.projects.get_mut(slot.0 as usize).and_then(Option::as_mut) {
            project.cooling_until = Timestamp::MIN;
        }
    }

    /// Takes in a key that is not here yet.
    pub(crate) fn add(&mut self, spec: KeySpec) -> KeySlot {
        let slot = self.free_keys.pop().unwrap_or_else(|| {
            self.keys.push(None);
            KeySlot(self.keys.len() as u32 - 1)
        });
        self.key_by_id.insert(spec.id.clone(), slot);
        self.generations = self.generations.wrapping_add(1);
        let project = self.join(domain_of(&spec), slot);
        let key = Key {
            credential: credential_of(&spec),
            tier: spec.tier,
            enabled: spec.enabled,
            spec: Box::new(spec),
            project,
            generation: self.generations,
            health: Health::Alive,
            broken_links: 0,
            has_answered: false,
            last_fault: None,
            in_flight: 0,
            counters: Counters::default(),
            last_error: None,
            speed: None,
        };
        self.tags.add(&key.spec.tags, key.project);
        let project = self.projects.get_mut(project.0 as usize).and_then(Option::as_mut);
        count(&mut self.headcount, project, &key, true);
        if let Some(place) = self.keys.get_mut(slot.0 as usize) {
            *place = Some(key);
        }
        slot
    }

    /// Gives a key another specification. Its project stays.
    pub(crate) fn respecify(&mut self, slot: KeySlot, spec: KeySpec) {
        let Some(key) = self.key(slot) else { return };
        let project = key.project;
        if key.spec.tags != spec.tags {
            let tags = key.spec.tags.clone();
            self.tags.remove(&tags, project);
            self.tags.add(&spec.tags, project);
        }
        self.change(slot, |key| {
            if key.spec.secret != spec.secret || key.spec.egress != spec.egress {
                key.credential = credential_of(&spec);
            }
            (key.tier, key.enabled) = (spec.tier, spec.enabled);
            *key.spec = spec;
        });
    }

    /// Disowns all tickets of a key, as if another one had taken its place.
    pub(crate) fn renew(&mut self, slot: KeySlot) {
        self.generations = self.generations.wrapping_add(1);
        let generation = self.generations;
        self.change(slot, |key| {
            key.generation = generation;
            key.has_answered = false;
            key.in_flight = 0;
        });
    }

    /// Lets a key go; its project too, if it was the last.
    pub(crate) fn remove(&mut self, slot: KeySlot) {
        let Some(key) = self.keys.get_mut(slot.0 as usize).and_then(Option::take) else { return };
        self.key_by_id.remove(&key.spec.id);
        self.free_keys.push(slot);
        self.tags.remove(&key.spec.tags, key.project);
        let project = self.projects.get_mut(key.project.0 as usize).and_then(Option::as_mut);
        count(&mut self.headcount, project, &key, false);
        self.leave(key.project, slot);
    }

    /// Lets a key join another project, and leave its present one.
    pub(crate) fn move_to_project(&mut self, slot: KeySlot, domain: Domain) {
        let Some(key) = self.keys.get_mut(slot.0 as usize).and_then(Option::take) else { return };
        let before = self.projects.get_mut(key.project.0 as usize).and_then(Option::as_mut);
        count(&mut self.headcount, before, &key, false);
        self.tags.remove(&key.spec.tags, key.project);
        self.leave(key.project, slot);
        let project = self.join(domain, slot);
        self.tags.add(&key.spec.tags, project);
        let key = Key { project, ..key };
        let after = self.projects.get_mut(project.0 as usize).and_then(Option::as_mut);
        count(&mut self.headcount, after, &key, true);
        if let Some(place) = self.keys.get_mut(slot.0 as usize) {
            *place = Some(key);
        }
    }

    /// Gives a project another name, which nobody has.
    pub(crate) fn rename(&mut self, slot: ProjectSlot, domain: Domain) {
        let Some(Some(project)) = self.projects.get_mut(slot.0 as usize) else { return };
        self.project_by_domain.remove(&project.domain);
        self.project_by_domain.insert(domain.clone(), slot);
        project.domain = domain;
    }

    fn join(&mut self, domain: Domain, key: KeySlot) -> ProjectSlot {
        if let Some(slot) = self.project_slot(&domain) {
            if let Some(project) = self.projects.get_mut(slot.0 as usize).and_then(Option::as_mut) {
                project.keys.push(key);
            }
            return slot;
        }
        let slot = self.free_projects.pop().unwrap_or_else(|| {
            self.projects.push(None);
            ProjectSlot(self.projects.len() as u32 - 1)
        });
        self.project_by_domain.insert(domain.clone(), slot);
        self.generations = self.generations.wrapping_add(1);
        let project = Project {
            domain,
            keys: smallvec![key],
            usable: 0,
            cooling_until: Timestamp::MIN,
            turn: 0,
            generation: self.generations,
        };
        if let Some(place) = self.projects.get_mut(slot.0 as usize) {
            *place = Some(project);
        }
        slot
    }

    fn leave(&mut self, slot: ProjectSlot, key: KeySlot) {
        let Some(place) = self.projects.get_mut(slot.0 as usize) else { return };
        let Some(project) = place else { return };
        project.keys.retain(|member| *member != key);
        if project.keys.is_empty() {
            self.project_by_domain.remove(&project.domain);
            self.free_projects.push(slot);
            *place = None;
        }
    }
}

/// Whose quota a key uses, as far as its specification tells.
pub(crate) fn domain_of(spec: &KeySpec) -> Domain {
    Domain::of(&spec.id, spec.project.as_deref(), spec.platform)
}

fn credential_of(spec: &KeySpec) -> Arc<Credential> {
    let (id, secret) = (spec.id.clone(), Arc::clone(&spec.secret));
    let mask = secret.mask().into();
    Arc::new(Credential { id, secret, mask, egress: spec.egress })
}

fn count(headcount: &mut Headcount, project: Option<&mut Project>, key: &Key, add: bool) {
    let step = |number: &mut usize| {
        *number = if add { *number + 1 } else { number.saturating_sub(1) };
    };
    step(&mut headcount.total);
    let in_flight = u64::from(key.in_flight);
    headcount.in_flight = if add {
        headcount.in_flight + in_flight
    } else {
        headcount.in_flight.saturating_sub(in_flight)
    };
    if !key.enabled {
        step(&mut headcount.disabled);
    } else if key.health.is_dead() {
        step(&mut headcount.dead);
    } else if let Some(project) = project {
        step(&mut project.usable);
    }
}

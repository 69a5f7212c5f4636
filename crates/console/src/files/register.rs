//! All that is in the register, in numbers, and which keys reach it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use keypool::{KeyState, Timestamp};
use serde::Serialize;
use store::{ResourceFilter, ResourceGroup};
use utoipa::ToSchema;

use super::filter::{Filter, State};
use super::kinds::kind_name;
use crate::State as Console;
use crate::error::Error;
use crate::pool::Key;

/// What Google keeps of a project's files at most.
pub(crate) const ROOM: u64 = 20 << 30;

/// The register at one moment.
pub(crate) struct Register {
    pub(crate) keys: Keys,
    groups: Vec<Group>,
}

/// Resources of a key and kind.
struct Group {
    counted: ResourceGroup,
    /// As the administrator names it now.
    project: Option<Arc<str>>,
    is_reachable: bool,
}

/// The keys of the pool, and the projects that one of them can reach.
pub(crate) struct Keys {
    known: HashMap<String, KnownKey>,
    /// Named projects, with their usable keys.
    usable: HashMap<Arc<str>, HashSet<String>>,
}

pub(crate) struct KnownKey {
    pub(crate) mask: Arc<str>,
    project: Option<Arc<str>>,
    is_usable: bool,
}

/// How many resources there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FileCounts)]
pub(crate) struct Counts {
    /// Those that have not expired.
    pub(crate) live: u64,
    /// Those of them that no key reaches.
    pub(crate) unreachable: u64,
    /// Those that Google has deleted by now.
    pub(crate) expired: u64,
}

/// What the files of a project come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ProjectUse {
    /// Its name; nothing if only a key of it is known.
    pub(crate) project: Option<String>,
    /// That key as it may be shown; nothing if the pool has it no more.
    pub(crate) key: Option<String>,
    /// The id of that key.
    pub(crate) key_id: Option<String>,
    /// Files that have not expired.
    pub(crate) files: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// The bytes that Google keeps at most.
    pub(crate) room: u64,
}

impl Register {
    /// The register now; with a token, only what belongs to it.
    pub(crate) async fn read(
        console: &Console,
        token: &str,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let token = Some(token).filter(|token| !token.is_empty());
        let counted = console.store.survey_resources(token, now).await?;
        let keys = Keys::read(console, now);
        let groups = counted.into_iter().map(|counted| {
            let project = keys.project(&counted.key_id, counted.project.as_deref());
            let is_reachable = keys.reaches(&counted.key_id, project.as_ref());
            Group { counted, project, is_reachable }
        });
        Ok(Self { groups: groups.collect(), keys })
    }

    /// How many there are that a filter finds, whatever their state.
    pub(crate) fn counts(&self, filter: &Filter) -> Counts {
        let mut counts = Counts::default();
        for group in self.groups.iter().filter(|group| group.passes(filter)) {
            let live = group.counted.count.saturating_sub(group.counted.over);
            counts.live += live;
            counts.expired += group.counted.over;
            counts.unreachable += if group.is_reachable { 0 } else { live };
        }
        counts
    }

    /// The filter as the store understands it.
    pub(crate) fn understood(&self, filter: &Filter) -> ResourceFilter {
        let state = filter.state();
        let is_wanted = |group: &&Group| {
            group.passes(filter) && (state != Some(State::Unreachable) || !group.is_reachable)
        };
        let wanted: Vec<&Group> = self.groups.iter().filter(is_wanted).collect();
        let of = |text: fn(&Group) -> &str| -> Vec<String> {
            let distinct: BTreeSet<&str> = wanted.iter().map(|group| text(group)).collect();
            distinct.into_iter().map(str::to_owned).collect()
        };
        let narrows = !filter.project.is_empty() || !filter.key.is_empty();
        let by_key = narrows || state == Some(State::Unreachable);
        ResourceFilter {
            kinds: (!filter.kind.is_empty()).then(|| of(|group| &group.counted.kind)),
            token_id: Some(filter.token.clone()).filter(|token| !token.is_empty()),
            key_ids: by_key.then(|| of(|group| &group.counted.key_id)),
            is_over: state.map(|state| state == State::Expired),
        }
    }

    /// The kinds that there are.
    pub(crate) fn kinds(&self) -> Vec<String> {
        let kinds = self.groups.iter().map(|group| kind_name(&group.counted.kind));
        kinds.collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect()
    }

    /// The projects that have names.
    pub(crate) fn projects(&self) -> Vec<String> {
        let projects = self.groups.iter().filter_map(|group| group.project.as_deref());
        projects.collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect()
    }

    /// What the files of each project come to, the fullest first.
    pub(crate) fn uses(&self) -> Vec<ProjectUse> {
        let mut uses: BTreeMap<(Option<&str>, &str), ProjectUse> = BTreeMap::new();
        for group in self.groups.iter().filter(|group| kind_name(&group.counted.kind) == "file") {
            let project = group.project.as_deref();
            let key = if project.is_some() { "" } else { group.counted.key_id.as_str() };
            let known = self.keys.known.get(key);
            let one = uses.entry((project, key)).or_insert_with(|| ProjectUse {
                project: project.map(str::to_owned),
                key: known.map(|known| known.mask.to_string()),
                key_id: Some(key.to_owned()).filter(|key| !key.is_empty()),
                files: 0,
                bytes: 0,
                room: ROOM,
            });
            one.files += group.counted.count.saturating_sub(group.counted.over);
            one.bytes += group.counted.bytes;
        }
        let mut uses: Vec<_> = uses.into_values().filter(|one| one.files > 0).collect();
        uses.sort_by_key(|one| std::cmp::Reverse(one.bytes));
        uses
    }

    /// Those that live, with their key and project, and how many they are.
    pub(crate) fn living(&self) -> impl Iterator<Item = (&str, Option<&Arc<str>>, u64)> {
        self.groups.iter().map(|group| {
            let live = group.counted.count.saturating_sub(group.counted.over);
            (group.counted.key_id.as_str(), group.project.as_ref(), live)
        })
    }
}

impl Group {
    fn passes(&self, filter: &Filter) -> bool {
        (filter.kind.is_empty() || kind_name(&self.counted.kind) == filter.kind)
            && (filter.project.is_empty() || self.project.as_deref() == Some(&filter.project))
            && (filter.key.is_empty() || self.counted.key_id == filter.key)
    }
}

impl Keys {
    fn read(console: &Console, now: Timestamp) -> Self {
        let snapshot = console.gateway.snapshot(now);
        let (mut known, mut usable) = (HashMap::new(), HashMap::<Arc<str>, HashSet<_>>::new());
        for key in snapshot.keys.into_iter().map(Key::new) {
            let project: Option<Arc<str>> = key.project().map(Into::into);
            let is_usable = matches!(key.snapshot.state, KeyState::Ready | KeyState::Cooling);
            if let Some(project) = project.as_ref().filter(|_| is_usable) {
                usable.entry(Arc::clone(project)).or_default().insert(key.id().to_owned());
            }
            let mask = Arc::clone(&key.snapshot.mask);
            known.insert(key.id().to_owned(), KnownKey { mask, project, is_usable });
        }
        Self { known, usable }
    }

    pub(crate) fn find(&self, id: &str) -> Option<&KnownKey> {
        self.known.get(id)
    }

    /// The project of a key: as it is named now, or as it was when the key left the pool.
    pub(crate) fn project(&self, key: &str, before: Option<&str>) -> Option<Arc<str>> {
        match self.known.get(key) {
            Some(known) => known.project.clone(),
            None => before.map(Into::into),
        }
    }

    /// Whether any key can serve what this key made.
    pub(crate) fn reaches(&self, key: &str, project: Option<&Arc<str>>) -> bool {
        self.known.get(key).is_some_and(|known| known.is_usable)
            || project.is_some_and(|project| self.usable.contains_key(project))
    }

    /// Whether any key beside these can serve what this key made.
    pub(crate) fn others_reach(&self, project: Option<&Arc<str>>, gone: &HashSet<String>) -> bool {
        let usable = project.and_then(|project| self.usable.get(project));
        usable.is_some_and(|keys| keys.iter().any(|key| !gone.contains(key)))
    }
}

//! What a filter finds in the pool.

use std::collections::BTreeSet;
use std::sync::Arc;

use keypool::{KeyId, KeySnapshot, KeyView, Platform, Timestamp};
use relay::Gateway;
use uuid::Uuid;

use super::filter::{Filter, Sieve, Sort};
use super::key::{Key, Standing, project_of};

/// So many places of the pool are looked at before it is let go, which takes some tens of
/// microseconds: requests that want a key meanwhile do not wait for a page.
const AT_ONCE: usize = 512;

/// So many of the jobs that added keys can be chosen from.
const BATCHES: usize = 20;

/// A page of keys.
#[derive(Debug)]
pub(crate) struct Listing {
    /// The keys of this page.
    pub(crate) keys: Vec<Key>,
    /// How many pass the filter.
    pub(crate) matching: usize,
    /// How many there are in all.
    pub(crate) total: usize,
    /// How many there are of each standing that pass the rest of the filter.
    pub(crate) counts: [usize; 5],
    /// Whether there are keys for more than one of Google's APIs.
    pub(crate) has_vertex: bool,
    /// Every label in use.
    pub(crate) tags: Vec<String>,
    /// The last jobs that added keys, the newest first, with when that was.
    pub(crate) batches: Vec<(Arc<str>, Timestamp)>,
    /// From 1.
    pub(crate) page: usize,
    pub(crate) pages: usize,
}

/// A key that is wanted, and by what it is put in order.
struct Found {
    id: KeyId,
    rank: Rank,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Nothing,
    Number(u64),
    Text(String),
}

/// Shows every key, some at a time.
pub(crate) async fn each(gateway: &Gateway, now: Timestamp, mut see: impl FnMut(KeyView<'_>)) {
    for platform in Platform::ALL {
        let mut from = Some(0);
        while let Some(place) = from {
            from = gateway.pool(*platform).look(place, AT_ONCE, now, &mut see);
            tokio::task::yield_now().await;
        }
    }
}

/// How one key stands, whichever of Google's APIs it is for.
pub(crate) fn find(gateway: &Gateway, id: &KeyId, now: Timestamp) -> Option<KeySnapshot> {
    Platform::ALL.iter().find_map(|platform| gateway.pool(*platform).show(id, now))
}

impl Filter {
    /// The page of the pool that is wanted.
    pub(crate) async fn apply(&self, gateway: &Gateway) -> Listing {
        let now = relay::now();
        let (mut total, mut counts, mut has_vertex) = (0, [0; 5], false);
        let (mut tags, mut found) = (BTreeSet::new(), Vec::new());
        let (mut batches, mut last) = (BTreeSet::new(), None);
        let (wanted, sort) = (self.standing(), self.sort());
        let sieve = Sieve::new(self, gateway, now);
        each(gateway, now, |key| {
            total += 1;
            has_vertex |= key.platform == Platform::Vertex;
            for tag in key.tags {
                if !tags.contains(tag) {
                    tags.insert(tag.clone());
                }
            }
            if let Some(batch) = key.batch.filter(|batch| last.as_ref() != Some(*batch)) {
                last = Some(Arc::clone(batch));
                batches.insert(Arc::clone(batch));
            }
            if !sieve.passes(&key) {
                return;
            }
            let standing = Standing::of(&key);
            counts[standing as usize] += 1;
            if wanted.is_none_or(|wanted| standing == wanted) {
                found.push(Found { id: key.id.clone(), rank: rank(&key, sort) });
            }
        })
        .await;
        self.put_in_order(&mut found);
        let (matching, per) = (found.len(), self.per());
        let pages = matching.div_ceil(per).max(1);
        let page = self.page.parse().unwrap_or(1).clamp(1, pages);
        let shown = found.iter().skip((page - 1) * per).take(per);
        let keys = shown.filter_map(|one| find(gateway, &one.id, now)).map(Key::new).collect();
        let tags = tags.into_iter().collect();
        let batches = latest(batches);
        Listing { keys, matching, total, counts, has_vertex, tags, batches, page, pages }
    }

    /// The ids of all keys that are wanted, in order, whatever the page.
    pub(crate) async fn all(&self, gateway: &Gateway) -> Vec<KeyId> {
        let mut found = Vec::new();
        let (wanted, sort, now) = (self.standing(), self.sort(), relay::now());
        let sieve = Sieve::new(self, gateway, now);
        each(gateway, now, |key| {
            let is_wanted = wanted.is_none_or(|wanted| Standing::of(&key) == wanted);
            if is_wanted && sieve.passes(&key) {
                found.push(Found { id: key.id.clone(), rank: rank(&key, sort) });
            }
        })
        .await;
        self.put_in_order(&mut found);
        found.into_iter().map(|one| one.id).collect()
    }

    fn put_in_order(&self, found: &mut [Found]) {
        if self.sort().is_none() {
            return;
        }
        found.sort_by(|one, other| one.rank.cmp(&other.rank));
        if self.is_downwards() {
            found.reverse();
        }
    }
}

/// The last jobs among these, the newest first: their ids begin with the time.
fn latest(batches: BTreeSet<Arc<str>>) -> Vec<(Arc<str>, Timestamp)> {
    let begun = |batch: &str| {
        let (seconds, nanos) = Uuid::parse_str(batch).ok()?.get_timestamp()?.to_unix();
        let millis = seconds * 1000 + u64::from(nanos / 1_000_000);
        Some(Timestamp::from_millis(i64::try_from(millis).ok()?))
    };
    let dated = batches.into_iter().rev().filter_map(|batch| begun(&batch).map(|at| (batch, at)));
    dated.take(BATCHES).collect()
}

fn rank(key: &KeyView<'_>, sort: Option<Sort>) -> Rank {
    let Some(sort) = sort else { return Rank::Nothing };
    let counters = &key.counters;
    let attempts = counters.served + counters.quota_spent + counters.failed;
    match sort {
        Sort::Key => Rank::Text(key.mask.to_owned()),
        Sort::Project => {
            project_of(key.domain, key.is_guess).map_or(Rank::Nothing, |one| Rank::Text(one.into()))
        }
        Sort::Requests => Rank::Number(attempts),
        Sort::Success => {
            let share = (counters.served * 10_000).checked_div(attempts);
            share.map_or(Rank::Nothing, Rank::Number)
        }
        Sort::LastUsed => counters.last_used.map_or(Rank::Nothing, |at| {
            Rank::Number(u64::try_from(at.millis()).unwrap_or_default())
        }),
        Sort::Weight => Rank::Number(u64::from(key.weight)),
    }
}

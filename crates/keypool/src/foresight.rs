//! Asking for memory before it is needed.
//!
//! In a large pool nothing that a choice reads is in a cache, and every piece of it says where the
//! next one is. Whose turn comes after this one is known, though: while one request is given its
//! key, what the next ones will read is on its way, a piece at each step.

use prefetch_index::prefetch_index;

use crate::lane::Lane;
use crate::ring::Choice;
use crate::roster::Roster;

/// Brings near what the next choices of a lane will read, if they go by turns.
pub(crate) fn foresee(choice: &Choice, lane: &Lane, roster: &Roster) {
    let mut upcoming = lane.upcoming(choice);
    if let Some(next) = upcoming.next() {
        roster.fetch_credentials(next);
    }
    if let Some(after_next) = upcoming.next() {
        roster.fetch_keys(after_next);
        lane.quotas.fetch(after_next);
    }
    if let Some(third) = upcoming.next() {
        roster.fetch_project(third);
    }
}

/// Brings a thing's beginning near.
pub(crate) fn fetch<T>(thing: &T) {
    prefetch_index(std::slice::from_ref(thing), 0);
}

/// Brings near what lies in a place, and what follows it: where places are no multiple of a cache
/// line, the end of the one lies in the line in which the next begins.
pub(crate) fn fetch_place<T>(places: &[T], place: usize) {
    prefetch_index(places, place);
    prefetch_index(places, place + 1);
}

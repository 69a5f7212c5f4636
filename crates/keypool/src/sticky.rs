//! Which project a prompt was sent to before, since its beginning may still be cached there.

use std::time::Duration;

use crate::Timestamp;
use crate::roster::ProjectSlot;

/// How long a cached beginning is counted on.
const LASTS: Duration = Duration::from_mins(10);

/// How many beginnings are remembered for a model.
const PLACES: usize = 4096;

/// A table in which every beginning has one possible place; a newer one takes it.
#[derive(Debug, Default)]
pub(crate) struct Sticky(Vec<Option<Memory>>);

#[derive(Clone, Copy, Debug)]
struct Memory {
    prefix: u64,
    project: ProjectSlot,
    at: Timestamp,
}

impl Sticky {
    /// Where a prompt that begins so was sent last, if it was not long ago.
    pub(crate) fn get(&self, prefix: u64, now: Timestamp) -> Option<ProjectSlot> {
        let memory = self.0.get(place(prefix))?.as_ref()?;
        (memory.prefix == prefix && now <= memory.at + LASTS).then_some(memory.project)
    }

    /// Remembers where a prompt is sent.
    pub(crate) fn set(&mut self, prefix: u64, project: ProjectSlot, now: Timestamp) {
        if self.0.is_empty() {
            self.0.resize(PLACES, None);
        }
        if let Some(memory) = self.0.get_mut(place(prefix)) {
            *memory = Some(Memory { prefix, project, at: now });
        }
    }
}

fn place(prefix: u64) -> usize {
    (prefix.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as usize % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_remembered_for_a_while() {
        let mut sticky = Sticky::default();
        let now = Timestamp::from_millis(0);
        assert_eq!(sticky.get(1, now), None);
        sticky.set(1, ProjectSlot(7), now);
        assert_eq!(sticky.get(1, now + LASTS), Some(ProjectSlot(7)));
        assert_eq!(sticky.get(2, now), None);
        assert_eq!(sticky.get(1, now + LASTS + Duration::from_millis(1)), None);
        for prefix in 0..100_000 {
            sticky.set(prefix, ProjectSlot(0), now);
        }
        assert_eq!(sticky.0.len(), PLACES);
    }
}

//! The order in which open projects are chosen.

use crate::Strategy;
use crate::map::scatter;
use crate::roster::{KeySlot, ProjectSlot};
use crate::slot_set::{SlotSet, Union};

/// How much fuller a project must be, in thousandths, for another to be given its turn.
const CLEARLY: u16 = 100;

/// How many projects are compared by latency.
const COMPARED: usize = 8;

/// How soon a project is chosen, before it comes to its turn: all of a lower rank go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    /// Keys that failed a moment ago come after all others.
    pub(crate) avoided: bool,
    /// The administrator's order.
    pub(crate) tier: u8,
}

/// What a request thinks of a project whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It can be used.
    Take(Offer),
    /// It loses its turn: it has had it with this very request, or has nothing for it.
    Pass,
    /// This request prefers others, but the project must not lose its turn by that.
    Hold,
}

/// What a project has to offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) key: KeySlot,
    /// How full it is, in thousandths.
    pub(crate) pressure: u16,
    /// How long it takes, in milliseconds; 0 for unknown.
    pub(crate) latency: u32,
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search<'a> {
    pub(crate) round: usize,
    pub(crate) strategy: Strategy,
    /// The only projects that come into question, if not all do.
    pub(crate) among: Option<&'a Union<'a>>,
    /// How many are looked at before the search is given up.
    pub(crate) most: usize,
}

/// A choice, which becomes true by [`Rings::commit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) project: ProjectSlot,
    pub(crate) key: KeySlot,
    pub(crate) rank: Rank,
    pub(crate) reason: Reason,
    round: usize,
    ring: usize,
    cursor: u32,
}

impl Choice {
    /// A choice out of turn, which is never made true.
    pub(crate) fn aside(project: ProjectSlot, key: KeySlot, rank: Rank) -> Self {
        Self { project, key, rank, reason: Reason::Turn, round: 0, ring: 0, cursor: 0 }
    }

    /// Another project of the same rank, out of turn.
    pub(crate) fn instead(self, project: ProjectSlot, key: KeySlot) -> Self {
        Self { project, key, ..self }
    }
}

/// Why a project was chosen among those of its rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Turn,
    Headroom,
    First,
    Fastest,
}

/// The open projects of a lane: one ring for each rank and weight, in the order of the roster.
#[derive(Debug)]
pub(crate) struct Rings {
    /// Sorted, so that the rings of a rank stand together.
    by_class: Vec<(Class, Ring)>,
    rounds: usize,
    seed: u64,
}

/// Projects of one class take turns among themselves; classes of a rank share by weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Class {
    pub(crate) rank: Rank,
    /// The share of each project.
    pub(crate) weight: u32,
}

/// Projects that take turns. Several independent rounds may go over the same projects.
#[derive(Debug)]
struct Ring {
    members: SlotSet,
    rounds: Vec<Round>,
}

/// How far one round over a ring has come.
#[derive(Clone, Copy, Debug, Default)]
struct Round {
    cursor: Option<u32>,
    /// What the ring has coming to it against the others of its rank.
    credit: i64,
}

impl Rings {
    /// Empty rings with so many rounds each; the seed decides where they begin.
    pub(crate) fn new(rounds: usize, seed: u64) -> Self {
        Self { by_class: Vec::new(), rounds, seed }
    }

    /// The same projects with a single round, which goes on where one of these stands.
    pub(crate) fn split_off(&self, round: usize) -> Self {
        let one = |(class, ring): &(Class, Ring)| {
            let round = ring.rounds.get(round).copied().unwrap_or_default();
            (*class, Ring { members: ring.members.clone(), rounds: vec![round] })
        };
        Self { by_class: self.by_class.iter().map(one).collect(), rounds: 1, seed: self.seed }
    }

    /// Lets a round go on where a single one has come to.
    pub(crate) fn rejoin(&mut self, round: usize, single: &Self) {
        for (class, ring) in &single.by_class {
            if let Ok(index) = self.by_class.binary_search_by_key(class, |(class, _)| *class)
                && let Some((_, own)) = self.by_class.get_mut(index)
                && let (Some(own), Some(other)) = (own.rounds.get_mut(round), ring.rounds.first())
            {
                *own = *other;
            }
        }
    }

    /// Puts a project into these classes and no others.
    pub(crate) fn place(&mut self, project: ProjectSlot, classes: &[Class]) {
        for (class, ring) in &mut self.by_class {
            ring.members.set(project.0, classes.contains(class));
        }
        for class in classes {
            if let Err(index) = self.by_class.binary_search_by_key(class, |(class, _)| *class) {
                let mut members = SlotSet::default();
                members.set(project.0, true);
                let rounds = vec![Round::default(); self.rounds];
                self.by_class.insert(index, (*class, Ring { members, rounds }));
            }
        }
    }

    /// Whether a project is open at this rank.
    pub(crate) fn has(&self, project: ProjectSlot, rank: Rank) -> bool {
        let rings = self.by_class.iter().filter(|(class, _)| class.rank == rank);
        rings.into_iter().any(|(_, ring)| ring.members.contains(project.0))
    }

    /// Every open project, each as often as it has classes.
    pub(crate) fn members(&self) -> impl Iterator<Item = ProjectSlot> {
        let all = |ring: &'_ Ring| ring.members.len() > 0;
        let rings = self.by_class.iter().map(|(_, ring)| ring).filter(move |ring| all(ring));
        rings.flat_map(|ring| once_round(&ring.members, 0, None)).map(ProjectSlot)
    }

    /// The projects whose turn comes after a choice, as things stand.
    pub(crate) fn upcoming(&self, choice: &Choice) -> impl Iterator<Item = ProjectSlot> {
        let members = self.by_class.get(choice.ring).map(|(_, ring)| &ring.members);
        let next = move |place: u32| members?.next(place);
        std::iter::successors(next(choice.cursor), move |member| next(member.saturating_add(1)))
            .map(ProjectSlot)
    }

    /// The project whose turn it is, among those of the lowest rank that find favour.
    pub(crate) fn peek(
        &self,
        search: Search<'_>,
        verdict: &mut impl FnMut(ProjectSlot, Rank) -> Verdict,
    ) -> Option<Choice> {
        let mut start = 0;
        while let Some((first, _)) = self.by_class.get(start) {
            let rank = first.rank;
            let length = self
                .by_class
                .iter()
                .skip(start)
                .take_while(|(class, _)| class.rank == rank)
                .count();
            if let Some(choice) = self.peek_rank(start..start + length, search, verdict) {
                return Some(choice);
            }
            start += length;
        }
        None
    }

    /// Makes a choice true: the turn goes on.
    pub(crate) fn commit(&mut self, choice: &Choice) {
        let rank = choice.rank;
        let of_rank = |(class, _): &(Class, Ring)| class.rank == rank;
        let shares = self.by_class.iter().filter(|ring| of_rank(ring));
        let total: i64 = shares.map(|(class, ring)| ring.share(*class)).sum();
        for (index, (class, ring)) in self.by_class.iter_mut().enumerate() {
            if class.rank != rank {
                continue;
            }
            let share = ring.share(*class);
            let Some(round) = ring.rounds.get_mut(choice.round) else { continue };
            round.credit += share;
            if index == choice.ring {
                round.credit -= total;
                round.cursor = Some(choice.cursor);
            }
            // Nobody saves up turns while no request finds favour with it.
            round.credit = round.credit.clamp(-2 * total, 2 * total);
        }
    }

    fn peek_rank(
        &self,
        range: std::ops::Range<usize>,
        search: Search<'_>,
        verdict: &mut impl FnMut(ProjectSlot, Rank) -> Verdict,
    ) -> Option<Choice> {
        let mut open = |index: usize| {
            let (class, ring) = self.by_class.get(index)?;
            let found =
                ring.peek(search, self.seed, &mut |project| verdict(project, class.rank))?;
            let Found { project, offer, cursor, reason } = found;
            let (rank, round) = (class.rank, search.round);
            Some(Choice { project, key: offer.key, rank, reason, round, ring: index, cursor })
        };
        if range.len() == 1 {
            return open(range.start);
        }
        // What each has coming after this turn; whoever is heavier goes first in a tie.
        let mut order: Vec<_> = range
            .filter_map(|index| {
                let (class, ring) = self.by_class.get(index)?;
                let credit = ring.rounds.get(search.round)?.credit;
                let credit = match search.strategy {
                    Strategy::FillFirst => 0,
                    _ => credit.saturating_add(ring.share(*class)),
                };
                (ring.members.len() > 0).then_some((class.weight == 0, -credit, index))
            })
            .collect();
        order.sort_unstable_by_key(|(last, credit, index)| {
            (*last, *credit, std::cmp::Reverse(*index))
        });
        order.into_iter().find_map(|(_, _, index)| open(index))
    }
}

/// What a ring has found.
struct Found {
    project: ProjectSlot,
    offer: Offer,
    cursor: u32,
    reason: Reason,
}

impl Ring {
    fn share(&self, class: Class) -> i64 {
        i64::from(class.weight) * self.members.len() as i64
    }

    fn peek(
        &self,
        search: Search<'_>,
        seed: u64,
        verdict: &mut impl FnMut(ProjectSlot) -> Verdict,
    ) -> Option<Found> {
        let length = self.members.len();
        if length == 0 {
            return None;
        }
        let start = if search.strategy == Strategy::FillFirst {
            0
        } else {
            self.rounds.get(search.round)?.cursor.unwrap_or_else(|| {
                let place = scatter((seed, search.round)) % length as u64;
                u32::try_from(place).unwrap_or(0)
            })
        };
        let mut held = None;
        let mut round = once_round(&self.members, start, search.among).take(search.most);
        let (first, offer) = round.find_map(|member| match verdict(ProjectSlot(member)) {
            Verdict::Take(offer) => Some((member, offer)),
            Verdict::Pass => None,
            Verdict::Hold => {
                held = held.or(Some(member));
                None
            }
        })?;
        let cursor = held.unwrap_or(first + 1);
        let mut found = Found { project: ProjectSlot(first), offer, cursor, reason: Reason::Turn };
        match search.strategy {
            Strategy::FillFirst => found.reason = Reason::First,
            Strategy::Balanced if offer.pressure > CLEARLY && length > 1 => {
                found.prefer_the_emptier(self.opposite(first, search.among), verdict);
            }
            Strategy::LeastLatency => found.prefer_the_fastest(round, verdict),
            Strategy::Balanced | Strategy::RoundRobin => {}
        }
        Some(found)
    }

    /// A member far from this one, so that two neighbours are not always compared.
    fn opposite(&self, member: u32, among: Option<&Union<'_>>) -> Option<u32> {
        let reach = self.members.reach().max(1);
        let step = (u64::from(member) * 0x9e37_79b9 + u64::from(member) / 7) % u64::from(reach);
        once_round(&self.members, step as u32, among).find(|other| *other != member)
    }
}

impl Found {
    fn prefer_the_emptier(
        &mut self,
        other: Option<u32>,
        verdict: &mut impl FnMut(ProjectSlot) -> Verdict,
    ) {
        let Some(other) = other.map(ProjectSlot) else { return };
        if let Verdict::Take(offer) = verdict(other)
            && offer.pressure.saturating_add(CLEARLY) < self.offer.pressure
        {
            (self.project, self.offer, self.reason) = (other, offer, Reason::Headroom);
        }
    }

    /// Whoever is not known yet is tried first.
    fn prefer_the_fastest(
        &mut self,
        others: impl Iterator<Item = u32>,
        verdict: &mut impl FnMut(ProjectSlot) -> Verdict,
    ) {
        for other in others.take(COMPARED - 1).map(ProjectSlot) {
            if let Verdict::Take(offer) = verdict(other)
                && offer.latency < self.offer.latency
            {
                (self.project, self.offer, self.reason) = (other, offer, Reason::Fastest);
            }
        }
    }
}

/// Every member once, from a place on and then from the beginning up to it.
fn once_round<'a>(
    members: &'a SlotSet,
    start: u32,
    among: Option<&'a Union<'a>>,
) -> impl Iterator<Item = u32> + 'a {
    let next = move |place: u32| match among {
        None => members.next(place),
        Some(union) => members.next_among(union, place),
    };
    let from = move |place: u32| {
        std::iter::successors(next(place), move |member| next(member.saturating_add(1)))
    };
    from(start).chain(from(0).take_while(move |member| *member < start))
}

#[cfg(test)]
mod tests;

//! Choosing a project and one of its keys for a request.

use crate::bond::Bound;
use crate::labels::labels;
use crate::lane::Lane;
use crate::meter::Moment;
use crate::ring::{Choice, Offer, Rank, Reason, Search, Verdict};
use crate::roster::{Key, KeySlot, ProjectSlot, Roster};
use crate::setbacks::Setbacks;
use crate::slot_set::Union;
use crate::{Ask, KeyId, Strategy, Timestamp, Tried, WaitCause};

/// How full a project may be, in thousandths, for a prompt to go where it went before.
const STICKS_UNTIL: u16 = 900;

/// How many projects are looked at to find when a request fits again.
const LOOKED_AT: usize = 4096;

/// How many projects are looked at to find a key that is sure to do better than the last.
const NEAR: usize = 256;

labels! {
    /// Why a key was chosen.
    pub enum ChosenFor ("reason of a choice") {
        /// It was its project's turn.
        Turn = "turn",
        /// Its project has clearly more headroom than the one whose turn it was.
        Headroom = "headroom",
        /// It is the first that is open, and one is used up before the next is begun.
        First = "first",
        /// It answers fastest of those that were compared.
        Fastest = "fastest",
        /// What the request needs exists in its project only.
        Bond = "bond",
        /// The beginning of the prompt was sent there before.
        Sticky = "sticky",
        /// It has quota to spare for a second attempt beside one that takes long.
        Spare = "spare",
        /// The request has met a fault, and this key has served and not failed lately.
        Sound = "sound",
        /// Its project is full, but that its keys are one project is a guess, which is tested.
        Doubt = "doubt",
        /// It failed a moment ago, or is still being tried out, but there is no other.
        LastResort = "last_resort",
    }
}

/// What a request needs.
#[derive(Debug)]
pub(crate) struct Want<'a> {
    pub(crate) tokens: u64,
    prefix: Option<u64>,
    tags: &'a [String],
    tried: TriedSlots,
    pub(crate) bound: Option<Bound>,
}

/// Everything that a choice depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Selector<'a> {
    pub(crate) lane: &'a Lane,
    pub(crate) roster: &'a Roster,
    pub(crate) wide: &'a Setbacks,
    pub(crate) strategy: Strategy,
    pub(crate) moment: Moment,
}

/// What a request puts up with, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(crate) enum Mood {
    /// Nothing, not even keys that failed once within the last minutes.
    Wary,
    /// Nothing that speaks against a key just now.
    Choosy,
    /// Keys that are on trial.
    Daring,
    /// Siblings of a key whose quota was spent, too: better those than nothing.
    Desperate,
}

/// Why a key is not for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It cannot reach what the request needs.
    Foreign,
    Untagged,
    Tried,
    /// It has not answered yet, and is being tried out by another request.
    OnTrial,
    /// It has not served yet, or failed a while ago.
    Doubtful,
}

impl<'a> Want<'a> {
    pub(crate) fn of(ask: &Ask<'a>, roster: &Roster) -> Self {
        let tried = TriedSlots::find(ask.tried, roster);
        let bound = ask.bond.map(|bond| Bound::of(bond, roster));
        Self { tokens: ask.tokens, prefix: ask.prefix, tags: ask.tags, tried, bound }
    }

    pub(crate) fn prefix(&self) -> Option<u64> {
        self.prefix
    }

    /// The projects that come into question, if not all do.
    pub(crate) fn among<'r>(&self, roster: &'r Roster) -> Option<Union<'r>> {
        (!self.tags.is_empty()).then(|| roster.tags.any_of(self.tags))
    }

    fn accepts(&self, key: &Key) -> bool {
        self.tags.is_empty() || key.spec.tags.iter().any(|tag| self.tags.contains(tag))
    }

    /// Whether what the request needs is out of reach.
    pub(crate) fn is_out_of_reach(&self, roster: &Roster) -> bool {
        self.bound.is_some_and(|bound| bound.is_broken(roster))
    }

    /// What speaks against a key.
    pub(crate) fn unfit(
        &self,
        slot: KeySlot,
        key: &Key,
        mood: Mood,
        now: Timestamp,
    ) -> Option<Unfit> {
        if self.bound.is_some_and(|bound| !bound.accepts(slot, key)) {
            Some(Unfit::Foreign)
        } else if !self.accepts(key) {
            Some(Unfit::Untagged)
        } else if self.tried.keys.contains(&slot) {
            Some(Unfit::Tried)
        } else if mood <= Mood::Choosy && key.in_flight > 0 && !key.has_answered {
            Some(Unfit::OnTrial)
        } else if mood == Mood::Wary && !key.is_sound(now) {
            Some(Unfit::Doubtful)
        } else {
            None
        }
    }

    fn shuns_any(&self) -> bool {
        !self.tried.projects.is_empty()
    }

    /// Whether the request prefers other projects.
    pub(crate) fn shuns(&self, project: ProjectSlot) -> bool {
        self.tried.projects.contains(&project)
    }
}

impl Selector<'_> {
    /// The key for a request, if any is open, and why that one.
    pub(crate) fn choose(&self, model: &str, want: &Want<'_>) -> Option<(Choice, ChosenFor)> {
        if let Some(bound) = want.bound {
            return Some((self.choose_bound(want, bound)?, ChosenFor::Bond));
        }
        let look = |mood: Mood| Some((self.look(model, want, mood)?, mood));
        let (choice, mood) = look(Mood::Choosy)
            .or_else(|| look(Mood::Daring))
            .or_else(|| want.shuns_any().then(|| look(Mood::Desperate))?)?;
        if want.tried.met_a_fault
            && let Some(choice) = self.sound(model, &choice, want)
        {
            return Some((choice, ChosenFor::Sound));
        }
        if let Some(choice) = self.stick(&choice, want) {
            return Some((choice, ChosenFor::Sticky));
        }
        let why = match choice.reason {
            _ if choice.rank.avoided || mood != Mood::Choosy => ChosenFor::LastResort,
            Reason::Turn => ChosenFor::Turn,
            Reason::Headroom => ChosenFor::Headroom,
            Reason::First => ChosenFor::First,
            Reason::Fastest => ChosenFor::Fastest,
        };
        Some((choice, why))
    }

    /// The project whose turn it is, as far as a request puts up with it.
    pub(crate) fn look(&self, model: &str, want: &Want<'_>, mood: Mood) -> Option<Choice> {
        let among = want.among(self.roster);
        let search = self.search(model, among.as_ref());
        self.lane.peek(search, |project, rank| self.judge(project, rank, want, mood))
    }

    fn search<'u>(&self, model: &str, among: Option<&'u Union<'u>>) -> Search<'u> {
        let round = self.lane.round_of(model);
        Search { round, strategy: self.strategy, among, most: usize::MAX }
    }

    /// A request that has met a fault may not have many attempts left: a key near the chosen one,
    /// and as good, that has proved itself.
    fn sound(&self, model: &str, choice: &Choice, want: &Want<'_>) -> Option<Choice> {
        let among = want.among(self.roster);
        let near = Search { most: NEAR, ..self.search(model, among.as_ref()) };
        self.lane.peek(near, |project, rank| {
            if rank != choice.rank {
                return Verdict::Pass;
            }
            self.judge(project, rank, want, Mood::Wary)
        })
    }

    /// When a request fits for which nothing is open now: the nearest release, and whose it is.
    pub(crate) fn next_fit(&self, want: &Want<'_>) -> Option<(Timestamp, ProjectSlot)> {
        if let Some(bound) = want.bound {
            return self.next_bound(want, bound);
        }
        let among = want.among(self.roster);
        let concerned =
            |project: &ProjectSlot| among.as_ref().is_none_or(|union| union.contains(project.0));
        let mut parked = self.lane.parked().take(LOOKED_AT);
        let parked = parked.find(|(_, project)| concerned(project));
        // Open projects may be too full for this very request.
        let tight = |project: ProjectSlot| {
            let full = self.lane.quotas.get(project)?.obstacle(want.tokens, self.moment)?;
            Some((full.until, project))
        };
        let open = self.lane.open().take(if want.tokens > 1 { LOOKED_AT } else { 0 });
        open.filter(concerned).filter_map(tight).chain(parked).min()
    }

    /// What a request of a project waits for.
    pub(crate) fn cause(&self, project: ProjectSlot, want: &Want<'_>) -> Option<WaitCause> {
        let closed = self.lane.cause(project, self.wide).map(|(_, cause)| cause);
        closed.or_else(|| {
            Some(self.lane.quotas.get(project)?.obstacle(want.tokens, self.moment)?.into())
        })
    }

    /// Whether any key, usable or not, comes into question at all.
    pub(crate) fn has_candidates(&self, want: &Want<'_>) -> bool {
        want.tags.is_empty() || self.roster.keys().any(|(_, key)| want.accepts(key))
    }

    fn judge(&self, slot: ProjectSlot, rank: Rank, want: &Want<'_>, mood: Mood) -> Verdict {
        if mood != Mood::Desperate && want.shuns(slot) {
            return Verdict::Hold;
        }
        let cell = self.lane.quotas.get(slot);
        if cell.is_some_and(|cell| cell.obstacle(want.tokens, self.moment).is_some()) {
            return Verdict::Pass;
        }
        let Some(key) = self.key_of(slot, rank, want, mood) else { return Verdict::Pass };
        Verdict::Take(Offer {
            key,
            pressure: cell.map_or(0, |cell| cell.pressure(self.moment)),
            latency: cell.map_or(0, |cell| cell.latency),
        })
    }

    /// The key of a project whose turn it is.
    fn key_of(
        &self,
        slot: ProjectSlot,
        rank: Rank,
        want: &Want<'_>,
        mood: Mood,
    ) -> Option<KeySlot> {
        let project = self.roster.project(slot)?;
        let cell = self.lane.quotas.get(slot);
        let turn = cell.map_or(project.turn, |cell| cell.turn) as usize % project.keys.len().max(1);
        let (before, after) = project.keys.split_at_checked(turn)?;
        after.iter().chain(before).copied().find(|slot| {
            self.roster.key(*slot).is_some_and(|key| {
                let fits = key.is_usable()
                    && key.tier == rank.tier
                    && want.unfit(*slot, key, mood, self.moment.now).is_none()
                    && self.lane.avoids(*slot, self.wide) == rank.avoided;
                if fits {
                    key.fetch_credential();
                }
                fits
            })
        })
    }

    /// The project that the prompt went to before, if it is as good as the chosen one.
    fn stick(&self, choice: &Choice, want: &Want<'_>) -> Option<Choice> {
        let project = self.lane.sticky.get(want.prefix?, self.moment.now)?;
        if !self.lane.is_open(project, choice.rank) {
            return None;
        }
        match self.judge(project, choice.rank, want, Mood::Choosy) {
            Verdict::Take(offer) if offer.pressure < STICKS_UNTIL => {
                Some(choice.instead(project, offer.key))
            }
            _ => None,
        }
    }
}

/// The keys that a request has met, by place.
#[derive(Debug, Default)]
struct TriedSlots {
    keys: Vec<KeySlot>,
    projects: Vec<ProjectSlot>,
    /// Whether one of them failed neither by its death nor by its quota.
    met_a_fault: bool,
}

impl TriedSlots {
    fn find(tried: &[Tried], roster: &Roster) -> Self {
        let slot = |id: &KeyId| roster.key_slot(id);
        let key = |tried: &Tried| roster.key(slot(&tried.key)?);
        let project = |tried: &Tried| Some(key(tried)?.project);
        let failed = |key: &Key| key.is_usable() && key.last_fault.is_some();
        let is_fault = |tried: &Tried| !tried.avoid_project && key(tried).is_some_and(failed);
        Self {
            keys: tried.iter().filter_map(|tried| slot(&tried.key)).collect(),
            projects: tried
                .iter()
                .filter(|tried| tried.avoid_project)
                .filter_map(project)
                .collect(),
            met_a_fault: tried.iter().any(is_fault),
        }
    }
}

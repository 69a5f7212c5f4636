//! Why a request is given this key and no other, or none.

mod of_key;

pub use of_key::{Against, KeyExplanation};

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::labels::labels;
use crate::map::Map;
use crate::meter::Moment;
use crate::roster::{Key, KeySlot, ProjectSlot};
use crate::select::{Mood, Selector, Unfit, Want};
use crate::{
    Admission, Ask, Census, ChosenFor, Domain, KeyId, Lease, Pool, Refusal, Strategy, Ticket,
    Timestamp, Used, WaitCause, Window,
};

/// How many keys are named for each reason.
const NAMED: usize = 3;

/// A decision as [`Pool::admit`] would make it, with its reasons. Its size is bounded, however
/// large the pool is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// When.
    pub at: Timestamp,
    /// The model that was asked for.
    pub model: Option<String>,
    /// In which order projects are chosen.
    pub strategy: Strategy,
    /// How the keys of the pool stand for the model.
    pub census: Census,
    /// What comes out.
    #[serde(flatten)]
    pub decision: Decision,
    /// Every key that was not chosen, by what speaks most against it; the most frequent first.
    pub skipped: Vec<Skipped>,
}

/// What comes out of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// A key.
    Chosen(Chosen),
    /// The advice to wait.
    Wait {
        /// Until then.
        until: Timestamp,
        /// For this.
        cause: WaitCause,
    },
    /// Nothing.
    Refused(Refusal),
}

/// The key that is chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chosen {
    /// Its name in the system.
    pub key: KeyId,
    /// The credential as it may be shown.
    pub mask: Arc<str>,
    /// Whose quota it uses.
    pub domain: Domain,
    /// Whether nobody has said that the keys of the domain are of one project.
    pub is_guess: bool,
    /// Its tier.
    pub tier: u8,
    /// Why this one.
    pub why: ChosenFor,
    /// How full its project is for the model, in thousandths of the fullest window; of a project
    /// whose limits are not known, an estimate below 500.
    pub fullness: u16,
    /// What its project has used of the model in the last minute.
    pub minute: Used,
    /// And since midnight Pacific.
    pub day: Used,
    /// The limits that are known, by window.
    pub limits: BTreeMap<Window, u64>,
}

/// Keys that were skipped for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The reason.
    pub why: SkippedFor,
    /// How many keys.
    pub keys: usize,
    /// When the first of them is free again, where time helps.
    pub frees_at: Option<Timestamp>,
    /// Some of them, at most three.
    pub named: Vec<SkippedKey>,
}

/// A key that was skipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SkippedKey {
    /// Its name in the system.
    pub key: KeyId,
    /// The credential as it may be shown.
    pub mask: Arc<str>,
    /// When it is free again, where time helps.
    pub frees_at: Option<Timestamp>,
}

labels! {
    /// Why a key was not chosen.
    pub enum SkippedFor ("reason to skip a key") {
        /// Disabled by a person.
        Disabled = "disabled",
        /// Refused by Google for good.
        Dead = "dead",
        /// What the request needs does not exist in its project.
        Foreign = "foreign",
        /// It has none of the labels asked for.
        Untagged = "untagged",
        /// This request has met it already.
        Tried = "tried",
        /// A person wants its project to be left alone for a while.
        Paused = "paused",
        /// Google said that its project's quota is used up.
        Spent = "spent",
        /// By our own count its project's quota is used up.
        Full = "full",
        /// The request's tokens do not fit into what is left.
        TooLarge = "too_large",
        /// This request has met a spent quota of its project.
        Sibling = "sibling",
        /// It has not answered yet, and another request is trying it out.
        OnTrial = "on_trial",
        /// It failed a moment ago.
        Avoided = "avoided",
        /// Keys of a lower tier go first.
        HigherTier = "higher_tier",
        /// It could have served, but another was chosen.
        NotItsTurn = "not_its_turn",
    }
}

impl Pool {
    /// What [`admit`](Self::admit) would answer now, and why, without doing it. Looks at every
    /// key: for people who ask, and for requests that were refused or retried.
    pub fn explain(&mut self, ask: &Ask<'_>, now: Timestamp) -> Explanation {
        let moment = self.moment(now);
        let model = ask.model.unwrap_or_default();
        while self.catch_up(model, moment) {}
        let want = Want::of(ask, &self.roster);
        let selector = self.selector(model, moment);
        let choice = selector.choose(model, &want);
        let mut groups: Map<SkippedFor, Skipped> = Map::default();
        for (slot, key) in self.roster.keys() {
            if choice.is_some_and(|(choice, _)| choice.key == slot) {
                continue;
            }
            let chosen_tier = choice.map(|(choice, _)| (choice.rank.avoided, choice.rank.tier));
            let (why, frees_at) = selector.skips(slot, key, &want, chosen_tier);
            groups.entry(why).or_insert_with(|| Skipped::new(why)).add(key, frees_at);
        }
        let mut skipped: Vec<_> = groups.into_values().collect();
        skipped.sort_by_key(|group| (std::cmp::Reverse(group.keys), group.why));
        let census = selector.lane.census(&self.roster);
        let chosen = choice
            .and_then(|(choice, why)| selector.describe(choice.key, choice.project, why, moment));
        let answer = match chosen {
            Some(chosen) => match self.shut(model, now) {
                None => Err(chosen),
                Some(outage) => Ok(outage),
            },
            None => Ok(self.decline(model, &want, moment)),
        };
        let decision = match answer {
            Err(chosen) => Decision::Chosen(chosen),
            Ok(Admission::Wait { until, cause, .. }) => Decision::Wait { until, cause },
            Ok(Admission::Refused { why, .. }) => Decision::Refused(why),
            Ok(Admission::Granted(_)) => Decision::Refused(Refusal::AllTried),
        };
        let (strategy, model) = (self.policy.strategy, ask.model.map(str::to_owned));
        Explanation { at: now, model, strategy, census, decision, skipped }
    }
}

impl Explanation {
    /// A key was granted that was none of those which could be expected to serve.
    pub(crate) fn tell_of(&mut self, pool: &mut Pool, lease: &Lease, now: Timestamp) {
        let moment = pool.moment(now);
        let selector = pool.selector(&lease.ticket.model, moment);
        let Ticket { slot, project, .. } = lease.ticket;
        let chosen = selector.describe(KeySlot(slot), project, lease.chosen_for, moment);
        if let Some(chosen) = chosen {
            self.decision = Decision::Chosen(chosen);
        }
    }
}

impl Skipped {
    fn new(why: SkippedFor) -> Self {
        Self { why, keys: 0, frees_at: None, named: Vec::new() }
    }

    fn add(&mut self, key: &Key, frees_at: Option<Timestamp>) {
        self.keys += 1;
        self.frees_at = [self.frees_at, frees_at].into_iter().flatten().min();
        if self.named.len() < NAMED {
            let (id, mask) = (key.spec.id.clone(), key.credential.mask.clone());
            self.named.push(SkippedKey { key: id, mask, frees_at });
        }
    }
}

impl Selector<'_> {
    /// What speaks most against a key, and until when.
    fn skips(
        &self,
        slot: KeySlot,
        key: &Key,
        want: &Want<'_>,
        chosen: Option<(bool, u8)>,
    ) -> (SkippedFor, Option<Timestamp>) {
        if !key.spec.enabled {
            return (SkippedFor::Disabled, None);
        }
        if key.health.is_dead() {
            return (SkippedFor::Dead, None);
        }
        let unfit = want.unfit(slot, key, Mood::Choosy, self.moment.now);
        match unfit {
            Some(Unfit::Foreign) => return (SkippedFor::Foreign, None),
            Some(Unfit::Untagged) => return (SkippedFor::Untagged, None),
            _ => {}
        }
        if let Some((until, window)) = self.lane.closed(key.project, self.wide) {
            let why = match window {
                Some(Window::Paused) => SkippedFor::Paused,
                Some(_) => SkippedFor::Spent,
                None => SkippedFor::Full,
            };
            return (why, Some(until));
        }
        if unfit == Some(Unfit::Tried) {
            return (SkippedFor::Tried, None);
        }
        let cell = self.lane.quotas.get(key.project);
        if let Some(full) = cell.and_then(|cell| cell.obstacle(want.tokens, self.moment)) {
            return (SkippedFor::TooLarge, Some(full.until));
        }
        let avoided = self.lane.avoids(slot, self.wide);
        let why = match chosen {
            _ if want.shuns(key.project) => SkippedFor::Sibling,
            _ if unfit == Some(Unfit::OnTrial) => SkippedFor::OnTrial,
            Some((false, _)) | None if avoided => SkippedFor::Avoided,
            Some((_, tier)) if key.tier > tier => SkippedFor::HigherTier,
            _ => SkippedFor::NotItsTurn,
        };
        (why, None)
    }

    fn describe(
        &self,
        slot: KeySlot,
        project: ProjectSlot,
        why: ChosenFor,
        moment: Moment,
    ) -> Option<Chosen> {
        let key = self.roster.key(slot)?;
        let owner = self.roster.project(project)?;
        let cell = self.lane.quotas.get(project);
        let limits = cell.and_then(|cell| cell.limits());
        let limits = limits.map(|limits| limits.known().map(|(window, most, _)| (window, most)));
        Some(Chosen {
            key: key.spec.id.clone(),
            mask: key.credential.mask.clone(),
            domain: owner.domain.clone(),
            is_guess: owner.is_guess(),
            tier: key.tier,
            why,
            fullness: cell.map_or(0, |cell| cell.pressure(moment)),
            minute: cell.map(|cell| cell.minute(moment.now).into()).unwrap_or_default(),
            day: cell.map(|cell| cell.day(moment).into()).unwrap_or_default(),
            limits: limits.into_iter().flatten().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::fixture::{Fixture, SERVED, of_project, spec, spent_for};
    use crate::{DeathReason, DeclaredLimit, KeySpec, Outcome, Tried};

    fn groups(explanation: &Explanation) -> Vec<(SkippedFor, usize)> {
        explanation.skipped.iter().map(|group| (group.why, group.keys)).collect()
    }

    #[test]
    fn it_counts_every_key_and_names_a_few() {
        let off = KeySpec { enabled: false, ..spec("off") };
        let paid = KeySpec { tier: 1, ..spec("paid") };
        let mut keys: Vec<_> = (0..10).map(|id| spec(&format!("k{id}"))).collect();
        keys.extend([off, paid, spec("dead"), spec("spent"), spec("busy")]);
        let mut fixture = Fixture::new(keys);
        fixture.attempt_with("dead", "flash", &Outcome::KeyDead(DeathReason::Leaked));
        let minute = spent_for(fixture.now, 30);
        fixture.attempt_with("spent", "flash", &minute);
        fixture.attempt_with("busy", "flash", &Outcome::ModelBusy);

        let ask = Ask::new(Some("flash"));
        let (admission, explanation) = fixture.pool.admit_explained(&ask, fixture.now);
        let expected = [
            (SkippedFor::NotItsTurn, 9),
            (SkippedFor::Disabled, 1),
            (SkippedFor::Dead, 1),
            (SkippedFor::Spent, 1),
            (SkippedFor::Avoided, 1),
            (SkippedFor::HigherTier, 1),
        ];
        assert_eq!(groups(&explanation), expected);
        assert_eq!(explanation.skipped[0].named.len(), NAMED);
        let frees_at = Some(fixture.now + Duration::from_secs(30));
        assert_eq!(explanation.skipped[3].frees_at, frees_at);
        let Decision::Chosen(chosen) = &explanation.decision else { panic!("{explanation:?}") };
        assert_eq!(chosen.why, ChosenFor::Turn);
        let Admission::Granted(lease) = admission else { panic!("{admission:?}") };
        assert_eq!(lease.key.id, chosen.key, "as was foretold");
        let (census, frees_at) = fixture.pool.standing(ask.model);
        assert_eq!((census.total, census.blocked, census.ready), (15, 1, 12));
        assert_eq!(frees_at, explanation.skipped[3].frees_at);
        let json = serde_json::to_value(&explanation).unwrap();
        assert_eq!(json["chosen"]["domain"]["key"], chosen.key.as_str());
        assert_eq!(json["skipped"][1]["why"], "disabled");
    }

    #[test]
    fn a_pause_is_told_apart_from_a_spent_quota() {
        let mut fixture = Fixture::of(&["paused", "spent"]);
        let minute = spent_for(fixture.now, 30);
        fixture.attempt_with("spent", "flash", &minute);
        let until = fixture.now + Duration::from_mins(5);
        fixture.pool.pause(&"paused".into(), until, fixture.now);
        let explanation = fixture.pool.explain(&Ask::new(Some("flash")), fixture.now);
        assert_eq!(groups(&explanation), [(SkippedFor::Paused, 1), (SkippedFor::Spent, 1)]);
        assert_eq!(explanation.skipped[0].frees_at, Some(until));
    }

    #[test]
    fn it_explains_why_nothing_is_given() {
        let mut fixture = Fixture::new(vec![of_project("a1", "a"), of_project("a2", "a")]);
        let window = Window::MinuteRequests;
        let (project, tier, model) = (None, None, None);
        let limit = DeclaredLimit { project, tier, model, window, limit: 1 };
        fixture.pool.declare(vec![limit], fixture.now);
        let key = fixture.attempt("flash", &SERVED);
        let tried = [Tried { key: key.as_str().into(), avoid_project: false }];
        let ask = Ask { tried: &tried, ..Ask::new(Some("flash")) };
        let explanation = fixture.pool.explain(&ask, fixture.now);
        let until = fixture.now + Duration::from_millis(60_150);
        assert!(matches!(explanation.decision, Decision::Wait { until: at, .. } if at == until));
        assert_eq!(groups(&explanation), [(SkippedFor::Full, 2)]);
        assert_eq!(explanation.skipped[0].frees_at, Some(until));

        let mut fixture = Fixture::of(&[]);
        let explanation = fixture.pool.explain(&ask, fixture.now);
        assert_eq!(explanation.decision, Decision::Refused(Refusal::NoKeys));
    }
}

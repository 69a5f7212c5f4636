//! What speaks against giving one key to a request, for people who ask about that key.

use serde::Serialize;

use crate::select::Want;
use crate::{Ask, Decision, KeyId, Pool, SkippedFor, Timestamp};

/// What a request would be told now, seen from one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyExplanation {
    /// Why the key would be passed over; nothing of the key that would be chosen.
    pub against: Option<Against>,
    /// What comes out.
    #[serde(flatten)]
    pub decision: Decision,
}

/// What speaks most against a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Against {
    /// The reason.
    pub why: SkippedFor,
    /// Until when, where time helps.
    pub until: Option<Timestamp>,
}

impl Pool {
    /// What [`admit`](Self::admit) would think of a key now, without doing anything; `None` if there is
    /// no such key. Looks at every key, as [`explain`](Self::explain) does.
    pub fn explain_key(
        &mut self,
        key: &KeyId,
        ask: &Ask<'_>,
        now: Timestamp,
    ) -> Option<KeyExplanation> {
        let slot = self.roster.key_slot(key)?;
        let decision = self.explain(ask, now).decision;
        let moment = self.moment(now);
        let model = ask.model.unwrap_or_default();
        let want = Want::of(ask, &self.roster);
        let selector = self.selector(model, moment);
        let choice = selector.choose(model, &want).map(|(choice, _)| choice);
        let chosen = choice.map(|choice| (choice.rank.avoided, choice.rank.tier));
        let against = match choice {
            Some(choice) if choice.key == slot => None,
            _ => {
                let key = self.roster.key(slot)?;
                let (why, until) = selector.skips(slot, key, &want, chosen);
                Some(Against { why, until })
            }
        };
        Some(KeyExplanation { against, decision })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::fixture::{Fixture, of_project, spec, spent_for};
    use crate::{Chosen, KeySpec};

    fn against(fixture: &mut Fixture, key: &str, tags: &[String]) -> Option<SkippedFor> {
        let ask = Ask { tags, ..Ask::new(Some("flash")) };
        let considered = fixture.pool.explain_key(&key.into(), &ask, fixture.now).unwrap();
        considered.against.map(|against| against.why)
    }

    #[test]
    fn one_key_is_looked_at_as_all_are() {
        let off = KeySpec { enabled: false, ..spec("off") };
        let labelled = KeySpec { tags: vec!["eu".to_owned()], ..spec("labelled") };
        let keys = vec![of_project("a1", "a"), of_project("a2", "a"), off, labelled];
        let mut fixture = Fixture::new(keys);
        fixture.attempt_with("a1", "flash", &spent_for(fixture.now, 30));
        let ask = Ask::new(Some("flash"));
        let until = Some(fixture.now + Duration::from_secs(30));
        let sibling = fixture.pool.explain_key(&"a2".into(), &ask, fixture.now).unwrap();
        assert_eq!(sibling.against, Some(Against { why: SkippedFor::Spent, until }));
        let Decision::Chosen(Chosen { key, .. }) = sibling.decision else { panic!("no key") };
        assert_eq!(key.as_str(), "labelled");
        assert_eq!(against(&mut fixture, "labelled", &[]), None);
        assert_eq!(against(&mut fixture, "off", &[]), Some(SkippedFor::Disabled));
        let us = ["us".to_owned()];
        assert_eq!(against(&mut fixture, "labelled", &us), Some(SkippedFor::Untagged));
        assert!(fixture.pool.explain_key(&"unknown".into(), &ask, fixture.now).is_none());
    }
}

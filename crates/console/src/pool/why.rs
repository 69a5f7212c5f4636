//! Why a key would be passed over by a request for a model: what is asked of it, in order.

use keypool::{Ask, Decision, KeyExplanation, KeyId, KeySnapshot, SkippedFor, Timestamp};
use serde::Serialize;
use store::StoredToken;
use utoipa::ToSchema;

use crate::State;

/// One thing that must hold for a key to be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Check {
    /// Nobody has disabled it.
    Enabled,
    /// Google accepts it.
    Valid,
    /// It has a label that the client asks for.
    Label,
    /// The client may ask for the model.
    Model,
    /// Nobody wants its project left alone.
    Pause,
    /// Google has not said that its project is out of quota.
    Quota,
    /// By our own count there is room in the minute and in the day.
    Count,
    /// It has not failed a moment ago.
    Lately,
    /// No key of a lower tier is free.
    Tier,
    /// Of those that are left it is the one.
    Turn,
}

/// A check, and how it went.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = KeyCheckStep)]
pub(crate) struct Step {
    pub(crate) check: Check,
    /// Nothing where an earlier one does not hold, so that nobody looked.
    pub(crate) holds: Option<bool>,
    /// Why it does not.
    #[schema(value_type = Option<String>)]
    pub(crate) why: Option<SkippedFor>,
    /// Until when it does not, where time helps.
    pub(crate) until: Option<Timestamp>,
}

/// What would become of a request now, seen from one key.
#[derive(Debug)]
pub(crate) struct Why {
    pub(crate) steps: Vec<Step>,
    pub(crate) decision: Decision,
}

impl Check {
    const ALL: [Self; 10] = [
        Self::Enabled,
        Self::Valid,
        Self::Label,
        Self::Model,
        Self::Pause,
        Self::Quota,
        Self::Count,
        Self::Lately,
        Self::Tier,
        Self::Turn,
    ];

    fn that_fails(why: SkippedFor) -> Self {
        match why {
            SkippedFor::Disabled => Self::Enabled,
            SkippedFor::Dead => Self::Valid,
            SkippedFor::Foreign | SkippedFor::Untagged => Self::Label,
            SkippedFor::Paused => Self::Pause,
            SkippedFor::Spent => Self::Quota,
            SkippedFor::Full | SkippedFor::TooLarge => Self::Count,
            SkippedFor::Tried | SkippedFor::Sibling | SkippedFor::OnTrial | SkippedFor::Avoided => {
                Self::Lately
            }
            SkippedFor::HigherTier => Self::Tier,
            SkippedFor::NotItsTurn => Self::Turn,
        }
    }
}

/// Asks the pool; nothing if it has no such key. An empty model stands for calls about none.
pub(crate) fn why(
    state: &State,
    key: &KeySnapshot,
    model: &str,
    client: Option<&StoredToken>,
    now: Timestamp,
) -> Option<Why> {
    let tags = client.map_or(&[][..], |client| &client.tags);
    let ask = Ask { tags, ..Ask::new(Some(model).filter(|model| !model.is_empty())) };
    let id: &KeyId = &key.id;
    let explanation = state.gateway.pool(key.platform).explain_key(id, &ask, now)?;
    let limits = client.map(|client| &client.limits);
    let may_ask = limits.is_none_or(|limits| limits.models.is_empty() || limits.allows(model));
    Some(Why { steps: steps(&explanation, may_ask), decision: explanation.decision })
}

fn steps(explanation: &KeyExplanation, may_ask: bool) -> Vec<Step> {
    let against = explanation.against;
    let failing = against.map(|against| Check::that_fails(against.why));
    let model = Some(Check::Model).filter(|_| !may_ask);
    let failing = failing.into_iter().chain(model).min();
    let step = |check| {
        let holds = match failing {
            None => Some(true),
            Some(failing) if check == failing => Some(false),
            Some(failing) => (check < failing).then_some(true),
        };
        let reason = against.filter(|_| holds == Some(false) && check != Check::Model);
        let (why, until) = (reason.map(|one| one.why), reason.and_then(|one| one.until));
        Step { check, holds, why, until }
    };
    Check::ALL.into_iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use keypool::{Against, Refusal};

    use super::*;

    fn holding(against: Option<SkippedFor>, may_ask: bool) -> Vec<Option<bool>> {
        let against = against.map(|why| Against { why, until: None });
        let decision = Decision::Refused(Refusal::AllTried);
        let steps = steps(&KeyExplanation { against, decision }, may_ask);
        steps.into_iter().map(|step| step.holds).collect()
    }

    #[test]
    fn one_check_fails_and_nobody_looks_at_those_behind_it() {
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(holding(None, true), [yes; 10]);
        let full = [yes, yes, yes, yes, yes, yes, no, None, None, None];
        assert_eq!(holding(Some(SkippedFor::Full), true), full);
        let model = [yes, yes, yes, no, None, None, None, None, None, None];
        assert_eq!(holding(Some(SkippedFor::Full), false), model);
        assert_eq!(holding(None, false), model);
        assert_eq!(holding(Some(SkippedFor::Dead), false)[..3], [yes, no, None]);
        for why in SkippedFor::ALL {
            let failing = holding(Some(*why), true).iter().filter(|holds| **holds == no).count();
            assert_eq!(failing, 1, "{why}");
        }
    }
}

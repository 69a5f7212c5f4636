//! What became of an attempt, as far as the pool has to know.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::labels::labels;
use crate::{Timestamp, Window};

/// What one attempt with one key came to. Every answer from upstream is turned into one of these,
/// by the classifier of the `upstream` crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A whole answer with something in it.
    Served {
        /// What Google says it has counted.
        usage: Usage,
    },
    /// A success that shows the client nothing.
    Empty {
        /// What Google says it has counted.
        usage: Usage,
    },
    /// The request itself is at fault: any key would get the same answer.
    ClientFault,
    /// The key, or the project it belongs to, is of no use any more.
    KeyDead(DeathReason),
    /// The project has used up a quota.
    QuotaSpent(QuotaSpent),
    /// Google is short of capacity for the model, or failed by itself.
    ModelBusy,
    /// The key failed for a reason that is not its death; another key may do better.
    KeyRefused,
    /// Google does not serve the country of our address: the egress is at fault, not the key.
    RegionRefused,
    /// No whole answer came over the connection.
    LinkBroken(Phase),
    /// The client left before the end.
    Cancelled {
        /// What had been counted until then.
        usage: Usage,
    },
}

impl Outcome {
    /// Every label, for metrics that start at zero.
    pub const LABELS: &'static [&'static str] = &[
        "served",
        "empty",
        "client_fault",
        "key_dead",
        "quota_spent",
        "model_busy",
        "key_refused",
        "region_refused",
        "link_broken",
        "cancelled",
    ];

    /// The kind of outcome: stable, `snake_case`, fit for logs, metrics and the store.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Served { .. } => "served",
            Self::Empty { .. } => "empty",
            Self::ClientFault => "client_fault",
            Self::KeyDead(_) => "key_dead",
            Self::QuotaSpent(_) => "quota_spent",
            Self::ModelBusy => "model_busy",
            Self::KeyRefused => "key_refused",
            Self::RegionRefused => "region_refused",
            Self::LinkBroken(_) => "link_broken",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// The finer reason within the kind, where there is one: why the key died, which window is
    /// spent, where the link broke.
    pub const fn detail(&self) -> Option<&'static str> {
        match self {
            Self::KeyDead(reason) => Some(reason.as_str()),
            Self::QuotaSpent(spent) => Some(spent.window.as_str()),
            Self::LinkBroken(phase) => Some(phase.as_str()),
            _ => None,
        }
    }

    /// Whether Google has answered with a success, be it an empty one.
    pub(crate) const fn is_success(&self) -> bool {
        matches!(self, Self::Served { .. } | Self::Empty { .. })
    }

    /// What was counted, where the outcome knows.
    pub const fn usage(&self) -> Option<Usage> {
        match self {
            Self::Served { usage } | Self::Empty { usage } | Self::Cancelled { usage } => {
                Some(*usage)
            }
            _ => None,
        }
    }
}

/// A quota that is used up, in Google's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaSpent {
    /// Which of the project's windows.
    pub window: Window,
    /// Whether it holds for the model asked for, or for everything the project does.
    pub scope: Scope,
    /// When it may be tried again. `None` if the answer did not say: the pool then waits until
    /// midnight Pacific for a daily window, 24 hours for a model that is not offered, and
    /// otherwise longer and longer, 5 seconds to 5 minutes.
    pub until: Option<Timestamp>,
    /// The size of the quota (`quotaValue`).
    pub limit: Option<u64>,
    /// The quota's name at Google (`quotaId`).
    pub quota_id: Option<String>,
}

labels! {
    /// How much of a project a spent quota concerns.
    pub enum Scope ("quota scope") {
        /// The model that was asked for.
        Model = "model",
        /// Every model of the project.
        Project = "project",
    }
}

labels! {
    /// Why a key can never serve again, unless somebody repairs it at Google.
    pub enum DeathReason ("reason of death") {
        /// Google does not know the key.
        Invalid = "invalid",
        /// The key's time is over.
        Expired = "expired",
        /// The key's owner was suspended.
        Suspended = "suspended",
        /// The key was found in public and shut off.
        Leaked = "leaked",
        /// The Generative Language API is not enabled in the project.
        ServiceDisabled = "service_disabled",
        /// The key may not call this API.
        ServiceBlocked = "service_blocked",
        /// The key is bound to other addresses, referrers or applications.
        Restricted = "restricted",
        /// The project was refused access.
        ProjectDenied = "project_denied",
        /// The project was deleted.
        ProjectDeleted = "project_deleted",
        /// The project's billing is switched off.
        BillingDisabled = "billing_disabled",
        /// The project's prepaid credit is used up.
        OutOfCredit = "out_of_credit",
        /// Google did not accept the credential, for a reason it did not give.
        Unauthenticated = "unauthenticated",
    }
}

labels! {
    /// How far an attempt had come when its connection failed.
    pub enum Phase ("phase of an attempt") {
        /// No connection was made.
        Connect = "connect",
        /// The connection could not be secured.
        Tls = "tls",
        /// No answer began in time.
        FirstByte = "first_byte",
        /// The answer began and then stood still for too long.
        Idle = "idle",
        /// The connection ended in the middle of the answer.
        Cut = "cut",
        /// What came was not the protocol we speak.
        Protocol = "protocol",
    }
}

/// Tokens that an attempt has used, as Google counts them; zero where it did not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Usage {
    /// The prompt, cached part included (`promptTokenCount`).
    pub prompt: u64,
    /// The visible answer (`candidatesTokenCount`).
    pub completion: u64,
    /// The model's thoughts (`thoughtsTokenCount`).
    pub thoughts: u64,
    /// The part of the prompt that came from a cache (`cachedContentTokenCount`).
    pub cached: u64,
    /// Results of Google's own tools, fed back as prompt (`toolUsePromptTokenCount`).
    pub tool_prompt: u64,
    /// The sum, as Google gives it (`totalTokenCount`).
    pub total: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_tell_their_kind_and_detail() {
        let spent = QuotaSpent {
            window: Window::DayRequests,
            scope: Scope::Model,
            until: None,
            limit: Some(20),
            quota_id: None,
        };
        let usage = Usage { total: 7, ..Usage::default() };
        let all = [
            (Outcome::Served { usage }, "served", None),
            (Outcome::Empty { usage }, "empty", None),
            (Outcome::ClientFault, "client_fault", None),
            (Outcome::KeyDead(DeathReason::Leaked), "key_dead", Some("leaked")),
            (Outcome::QuotaSpent(spent), "quota_spent", Some("day_requests")),
            (Outcome::ModelBusy, "model_busy", None),
            (Outcome::KeyRefused, "key_refused", None),
            (Outcome::RegionRefused, "region_refused", None),
            (Outcome::LinkBroken(Phase::FirstByte), "link_broken", Some("first_byte")),
            (Outcome::Cancelled { usage }, "cancelled", None),
        ];
        for ((outcome, label, detail), listed) in all.iter().zip(Outcome::LABELS) {
            assert_eq!(outcome.label(), *label);
            assert_eq!(outcome.label(), *listed);
            assert_eq!(outcome.detail(), *detail);
        }
        assert_eq!(all[0].0.usage(), Some(usage));
        assert_eq!(all[2].0.usage(), None);
    }
}

//! Failed attempts that are alike: how often, since when, whom they concern, and what people decided of
//! them.

mod lately;

use std::collections::BTreeMap;

use keypool::Timestamp;
use store::{ErrorKind, ErrorMark, LoggedError, Mark, Met, Store, StoreError, Subject};

use crate::error::Error;
use crate::traffic::Spark;

pub(crate) use lately::Lately;

/// So many groups are looked through, the most frequent.
const KNOWN: u64 = 500;

/// So many attempts of a group are looked through for whom they concern, the newest.
pub(crate) const LOOKED_AT: u64 = 20_000;

/// How a group stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Open,
    Ignored,
    Resolved,
}

/// Failed attempts that are alike.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) kind: ErrorKind,
    pub(crate) times: u64,
    pub(crate) standing: Standing,
    /// What was decided of it; nothing of open ones.
    pub(crate) mark: Option<ErrorMark>,
    /// When the oldest happened that the log still holds.
    pub(crate) first: Option<Timestamp>,
    /// The newest that the log still holds.
    pub(crate) newest: Option<LoggedError>,
    pub(crate) met: Met,
    pub(crate) spark: Spark,
}

/// Which groups are wanted; without a condition all.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    pub(crate) standing: Option<Standing>,
    /// Only the one with this name.
    pub(crate) label: Option<String>,
    /// At most so many, the most frequent.
    pub(crate) most: usize,
}

/// Groups, and how many there are besides.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    pub(crate) shown: Vec<Group>,
    /// How many are open, ignored and resolved.
    pub(crate) counts: [usize; 3],
    /// All attempts that failed.
    pub(crate) times: u64,
}

/// A group of which only its sums are known.
struct Summed {
    label: String,
    kind: ErrorKind,
    times: u64,
    standing: Standing,
}

impl Groups {
    pub(crate) async fn read(
        store: &Store,
        lately: &Lately,
        choice: &Choice,
    ) -> Result<Self, StoreError> {
        let mut marks = store.error_marks().await?;
        let summed = summed(store, lately, &marks).await?;
        let mut groups = Self::default();
        for group in &summed {
            groups.counts[group.standing as usize] += 1;
            groups.times += group.times;
        }
        let is_wanted = |group: &Summed| {
            choice.standing.is_none_or(|standing| standing == group.standing)
                && choice.label.as_ref().is_none_or(|label| *label == group.label)
        };
        let wanted: Vec<_> = summed.into_iter().filter(is_wanted).take(choice.most).collect();
        let labels: Vec<_> = wanted.iter().map(|group| group.label.as_str()).collect();
        let mut sparks = lately.sparks(store, &labels).await?;
        for Summed { label, kind, times, standing } in wanted {
            groups.shown.push(Group {
                times,
                standing,
                mark: marks.remove(&label).filter(|_| standing != Standing::Open),
                first: store.first_of_kind(&kind).await?,
                newest: store.newest_of_kind(&kind).await?,
                met: store.met_by(&kind, lately.since(), LOOKED_AT).await?,
                spark: sparks.remove(&label).unwrap_or_default(),
                kind,
            });
        }
        Ok(groups)
    }
}

/// The most frequent groups, with how each stands.
async fn summed(
    store: &Store,
    lately: &Lately,
    marks: &BTreeMap<String, ErrorMark>,
) -> Result<Vec<Summed>, StoreError> {
    let mut summed = Vec::new();
    for (label, tally) in store.busiest(Subject::Error, lately.span, lately.period, KNOWN).await? {
        let Some(kind) = ErrorKind::from_label(&label) else { continue };
        let standing = match marks.get(&label) {
            None => Standing::Open,
            Some(mark) if mark.mark == Mark::Ignored => Standing::Ignored,
            Some(mark) => {
                let newest = store.newest_of_kind(&kind).await?;
                let is_back = newest.is_some_and(|newest| newest.at > mark.at);
                if is_back { Standing::Open } else { Standing::Resolved }
            }
        };
        summed.push(Summed { label, kind, times: tally.requests, standing });
    }
    Ok(summed)
}

impl Standing {
    pub(crate) const ALL: [Self; 3] = [Self::Open, Self::Ignored, Self::Resolved];

    /// As it stands in addresses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ignored => "ignored",
            Self::Resolved => "resolved",
        }
    }

    /// The one of this name.
    pub(crate) fn of_name(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|standing| standing.as_str() == name);
        found.ok_or_else(|| Error::invalid("state", "accepted are open, ignored and resolved"))
    }

    /// The same; `None` for all, whatever they are.
    pub(crate) fn of_filter(name: &str) -> Result<Option<Self>, Error> {
        if name == "all" {
            return Ok(None);
        }
        let wrong = |_| Error::invalid("state", "accepted are all, open, ignored and resolved");
        Self::of_name(name).map(Some).map_err(wrong)
    }

    /// What has to be decided for it.
    pub(crate) fn mark(self) -> Option<Mark> {
        match self {
            Self::Open => None,
            Self::Ignored => Some(Mark::Ignored),
            Self::Resolved => Some(Mark::Resolved),
        }
    }
}

impl Group {
    /// Its name.
    pub(crate) fn label(&self) -> String {
        self.kind.label()
    }

    /// Whether the fault may lie with its keys.
    pub(crate) fn is_of_keys(&self) -> bool {
        let outcomes = ["key_dead", "key_refused", "quota_spent"];
        self.met.keys > 0 && outcomes.contains(&self.kind.outcome.as_str())
    }

    /// Whether there are older attempts that were not looked at.
    pub(crate) fn is_bounded(&self) -> bool {
        self.met.attempts >= LOOKED_AT
    }
}

/// The kind with this name.
pub(crate) fn kind_of(label: &str) -> Result<ErrorKind, Error> {
    ErrorKind::from_label(label).ok_or_else(|| {
        Error::invalid("group", "is the name of no group, like quota_spent/429/gemini-2.5-pro")
    })
}

use keypool::{Domain, KeySnapshot, KeyState, KeyView, Platform, Timestamp};

use crate::words::shell::ShellWords;

/// How a key stands, as people speak of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Usable for every model.
    Ready,
    /// Out of a quota that is renewed within minutes.
    Cooling,
    /// Out of a quota of the day.
    Exhausted,
    /// Refused by Google for good.
    Invalid,
    /// Disabled by a person.
    Disabled,
}

impl Standing {
    pub(crate) const ALL: [Self; 5] =
        [Self::Ready, Self::Cooling, Self::Exhausted, Self::Invalid, Self::Disabled];

    /// The name in addresses and styles.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Cooling => "cooling",
            Self::Exhausted => "exhausted",
            Self::Invalid => "invalid",
            Self::Disabled => "disabled",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == name)
    }

    /// The name that people read.
    pub(crate) fn label(self, words: &ShellWords) -> &'static str {
        match self {
            Self::Ready => words.ready,
            Self::Cooling => words.cooling,
            Self::Exhausted => words.exhausted,
            Self::Invalid => words.invalid,
            Self::Disabled => words.disabled,
        }
    }

    /// The icon that says the same as the colour.
    pub(crate) fn icon(self) -> &'static str {
        match self {
            Self::Ready => "circle-check",
            Self::Cooling => "timer",
            Self::Exhausted => "hourglass",
            Self::Invalid => "circle-x",
            Self::Disabled => "ban",
        }
    }

    pub(crate) fn of(key: &KeyView<'_>) -> Self {
        Self::of_state(key.state, || key.is_exhausted)
    }

    fn of_state(state: KeyState, is_exhausted: impl FnOnce() -> bool) -> Self {
        match state {
            KeyState::Ready => Self::Ready,
            KeyState::Dead { .. } => Self::Invalid,
            KeyState::Disabled => Self::Disabled,
            KeyState::Cooling if is_exhausted() => Self::Exhausted,
            KeyState::Cooling => Self::Cooling,
        }
    }
}

/// A key, ready to be shown.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) snapshot: KeySnapshot,
    pub(crate) standing: Standing,
}

impl Key {
    pub(crate) fn new(snapshot: KeySnapshot) -> Self {
        let is_daily = || snapshot.blocks.iter().any(|block| block.window.is_daily());
        Self { standing: Standing::of_state(snapshot.state, is_daily), snapshot }
    }

    pub(crate) fn id(&self) -> &str {
        self.snapshot.id.as_str()
    }

    pub(crate) fn name(&self) -> &str {
        self.snapshot.name.as_deref().unwrap_or_default()
    }

    /// Its project, if it is known; a guess is no knowledge.
    pub(crate) fn project(&self) -> Option<&str> {
        project_of(&self.snapshot.domain, self.snapshot.is_guess)
    }

    /// Whether it is for Vertex AI.
    pub(crate) fn is_of_vertex(&self) -> bool {
        self.snapshot.platform == Platform::Vertex
    }

    /// When the last of its blocks ends, for a countdown; `None` of keys that more stands against.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        let is_waiting = matches!(self.standing, Standing::Cooling | Standing::Exhausted);
        let blocks = self.snapshot.blocks.iter().filter(|_| is_waiting);
        blocks.map(|block| block.until).max()
    }

    /// Why it is invalid.
    pub(crate) fn reason(&self) -> &'static str {
        reason(&self.snapshot.state)
    }

    /// All attempts since the start.
    pub(crate) fn attempts(&self) -> u64 {
        let counters = &self.snapshot.counters;
        counters.served + counters.quota_spent + counters.failed
    }
}

/// The project of a domain, if it is known; a guess is no knowledge.
pub(super) fn project_of(domain: &Domain, is_guess: bool) -> Option<&str> {
    domain.project().filter(|_| !is_guess).map(AsRef::as_ref)
}

/// Why a key is invalid; nothing of others.
pub(super) fn reason(state: &KeyState) -> &'static str {
    match state {
        KeyState::Dead { reason, .. } => reason.as_str(),
        _ => "",
    }
}

//! What is told.

use keypool::Timestamp;
use serde_json::{Value, json};
use settings::NotifiedEvent;

/// One message to the owner.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// What it is about.
    pub about: About,
    /// Whether something began or is over.
    pub state: State,
    /// When it was found.
    pub at: Timestamp,
    /// One line.
    pub title: String,
    /// Some lines; no Markdown.
    pub text: String,
    /// The same for machines; its fields depend on what it is about.
    pub details: Value,
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Something that can be over.
    Event(NotifiedEvent),
    /// Yesterday.
    Digest,
    /// Several things that happened in quiet hours.
    Collected,
    /// Nothing: somebody wants to know whether messages arrive.
    Test,
}

impl About {
    /// Its name for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Event(event) => event.name(),
            Self::Digest => "digest",
            Self::Collected => "collected",
            Self::Test => "test",
        }
    }
}

/// Whether something began or is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It began.
    Problem,
    /// It is over.
    Over,
    /// Neither: it is only told.
    Notice,
}

impl State {
    /// Its name for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Problem => "problem",
            Self::Over => "over",
            Self::Notice => "notice",
        }
    }
}

impl Message {
    /// A message that only shows that messages arrive.
    pub fn test(now: Timestamp) -> Self {
        Self {
            about: About::Test,
            state: State::Notice,
            at: now,
            title: "This is a test".to_owned(),
            text: "Notifications of this gateway arrive here.".to_owned(),
            details: json!({}),
        }
    }

    /// Whether it must not wait for the end of quiet hours.
    pub fn is_urgent(&self) -> bool {
        self.about == About::Event(NotifiedEvent::PoolEmpty) || self.about == About::Test
    }

    /// All of it in fields, as the webhook gets it.
    pub fn fields(&self) -> Value {
        let at = jiff::Timestamp::from_millisecond(self.at.millis()).unwrap_or_default();
        json!({
            "event": self.about.name(),
            "state": self.state.name(),
            "at": at.to_string(),
            "title": self.title,
            "text": self.text,
            "details": self.details,
        })
    }
}

/// `1 key`, `2 keys`.
pub(crate) fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// A share of a hundred; none of nothing.
pub(crate) fn percent(part: u64, whole: u64) -> u64 {
    part.saturating_mul(100).checked_div(whole).unwrap_or_default()
}

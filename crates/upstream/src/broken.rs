//! An attempt that ended without a whole answer.

use std::borrow::Cow;

use keypool::{Outcome, Phase};

/// Why an attempt produced no answer, or an answer stopped half-way.
///
/// The message never holds a key, a proxy's password, a path or a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct Broken {
    /// How far the attempt had come.
    pub phase: Phase,
    /// One short sentence for logs and error bodies.
    pub message: Cow<'static, str>,
    /// Whether any byte of the request may have reached the other side: if not, sending it again
    /// cannot do it twice.
    pub sent: bool,
    /// Whether a time limit ended it (a gateway answers 504, else 502).
    pub timed_out: bool,
}

impl Broken {
    pub(crate) fn new(phase: Phase, message: impl Into<Cow<'static, str>>) -> Self {
        Self { phase, message: message.into(), sent: true, timed_out: false }
    }

    pub(crate) fn unsent(phase: Phase, message: impl Into<Cow<'static, str>>) -> Self {
        Self { sent: false, ..Self::new(phase, message) }
    }

    pub(crate) fn timed_out(self) -> Self {
        Self { timed_out: true, ..self }
    }

    /// What the pool is told.
    pub fn outcome(&self) -> Outcome {
        Outcome::LinkBroken(self.phase)
    }
}

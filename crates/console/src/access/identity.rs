use axum::extract::FromRequestParts;
use http::request::Parts;
use keypool::Timestamp;
use store::{Role, Session};

use crate::error::Error;

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// The name that the audit log knows.
    pub(crate) actor: String,
    pub(crate) role: Role,
    pub(crate) means: Means,
}

/// How they proved it.
#[derive(Debug, Clone)]
pub(crate) enum Means {
    /// By the password, with this very request.
    Password,
    /// By a session: its id, and when its password was given last.
    Session { id: String, confirmed_at: Timestamp },
}

impl Identity {
    /// Whoever knows `AUTH_TOKEN`.
    pub(crate) const ADMIN: &'static str = "admin";

    /// For how long after a password was given secrets may be revealed, in milliseconds.
    const FRESH: i64 = 5 * 60 * 1000;

    pub(super) fn bearer() -> Self {
        let actor = Self::ADMIN.to_owned();
        Self { actor, role: Role::Administrator, means: Means::Password }
    }

    /// Whether the password was given a short while ago, as what reveals secrets demands.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        match &self.means {
            Means::Password => true,
            Means::Session { confirmed_at, .. } => {
                now.millis() - confirmed_at.millis() <= Self::FRESH
            }
        }
    }

    /// Whether they may change things; pages show no buttons to those who may not.
    pub(crate) fn may_change(&self) -> bool {
        self.role == Role::Administrator
    }
}

impl From<Session> for Identity {
    fn from(session: Session) -> Self {
        let Session { id, actor, role, confirmed_at, .. } = session;
        Self { actor, role, means: Means::Session { id, confirmed_at } }
    }
}

impl<S: Sync> FromRequestParts<S> for Identity {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or(Error::Unauthorized)
    }
}

use axum::extract::FromRequestParts;
use http::request::Parts;
use store::{Role, Scope, Session, StoredAdminToken};

use crate::error::Error;
use crate::words::shell::ShellWords;

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
    /// By an admin token, which opens no pages.
    Token,
    /// By the session of this id.
    Session { id: String },
}

impl Identity {
    /// Whoever knows `AUTH_TOKEN`.
    pub(crate) const ADMIN: &'static str = "admin";

    pub(super) fn bearer() -> Self {
        let actor = Self::ADMIN.to_owned();
        Self { actor, role: Role::Administrator, means: Means::Password }
    }

    /// Whether they may change things; pages show no buttons to those who may not.
    pub(crate) fn may_change(&self) -> bool {
        self.role == Role::Administrator
    }

    /// What they may do, in a word.
    pub(crate) fn says(&self, words: &ShellWords) -> &'static str {
        words.role(self.role)
    }

    /// The id of the session that they ask within.
    pub(crate) fn session(&self) -> Option<&str> {
        match &self.means {
            Means::Session { id } => Some(id),
            Means::Password | Means::Token => None,
        }
    }
}

impl From<Session> for Identity {
    fn from(session: Session) -> Self {
        let Session { id, actor, role, .. } = session;
        Self { actor, role, means: Means::Session { id } }
    }
}

impl From<StoredAdminToken> for Identity {
    fn from(token: StoredAdminToken) -> Self {
        let role = match token.scope {
            Scope::Read => Role::Viewer,
            Scope::Full => Role::Administrator,
        };
        Self {
            actor: format!("{} (token of {})", token.name, token.maker),
            role,
            means: Means::Token,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Identity {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or(Error::Unauthorized)
    }
}

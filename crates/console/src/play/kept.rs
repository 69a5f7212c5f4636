//! Conversations that somebody keeps: everything that was said, in all branches, and what was chosen.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::markdown;
use super::wanted::{Attachment, Dialect, Role};

/// A conversation as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = KeptConversation)]
pub(crate) struct Kept {
    pub(crate) dialect: Dialect,
    pub(crate) model: String,
    /// Another model that was asked as well.
    #[serde(default)]
    pub(crate) second: String,
    #[serde(default)]
    pub(crate) system: String,
    /// What else was chosen, by the names that the fields of a request have.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(crate) options: Map<String, Value>,
    /// Each from its beginning.
    pub(crate) branches: Vec<Vec<KeptTurn>>,
    /// Which branch is looked at, from 0.
    #[serde(default)]
    pub(crate) current: usize,
}

/// What was said in a turn.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct KeptTurn {
    pub(crate) role: Role,
    /// What was asked.
    #[serde(default)]
    pub(crate) text: String,
    /// What was answered, by each of the models.
    #[serde(default)]
    pub(crate) answers: Vec<String>,
    #[serde(default)]
    pub(crate) files: Vec<Attachment>,
    /// The answers as HTML without anything that could hurt; made when it is read.
    #[serde(default, skip_deserializing)]
    pub(crate) html: Vec<String>,
}

impl Kept {
    /// With the answers as HTML.
    pub(crate) fn rendered(mut self) -> Self {
        for turn in self.branches.iter_mut().flatten() {
            turn.html = turn.answers.iter().map(|answer| markdown::render(answer)).collect();
        }
        self
    }
}

//! A setting as people see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::layers::{Entry, Origin, parse_default};

/// One setting as `config list` and the console show it; holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each answers its own question of a reader")]
#[schema(as = Setting)]
pub struct Row {
    /// The variable's name.
    pub name: &'static str,
    /// The chapter's name in lower case.
    pub group: &'static str,
    /// The value in canonical text, none if unset. For a secret only that it is set.
    pub value: Option<String>,
    /// The layer that the value came from.
    pub source: Origin,
    /// The other variable that the value came through, if any.
    pub via: Option<&'static str>,
    /// The default in canonical text, none if unset.
    pub default: Option<&'static str>,
    /// What values are accepted, as a phrase.
    pub kind: String,
    /// What it does.
    pub help: &'static str,
    /// A change takes effect at the next start only.
    pub restart: bool,
    /// An administrator may store a value.
    pub stored_allowed: bool,
    /// The value is, or may hold, a secret.
    pub secret: bool,
    /// False: understood, but without an effect in this version.
    pub effective: bool,
}

impl Row {
    pub(crate) fn new(entry: &Entry) -> Self {
        let definition = entry.definition;
        Self {
            name: definition.name,
            group: definition.group.name(),
            value: entry.value.as_ref().map(|value| value.shown(definition.kind)),
            source: entry.origin,
            via: entry.via,
            default: parse_default(definition).map(|_| definition.default),
            kind: definition.kind.accepts(),
            help: definition.help,
            restart: definition.restart,
            stored_allowed: definition.storable(),
            secret: definition.is_secret(),
            effective: definition.effective,
        }
    }
}

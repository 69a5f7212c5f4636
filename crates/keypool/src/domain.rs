//! Whose quota it is.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{KeyId, Platform, UnknownLabel};

/// What Google's quotas belong to: a project, or a key whose project is not known and which
/// therefore counts as a project of its own.
///
/// A project has other quotas for Vertex AI than for the Gemini API. The text form is
/// `project:<name>`, `vertex:<name>` or `key:<id>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Domain {
    /// A project by its declared name.
    #[schema(value_type = String)]
    Project(Arc<str>),
    /// A project by its declared name, as a user of Vertex AI.
    #[schema(value_type = String)]
    Vertex(Arc<str>),
    /// A key that stands for its own, unknown project.
    Key(KeyId),
}

impl Domain {
    /// Whose quota a key uses that is said to be of this project.
    pub fn of(key: &KeyId, project: Option<&str>, platform: Platform) -> Self {
        match (project, platform) {
            (Some(project), Platform::Gemini) => Self::Project(project.into()),
            (Some(project), Platform::Vertex) => Self::Vertex(project.into()),
            (None, _) => Self::Key(key.clone()),
        }
    }

    /// The project's declared name, if there is one.
    pub fn project(&self) -> Option<&Arc<str>> {
        match self {
            Self::Project(name) | Self::Vertex(name) => Some(name),
            Self::Key(_) => None,
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(name) => write!(formatter, "project:{name}"),
            Self::Vertex(name) => write!(formatter, "vertex:{name}"),
            Self::Key(id) => write!(formatter, "key:{id}"),
        }
    }
}

impl FromStr for Domain {
    type Err = UnknownLabel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("project", name)) => Ok(Self::Project(name.into())),
            Some(("vertex", name)) => Ok(Self::Vertex(name.into())),
            Some(("key", id)) => Ok(Self::Key(id.into())),
            _ => Err(UnknownLabel { kind: "quota domain", text: text.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_reads_back() {
        let project = Domain::Project("a:b".into());
        for domain in [project, Domain::Vertex("a:b".into()), Domain::Key("0199".into())] {
            assert_eq!(domain.to_string().parse(), Ok(domain));
        }
        assert!("nobody".parse::<Domain>().is_err());
    }
}

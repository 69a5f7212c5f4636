//! A page of the register.

use std::collections::HashMap;

use keypool::Timestamp;
use store::Resource;

use super::filter::{Filter, State};
use super::kinds::kind_name;
use super::register::{Counts, ProjectUse, Register};
use crate::State as Console;
use crate::error::Error;

/// A page of what a filter finds, and what is around it.
pub(crate) struct Listing {
    pub(crate) files: Vec<File>,
    /// How many the filter finds.
    pub(crate) matching: u64,
    /// How many there are that pass the rest of the filter, by state.
    pub(crate) counts: Counts,
    /// From 1.
    pub(crate) page: u64,
    pub(crate) pages: u64,
    /// What there is to choose from.
    pub(crate) kinds: Vec<String>,
    pub(crate) projects: Vec<String>,
    /// Ids and names of client tokens.
    pub(crate) tokens: Vec<(String, String)>,
    pub(crate) uses: Vec<ProjectUse>,
}

/// A resource, ready to be shown.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) resource: Resource,
    /// The name of the client token that it belongs to, if that is known.
    pub(crate) owner: Option<String>,
    /// The key that it was made with, as it may be shown; nothing if the pool has it no more.
    pub(crate) key: Option<String>,
    pub(crate) project: Option<String>,
    pub(crate) standing: Standing,
}

/// How a resource stands, as people speak of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It can be used.
    Live,
    /// Google works on it.
    Working,
    /// Google has given it up.
    Failed,
    /// It lives, and no key reaches it.
    Unreachable,
    /// Google has deleted it by now.
    Expired,
}

impl Standing {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Working => "working",
            Self::Failed => "failed",
            Self::Unreachable => "unreachable",
            Self::Expired => "expired",
        }
    }

    /// The colour that says the same.
    pub(crate) fn colour(self) -> &'static str {
        match self {
            Self::Live => "ready",
            Self::Working => "cooling",
            Self::Failed | Self::Unreachable => "invalid",
            Self::Expired => "disabled",
        }
    }

    /// The icon that says the same.
    pub(crate) fn icon(self) -> &'static str {
        match self {
            Self::Live => "circle-check",
            Self::Working => "timer",
            Self::Failed => "circle-x",
            Self::Unreachable => "triangle-alert",
            Self::Expired => "clock",
        }
    }

    fn of(resource: &Resource, is_reachable: bool, now: Timestamp) -> Self {
        if resource.expires_at.is_some_and(|end| end <= now) {
            return Self::Expired;
        }
        if !is_reachable {
            return Self::Unreachable;
        }
        let state = resource.state.to_ascii_uppercase();
        let ends = |words: &[&str]| words.iter().any(|word| state.ends_with(word));
        if ends(&["PROCESSING", "PENDING", "RUNNING", "QUEUED", "IN_PROGRESS", "CREATING"]) {
            Self::Working
        } else if ends(&["FAILED", "CANCELLED", "CANCELED", "INCOMPLETE"]) {
            Self::Failed
        } else {
            Self::Live
        }
    }
}

impl Filter {
    /// The page of the register that is wanted.
    pub(crate) async fn apply(&self, console: &Console) -> Result<Listing, Error> {
        let now = relay::now();
        let register = Register::read(console, &self.token, now).await?;
        let counts = register.counts(self);
        let matching = match self.state() {
            None => counts.live + counts.expired,
            Some(State::Live) => counts.live,
            Some(State::Unreachable) => counts.unreachable,
            Some(State::Expired) => counts.expired,
        };
        let per = self.per();
        let pages = matching.div_ceil(per).max(1);
        let page = self.page.parse().unwrap_or(1).clamp(1, pages);
        let found = console
            .store
            .page_of_resources(&register.understood(self), self.order(), (page - 1) * per, per, now)
            .await?;
        let tokens = console.store.list_tokens().await?;
        let tokens: Vec<_> = tokens.into_iter().map(|token| (token.id, token.name)).collect();
        let names: HashMap<&str, &str> =
            tokens.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
        let files = found.into_iter().map(|resource| File::new(resource, &register, &names, now));
        Ok(Listing {
            files: files.collect(),
            matching,
            counts,
            page,
            pages,
            kinds: register.kinds(),
            projects: register.projects(),
            uses: register.uses(),
            tokens,
        })
    }
}

impl File {
    fn new(
        resource: Resource,
        register: &Register,
        names: &HashMap<&str, &str>,
        now: Timestamp,
    ) -> Self {
        let project = register.keys.project(&resource.key_id, resource.project.as_deref());
        let is_reachable = register.keys.reaches(&resource.key_id, project.as_ref());
        Self {
            owner: names.get(resource.token_id.as_str()).map(|name| (*name).to_owned()),
            key: register.keys.find(&resource.key_id).map(|key| key.mask.to_string()),
            project: project.as_deref().map(str::to_owned),
            standing: Standing::of(&resource, is_reachable, now),
            resource,
        }
    }

    /// The kind's short name.
    pub(crate) fn kind(&self) -> &str {
        kind_name(&self.resource.kind)
    }

    /// What people call it, if they do.
    pub(crate) fn title(&self) -> Option<&str> {
        self.resource.display_name.as_deref().filter(|name| !name.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_it_stands_is_told_by_the_worst() {
        let resource = |state: &str, expires: Option<i64>| Resource {
            name: "files/a".to_owned(),
            kind: "files".to_owned(),
            key_id: "k".to_owned(),
            project: None,
            token_id: "t".to_owned(),
            state: state.to_owned(),
            display_name: None,
            mime: None,
            size: None,
            created_at: Timestamp::from_millis(0),
            expires_at: expires.map(Timestamp::from_millis),
            body: String::new(),
        };
        let standing = |state, expires, reachable| {
            Standing::of(&resource(state, expires), reachable, Timestamp::from_millis(10))
        };
        assert_eq!(standing("ACTIVE", Some(11), true), Standing::Live);
        assert_eq!(standing("", None, true), Standing::Live);
        assert_eq!(standing("BATCH_STATE_RUNNING", None, true), Standing::Working);
        assert_eq!(standing("in_progress", None, true), Standing::Working);
        assert_eq!(standing("FAILED", None, true), Standing::Failed);
        assert_eq!(standing("FAILED", None, false), Standing::Unreachable);
        assert_eq!(standing("ACTIVE", Some(10), false), Standing::Expired);
    }
}

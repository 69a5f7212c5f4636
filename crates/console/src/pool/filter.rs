use std::collections::HashSet;
use std::sync::Arc;

use keypool::{Domain, EgressId, KeyView, Platform, Timestamp};
use relay::{Configuration, Gateway};
use serde::{Deserialize, Serialize};
use store::Span;
use utoipa::{IntoParams, ToSchema};

use super::key::{Standing, project_of, reason};

/// Rows of a page, if nothing is said.
const PAGE: usize = 50;

/// Which keys are wanted, in which order and how many; as it stands in addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, ToSchema)]
#[serde(default)]
#[into_params(parameter_in = Query)]
#[schema(as = KeyFilter)]
pub(crate) struct Filter {
    /// `ready`, `cooling`, `exhausted`, `invalid` or `disabled`; without one all.
    pub(crate) status: String,
    /// Part of the mask, the name, the project or the id.
    pub(crate) q: String,
    /// A label that they carry.
    pub(crate) tag: String,
    /// `gemini` or `vertex`: which of Google's APIs they are for.
    pub(crate) platform: String,
    /// The project that they belong to.
    pub(crate) project: String,
    /// What Google said of those that are invalid.
    pub(crate) reason: String,
    /// The id of the proxy that they go through.
    pub(crate) proxy: String,
    /// How their last failure since the start is called, as in `quota_spent`.
    pub(crate) code: String,
    /// A model that they are out of quota for.
    pub(crate) model: String,
    /// The job that added them.
    pub(crate) added: String,
    /// Not used for so many days; `0` for those that were never used since the start.
    pub(crate) unused: String,
    /// `key`, `project`, `requests`, `success`, `used` or `weight`; with a `-` before it, downwards.
    pub(crate) sort: String,
    /// From 1.
    pub(crate) page: String,
    /// Keys of a page: 25, 50, 100 or 200.
    pub(crate) per: String,
}

/// A column to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Key,
    Project,
    Requests,
    Success,
    LastUsed,
    Weight,
}

impl Sort {
    fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "key" => Self::Key,
            "project" => Self::Project,
            "requests" => Self::Requests,
            "success" => Self::Success,
            "used" => Self::LastUsed,
            "weight" => Self::Weight,
            _ => return None,
        })
    }
}

impl Filter {
    pub(crate) fn per(&self) -> usize {
        match self.per.parse() {
            Ok(per @ (25 | 50 | 100 | 200)) => per,
            _ => PAGE,
        }
    }

    /// The same filter with one field changed, as a query; fields without a value are left out.
    pub(crate) fn with(&self, field: &str, value: &str) -> String {
        let page = if field == "page" { value } else { "" };
        let fields = [
            ("status", &*self.status),
            ("q", &self.q),
            ("tag", &self.tag),
            ("platform", &self.platform),
            ("project", &self.project),
            ("reason", &self.reason),
            ("proxy", &self.proxy),
            ("code", &self.code),
            ("model", &self.model),
            ("added", &self.added),
            ("unused", &self.unused),
            ("sort", &self.sort),
            ("per", &self.per),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, own) in fields {
            let text = if name == field { value } else { own };
            if !text.is_empty() {
                query.append_pair(name, text);
            }
        }
        if !page.is_empty() && page != "1" {
            query.append_pair("page", page);
        }
        query.finish()
    }

    /// What to sort by next when a column's head is chosen: upwards, downwards.
    pub(crate) fn next_sort(&self, column: &str) -> String {
        if self.sort == column { format!("-{column}") } else { column.to_owned() }
    }

    /// For `aria-sort`.
    pub(crate) fn direction(&self, column: &str) -> Option<&'static str> {
        match self.sort.strip_prefix('-') {
            Some(name) if name == column => Some("descending"),
            None if self.sort == column => Some("ascending"),
            _ => None,
        }
    }

    pub(super) fn standing(&self) -> Option<Standing> {
        Standing::of_name(&self.status)
    }

    pub(super) fn sort(&self) -> Option<Sort> {
        Sort::of_name(self.sort.trim_start_matches('-'))
    }

    pub(super) fn is_downwards(&self) -> bool {
        self.sort.starts_with('-')
    }

    /// Whether any of the rarer fields says something.
    pub(crate) fn has_more(&self) -> bool {
        let more = [&self.project, &self.proxy, &self.code, &self.model, &self.added, &self.unused];
        more.iter().any(|field| !field.is_empty())
    }
}

/// A filter with what it has to look up, ready for many keys.
pub(super) struct Sieve<'f> {
    filter: &'f Filter,
    /// In small letters.
    needle: String,
    /// The projects that are out of quota for the model.
    closed: HashSet<Domain>,
    configuration: Arc<Configuration>,
    /// The way out that is wanted.
    way: Option<EgressId>,
    /// Those that were used later are not wanted.
    used_before: Option<Timestamp>,
}

impl<'f> Sieve<'f> {
    pub(super) fn new(filter: &'f Filter, gateway: &Gateway, now: Timestamp) -> Self {
        let closed = |platform: &Platform| gateway.pool(*platform).closed_for(&filter.model, now);
        let closed = if filter.model.is_empty() {
            HashSet::new()
        } else {
            Platform::ALL.iter().flat_map(closed).collect()
        };
        let days = filter.unused.parse().ok().filter(|days| *days > 0);
        let before =
            |days: i64| now.millis().saturating_sub(days.saturating_mul(Span::Day.millis()));
        Self {
            needle: filter.q.trim().to_lowercase(),
            closed,
            configuration: gateway.configuration(),
            way: filter.proxy.parse().ok(),
            used_before: days.map(|days| Timestamp::from_millis(before(days))),
            filter,
        }
    }

    /// Whether a key is wanted, whatever its standing.
    pub(super) fn passes(&self, key: &KeyView<'_>) -> bool {
        let (filter, needle) = (self.filter, self.needle.as_str());
        let project = project_of(key.domain, key.is_guess);
        (needle.is_empty()
            || contains(key.mask, needle)
            || key.name.is_some_and(|name| contains(name, needle))
            || project.is_some_and(|project| contains(project, needle))
            || key.id.as_str() == needle)
            && (filter.tag.is_empty() || key.tags.contains(&filter.tag))
            && (filter.platform.is_empty() || key.platform.as_str() == filter.platform)
            && (filter.project.is_empty() || project == Some(&*filter.project))
            && (filter.reason.is_empty() || reason(&key.state) == filter.reason)
            && (filter.code.is_empty() || key.last_error == Some(&*filter.code))
            && (filter.model.is_empty() || self.closed.contains(key.domain))
            && (filter.added.is_empty() || key.batch.is_some_and(|batch| **batch == *filter.added))
            && (filter.proxy.is_empty() || self.goes_through(key))
            && (filter.unused.is_empty() || self.is_unused(key))
    }

    fn goes_through(&self, key: &KeyView<'_>) -> bool {
        let home = self.configuration.home_of(key.id, key.egress);
        self.way.is_some() && home == self.way
    }

    fn is_unused(&self, key: &KeyView<'_>) -> bool {
        let used = key.counters.last_used;
        used.is_none_or(|at| self.used_before.is_some_and(|before| at < before))
    }
}

/// Whether a text contains another, which is in small letters. Of tens of thousands of keys, so that
/// nothing is copied where it need not be.
fn contains(text: &str, needle: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().contains(needle);
    }
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    text.windows(needle.len().max(1)).any(|part| part.eq_ignore_ascii_case(needle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_what_is_said_and_nothing_else() {
        let filter = Filter { q: "a b".into(), page: "3".into(), ..Filter::default() };
        assert_eq!(filter.with("status", "cooling"), "status=cooling&q=a+b");
        assert_eq!(filter.with("page", "4"), "q=a+b&page=4");
        assert_eq!(filter.with("page", "1"), "q=a+b");
        assert_eq!(filter.with("q", ""), "");
    }

    #[test]
    fn texts_are_found_whatever_their_letters() {
        assert!(contains("AIzaSy…WXYZ", "wxyz") && contains("Käthe", "käth"));
        assert!(contains("GEN-lang-7", "n-la") && !contains("short", "shorter"));
    }

    #[test]
    fn a_column_sorts_upwards_and_then_downwards() {
        let mut filter = Filter::default();
        assert_eq!(filter.next_sort("key"), "key");
        filter.sort = "key".into();
        assert_eq!(
            (filter.next_sort("key"), filter.direction("key")),
            ("-key".into(), Some("ascending"))
        );
        filter.sort = "-key".into();
        assert_eq!(
            (filter.next_sort("key"), filter.direction("key")),
            ("key".into(), Some("descending"))
        );
        assert_eq!(filter.direction("project"), None);
    }
}

use keypool::{Platform, Snapshot};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::key::{Key, Standing};

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
    /// `key`, `project`, `requests`, `success`, `used` or `weight`; with a `-` before it, downwards.
    pub(crate) sort: String,
    /// From 1.
    pub(crate) page: String,
    /// Keys of a page: 25, 50, 100 or 200.
    pub(crate) per: String,
}

/// A column to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
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

/// What a filter finds.
#[derive(Debug)]
pub(crate) struct Listing {
    /// The keys of this page.
    pub(crate) keys: Vec<Key>,
    /// How many pass the filter.
    pub(crate) matching: usize,
    /// How many there are in all.
    pub(crate) total: usize,
    /// How many there are of each standing that pass the rest of the filter.
    pub(crate) counts: [usize; 5],
    /// Whether there are keys for more than one of Google's APIs.
    pub(crate) has_vertex: bool,
    /// Every label in use.
    pub(crate) tags: Vec<String>,
    /// From 1.
    pub(crate) page: usize,
    pub(crate) pages: usize,
}

impl Filter {
    pub(crate) fn per(&self) -> usize {
        match self.per.parse() {
            Ok(per @ (25 | 50 | 100 | 200)) => per,
            _ => PAGE,
        }
    }

    /// The page of the pool that is wanted.
    pub(crate) fn apply(&self, snapshot: Snapshot) -> Listing {
        let total = snapshot.keys.len();
        let mut tags: Vec<String> =
            snapshot.keys.iter().flat_map(|key| key.tags.iter().cloned()).collect();
        tags.sort();
        tags.dedup();
        let has_vertex = snapshot.keys.iter().any(|key| key.platform == Platform::Vertex);
        let mut counts = [0; 5];
        let wanted = Standing::of_name(&self.status);
        let mut keys = Vec::new();
        for key in snapshot.keys.into_iter().map(Key::new).filter(|key| self.passes(key)) {
            counts[key.standing as usize] += 1;
            if wanted.is_none_or(|wanted| key.standing == wanted) {
                keys.push(key);
            }
        }
        self.sort(&mut keys);
        let (matching, per) = (keys.len(), self.per());
        let pages = matching.div_ceil(per).max(1);
        let page = self.page.parse().unwrap_or(1).clamp(1, pages);
        let keys = keys.into_iter().skip((page - 1) * per).take(per).collect();
        Listing { keys, matching, total, counts, has_vertex, tags, page, pages }
    }

    /// All keys that are wanted, whatever the page.
    pub(crate) fn all(&self, snapshot: Snapshot) -> Vec<Key> {
        let wanted = Standing::of_name(&self.status);
        let keys = snapshot.keys.into_iter().map(Key::new);
        keys.filter(|key| wanted.is_none_or(|wanted| key.standing == wanted) && self.passes(key))
            .collect()
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

    fn passes(&self, key: &Key) -> bool {
        let q = self.q.trim();
        let contains = |text: &str| text.to_lowercase().contains(&q.to_lowercase());
        (q.is_empty()
            || contains(&key.snapshot.mask)
            || contains(key.name())
            || key.project().is_some_and(contains)
            || key.id() == q)
            && (self.tag.is_empty() || key.snapshot.tags.contains(&self.tag))
            && (self.platform.is_empty() || key.snapshot.platform.as_str() == self.platform)
            && (self.project.is_empty() || key.project() == Some(&self.project))
            && (self.reason.is_empty() || key.reason() == self.reason)
    }

    fn sort(&self, keys: &mut [Key]) {
        let name = self.sort.trim_start_matches('-');
        let Some(column) = Sort::of_name(name) else { return };
        match column {
            Sort::Key => keys.sort_by(|a, b| a.snapshot.mask.cmp(&b.snapshot.mask)),
            Sort::Project => keys.sort_by(|a, b| a.project().cmp(&b.project())),
            Sort::Requests => keys.sort_by_key(Key::attempts),
            Sort::Success => keys.sort_by_key(|key| {
                let served = key.snapshot.counters.served;
                (served * 10_000).checked_div(key.attempts())
            }),
            Sort::LastUsed => keys.sort_by_key(|key| key.snapshot.counters.last_used),
            Sort::Weight => keys.sort_by_key(|key| key.snapshot.weight),
        }
        if self.sort.starts_with('-') {
            keys.reverse();
        }
    }
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
